/** What is told to the sinks of a cluster that falls silent, and speaks again: an OCSF Event Log Activity (class 1008). */

import type { Origin } from "../../contract/record.ts";
import type { EncodedEvent } from "../../contract/sink.ts";
import { uidOf } from "../../normalise/uid.ts";
import { logActivity } from "./log-activity.ts";

export interface SilenceFact {
	/** "silent": nothing came since `sinceMs`. "speaking": after that silence something came. */
	readonly kind: "silent" | "speaking";
	readonly source: string;
	/** Of the cluster. */
	readonly origin: Origin;
	/** Epoch milliseconds: the newest event before the silence. */
	readonly sinceMs: number;
	/** Epoch milliseconds: up to where the log is known to be empty, or the first event after it. */
	readonly untilMs: number;
	/** As for audit events, if uids are keyed. */
	readonly identityKey?: string;
}

/** The same fact always has the same uid, so that a repetition is known as one. */
export function silenceEvent({ kind, source, origin, sinceMs, untilMs, identityKey }: SilenceFact): EncodedEvent {
	const { clusterKey = "", clusterName, clusterId, connector } = origin;
	const identity = Buffer.from(JSON.stringify(["silence", kind, source, clusterId ?? clusterName ?? "", sinceMs]));
	const isSilent = kind === "silent";
	const who = clusterName ?? clusterId ?? "a cluster whose name is not known";
	const [since, until] = [sinceMs, untilMs].map((ms) => new Date(ms).toISOString());
	return logActivity({
		uid: uidOf(clusterKey, identity, identityKey),
		name: isSilent ? "Silent" : "Speaking",
		severity: isSilent ? "Medium" : "Informational",
		timeMs: untilMs,
		startMs: sinceMs,
		endMs: untilMs,
		message: isSilent
			? `no audit event of ${who} between ${since} and ${until}`
			: `audit events of ${who} again, at ${until}, after none since ${since}`,
		origin,
		collector: { source, connector },
	});
}

/** A watermark as data: the event that tells the sinks up to when all of a scope has been delivered to them. */

import { hash } from "node:crypto";
import type { Reconciled } from "../../contract/connector.ts";
import type { Origin } from "../../contract/record.ts";
import type { EncodedEvent } from "../../contract/sink.ts";
import { uidOf } from "../../normalise/uid.ts";
import { logActivity } from "../outside/log-activity.ts";
import type { Range } from "./ranges.ts";

/** `activity_name` of these events. */
const WATERMARK = "Watermark";

/** Events of one cluster. */
export interface ClusterCount {
	readonly name?: string | undefined;
	readonly uid?: string | undefined;
	/** Distinct events, as far as `repeated` is known, that were delivered since the watermark before and whose time lies before this one. */
	readonly delivered: number;
	/** Those among them whose time does not lie before `fromMs`: at least so many has a store that lost none. */
	readonly within: number;
}

export interface WatermarkFact {
	readonly source: string;
	readonly scope: string;
	readonly origin: Origin;
	/** When the event is made, epoch milliseconds. */
	readonly timeMs: number;
	/** Everything that the service had taken in between these, and shown by the time it was asked, is delivered; epoch milliseconds. */
	readonly fromMs: number;
	readonly completeToMs: number;
	/** Of all clusters together. */
	readonly delivered: number;
	readonly within: number;
	/** Records that the service showed only after a watermark had passed them. */
	readonly late: number;
	/** Events that were delivered again; absent: they were too many to be told from new ones. */
	readonly repeated?: number | undefined;
	/** What in between could not be read any more. */
	readonly gaps: readonly Range[];
	/** What was compared with the service's own count since the watermark before. */
	readonly reconciled?: readonly Reconciled[];
	/** SHA-256 of the bytes of the watermark event before this one, in hex; absent in the first of a chain. */
	readonly previous?: string | undefined;
	/** Reading was begun anew since the watermark before: some events may have been sent twice, and some not counted. */
	readonly isRestart: boolean;
	/** Of a scope that holds others than the cluster of its origin. */
	readonly clusters?: readonly ClusterCount[] | undefined;
}

/** Pure. The same fact after the same events has the same uid: an event that is sent again is known as one. */
export function watermarkEvent(fact: WatermarkFact, identityKey?: string): EncodedEvent {
	const { source, scope, origin, timeMs, fromMs, completeToMs, previous } = fact;
	const identity = Buffer.from(JSON.stringify(["watermark", source, scope, at(completeToMs), previous ?? ""]));
	return logActivity({
		uid: uidOf(origin.clusterKey ?? "", identity, identityKey),
		name: WATERMARK,
		severity: "Informational",
		timeMs,
		startMs: fromMs,
		endMs: completeToMs,
		message: messageOf(fact),
		origin,
		collector: { connector: origin.connector, coverage: coverageOf(fact) },
	});
}

/** What the next event of the chain carries as `previous`. */
export function chainHash(bytes: Uint8Array | string): string {
	return hash("sha256", bytes, "hex");
}

function coverageOf(fact: WatermarkFact): object {
	const {
		source,
		scope,
		fromMs,
		completeToMs,
		delivered,
		within,
		late,
		repeated,
		gaps,
		reconciled = [],
		previous,
		isRestart,
		clusters,
	} = fact;
	return {
		source,
		scope,
		complete_to: at(completeToMs),
		from: at(fromMs),
		delivered,
		within,
		late,
		repeated,
		gaps: gaps.map((gap) => ({ from: at(gap.fromMs), to: at(gap.toMs) })),
		reconciled: reconciled.length === 0 ? undefined : reconciled.map(reconciledOf),
		previous,
		restart: isRestart ? true : undefined,
		clusters,
	};
}

function reconciledOf({ fromMs, untilMs, expected, delivered, found, missing }: Reconciled): object {
	return { from: at(fromMs), to: at(untilMs), expected, delivered, found, missing };
}

function messageOf({ source, scope, origin, completeToMs, delivered, late, gaps }: WatermarkFact): string {
	const who = origin.clusterName ?? origin.clusterId ?? `${source}, ${scope}`;
	const missing = gaps.map((gap) => ` except ${at(gap.fromMs)} to ${at(gap.toMs)}`).join("");
	return `audit events of ${who} are complete to ${at(completeToMs)}${missing}: ${delivered} delivered, ${late} late`;
}

function at(ms: number): string {
	return new Date(ms).toISOString();
}

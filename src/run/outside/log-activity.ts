/** What the collector itself tells the sinks of a log: an OCSF Event Log Activity (class 1008), as one line of JSON. */

import packageJson from "../../../package.json" with { type: "json" };
import type { Origin } from "../../contract/record.ts";
import type { EncodedEvent } from "../../contract/sink.ts";
import { plainOf, whole } from "../../json/pieces.ts";
import { cloudOf } from "../../normalise/metadata.ts";

const LOG_ACTIVITY_CLASS = 1008;

export interface LogActivity {
	readonly uid: string;
	/** OCSF has names for logs that are cleared, rotated or exported; what we tell is none of them. */
	readonly name: string;
	readonly severity: keyof typeof SEVERITIES;
	/** Epoch milliseconds. */
	readonly timeMs: number;
	/** What it is about lies between these, epoch milliseconds. */
	readonly startMs: number;
	readonly endMs: number;
	readonly message: string;
	/** Of the log; its labels become tags. The class has no resources: the cluster is the reporter. */
	readonly origin: Origin;
	/** What goes to `unmapped.collector`; members that are undefined are left out. */
	readonly collector: object;
}

const OTHER = 99;
const SEVERITIES = { Informational: 1, Medium: 3 } as const;

/** Valid against the schema of its class, whatever the origin's names are made of. */
export function logActivity(activity: LogActivity): EncodedEvent {
	const { uid, timeMs, origin } = activity;
	// What is undefined, JSON leaves out; what is no text would not be UTF-8.
	const text = JSON.stringify(eventOf(activity), (_, value: unknown) => (typeof value === "string" ? value.toWellFormed() : value));
	return { uid, timeMs, clusterKey: origin.clusterKey ?? "", bytes: Buffer.from(text) };
}

function eventOf(activity: LogActivity): object {
	const { name, severity, timeMs, startMs, endMs, message, origin, collector } = activity;
	const { cloud } = plainOf(whole(cloudOf(origin)));
	const { logName, logProvider } = origin;
	const at = (ms: number): string => new Date(ms).toISOString();
	return {
		class_uid: LOG_ACTIVITY_CLASS,
		class_name: "Event Log Activity",
		category_uid: 1,
		category_name: "System Activity",
		activity_id: OTHER,
		activity_name: name,
		type_uid: LOG_ACTIVITY_CLASS * 100 + OTHER,
		type_name: "Event Log Activity: Other",
		severity_id: SEVERITIES[severity],
		severity,
		time: timeMs,
		time_dt: at(timeMs),
		start_time: startMs,
		start_time_dt: at(startMs),
		end_time: endMs,
		end_time_dt: at(endMs),
		duration: Math.max(0, endMs - startMs),
		message,
		log_name: logName,
		log_provider: logProvider,
		log_type: "Kubernetes audit",
		log_type_id: OTHER,
		cloud,
		metadata: metadataOf(activity, cloud !== undefined),
		unmapped: { collector },
	};
}

function metadataOf({ uid, origin }: LogActivity, isInCloud: boolean): object {
	const { clusterName, clusterId, logName, logProvider, labels = {} } = origin;
	const tags = Object.entries(labels).map(([name, value]) => ({ name, value }));
	return {
		version: "1.8.0",
		profiles: ["datetime", ...(isInCloud ? ["cloud"] : [])],
		product: { name: packageJson.name, vendor_name: packageJson.name, version: packageJson.version },
		uid,
		log_name: logName,
		log_provider: logProvider,
		reporter: clusterName === undefined && clusterId === undefined ? undefined : { name: clusterName, uid: clusterId },
		tags: tags.length === 0 ? undefined : tags,
	};
}

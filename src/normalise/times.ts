/** Reads the zoo of timestamps, and fills the time attributes. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { textOf } from "../json/scan.ts";
import { keep, type Leftovers } from "./unmapped.ts";

/** OCSF's datetime_t. */
const DATETIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?$/;
/** Data lakes write a blank for the T, and no zone; they mean UTC. */
const LOOSE = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?) ?(Z|z|UTC|[+-]\d{2}:\d{2})?$/;

export interface ReadTime {
	/** Epoch milliseconds, rounded down. */
	readonly ms: number;
	/** As OCSF wants it: verbatim where that is RFC 3339. */
	readonly dt: string;
	readonly verbatim: boolean;
}

/** The instant that a source wrote; undefined if it is none. */
export function readTime(text: string | undefined): ReadTime | undefined {
	if (text === undefined) return undefined;
	const parts = LOOSE.exec(text);
	if (parts === null) return undefined;
	const [, date, time, zone] = parts;
	const offset = zone === undefined || zone === "UTC" ? "Z" : zone;
	const ms = Date.parse(`${date}T${time}${offset}`.toUpperCase());
	if (Number.isNaN(ms)) return undefined;
	const verbatim = DATETIME.test(text);
	return { ms, dt: verbatim ? text : `${date}T${time}${offset}`, verbatim };
}

export interface EventTime extends ReadTime {
	/** Where the time was found; "stageTimestamp" is the proper place. */
	readonly from: string;
}

/** When the event happened: the first of the event's own times, then the log service's, then the collector's clock. */
export function eventTime({ event, envelope }: DecodedEvent, nowMs: number): EventTime {
	const candidates: readonly (readonly [string, string | undefined])[] = [
		["stageTimestamp", event.stageTimestamp],
		["requestReceivedTimestamp", event.requestReceivedTimestamp],
		["timestamp", extraText(event, "timestamp")],
		["metadata.creationTimestamp", creationTimestamp(event)],
		["envelope", envelope.loggedTime],
	];
	for (const [from, text] of candidates) {
		const time = readTime(text);
		if (time !== undefined) return { ...time, from };
	}
	return { ms: nowMs, dt: new Date(nowMs).toISOString(), verbatim: false, from: "collector" };
}

type TimeAttributes = Pick<OcsfEvent, "time" | "time_dt" | "start_time" | "start_time_dt" | "end_time" | "duration">;

export function timeAttributes(event: AuditEvent, time: EventTime, leftovers: Leftovers): TimeAttributes {
	const start = readTime(event.requestReceivedTimestamp);
	if (event.requestReceivedTimestamp !== undefined && start?.verbatim !== true) {
		keep(leftovers, ["requestReceivedTimestamp"], event.requestReceivedTimestamp);
	}
	const isEnd = time.from === "stageTimestamp";
	return {
		time: time.ms,
		time_dt: time.dt,
		...(start === undefined ? {} : { start_time: start.ms, start_time_dt: start.dt }),
		...(isEnd ? { end_time: time.ms } : {}),
		...(isEnd && start !== undefined ? { duration: Math.max(0, time.ms - start.ms) } : {}),
	};
}

/** Events of 2017 and v1beta1 have their time here. */
function extraText(event: AuditEvent, key: string): string | undefined {
	const extra = event.extras?.find(({ path }) => path.length === 1 && path[0] === key);
	const value: unknown = extra === undefined ? undefined : JSON.parse(textOf(extra.value.raw));
	return typeof value === "string" ? value : undefined;
}

function creationTimestamp(event: AuditEvent): string | undefined {
	const extra = event.extras?.find(({ path }) => path.length === 1 && path[0] === "metadata");
	if (extra === undefined) return undefined;
	const value = JSON.parse(textOf(extra.value.raw)) as { creationTimestamp?: unknown } | null;
	return typeof value?.creationTimestamp === "string" ? value.creationTimestamp : undefined;
}

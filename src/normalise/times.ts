/** Reads the zoo of timestamps, and fills the time attributes. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { JsonObject } from "../contract/json.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { members, type Piece, tree } from "../json/pieces.ts";
import { rememberTexts } from "../json/remember.ts";
import { textOf } from "../json/scan.ts";
import { isObject } from "../json/value.ts";
import { sparse } from "./sparse.ts";

const STAGE = "stageTimestamp";

/** RFC 3339 as everybody writes it, which Date.parse reads as it is. */
const STRICT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
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
	if (!STRICT.test(text)) return readLoose(text);
	const ms = text.endsWith("Z") ? utcMs(text) : Date.parse(text);
	return Number.isNaN(ms) ? undefined : { ms, dt: text, verbatim: true };
}

const startOfDay = rememberTexts((day) => Date.parse(`${day}T00:00:00Z`));
const [MINUTE_MS, SECOND_MS] = [60_000, 1_000] as const;

/** What Date.parse says of a strict time in UTC, for half the price: nearly all events are of a day that was seen before. */
function utcMs(text: string): number {
	const [hours, minutes, seconds] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
	if (hours > 23 || minutes > 59 || seconds > 59) return Date.parse(text);
	const fractionEnd = Math.min(text.length - 1, 23);
	const fraction = digits(text, 20, fractionEnd) * 10 ** Math.max(0, 23 - Math.max(20, fractionEnd));
	return startOfDay(text.slice(0, 10)) + (hours * 60 + minutes) * MINUTE_MS + seconds * SECOND_MS + fraction;
}

function digits(text: string, start: number, end: number): number {
	let value = 0;
	for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - ZERO;
	return value;
}

const ZERO = 0x30;

function readLoose(text: string): ReadTime | undefined {
	const parts = LOOSE.exec(text);
	if (parts === null) return undefined;
	const [, date, time, zone] = parts;
	const dt = `${date}T${time}${zone === undefined || zone === "UTC" ? "Z" : zone}`;
	const ms = Date.parse(dt.toUpperCase());
	if (Number.isNaN(ms)) return undefined;
	const verbatim = DATETIME.test(text);
	return { ms, dt: verbatim ? text : dt, verbatim };
}

export interface EventTime extends ReadTime {
	/** Where the time was found; "stageTimestamp" is the proper place. */
	readonly from: string;
}

const SOURCES: readonly { readonly from: string; find(decoded: DecodedEvent): string | undefined }[] = [
	{ from: STAGE, find: ({ event }) => event.stageTimestamp },
	{ from: "requestReceivedTimestamp", find: ({ event }) => event.requestReceivedTimestamp },
	// Events of 2017 and v1beta1 have their time in one of these.
	{ from: "timestamp", find: ({ event }) => asText(extraValue(event, "timestamp")) },
	{ from: "metadata.creationTimestamp", find: ({ event }) => creationTimestamp(event) },
	{ from: "envelope", find: ({ envelope }) => envelope.loggedTime },
];

/** When the event happened: the first of the event's own times, then the log service's, then the collector's clock. */
export function eventTime(decoded: DecodedEvent, nowMs: number): EventTime {
	for (const { from, find } of SOURCES) {
		const time = readTime(find(decoded));
		if (time !== undefined) return { ms: time.ms, dt: time.dt, verbatim: time.verbatim, from };
	}
	return { ms: nowMs, dt: new Date(nowMs).toISOString(), verbatim: false, from: "collector" };
}

/** Whether the time is what the source says of this stage, and not the next best that could be found. */
export function isStageTime({ from }: EventTime): boolean {
	return from === STAGE;
}

type TimeAttributes = Pick<OcsfEvent, "time" | "time_dt" | "start_time" | "start_time_dt" | "end_time" | "duration">;

/** `start` is what the event says of its reception, if that is a time. */
export function timesOf(time: EventTime, start: ReadTime | undefined): Piece<TimeAttributes> {
	const isEnd = isStageTime(time);
	return members(
		sparse<TimeAttributes>({
			time: time.ms,
			time_dt: time.dt,
			start_time: start?.ms,
			start_time_dt: start?.dt,
			end_time: isEnd ? time.ms : undefined,
			duration: isEnd && start !== undefined ? Math.max(0, time.ms - start.ms) : undefined,
		}),
	);
}

/** The member as the source wrote it, unless that is how it is written now. */
export function timeLeftovers(member: string, text: string | undefined, read: ReadTime | undefined): Piece<JsonObject> | undefined {
	return isLeft(text, read) ? tree({ [member]: text }) : undefined;
}

/** Whether a time was written in a way that the event does not show. */
export function isLeft(text: string | undefined, read: ReadTime | undefined): text is string {
	return text !== undefined && read?.verbatim !== true;
}

function creationTimestamp(event: AuditEvent): string | undefined {
	const metadata = extraValue(event, "metadata");
	return isObject(metadata) ? asText(metadata["creationTimestamp"]) : undefined;
}

function extraValue(event: AuditEvent, key: string): unknown {
	const extra = event.extras?.find(({ path }) => path.length === 1 && path[0] === key);
	return extra === undefined ? undefined : JSON.parse(textOf(extra.value.raw));
}

function asText(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

/** One simulated log group: what it stored, and stretches of it. */

import { createStoredLog, type Place } from "../../src/simulation/stored-log.ts";
import type { LogEvent } from "./client.ts";

/** What is said of a log group when it is made. */
export interface GroupSettings {
	readonly name: string;
	readonly region: string;
	readonly account: string;
	/** Absent: for ever. */
	readonly retentionInDays?: number;
	readonly logGroupClass?: "STANDARD" | "INFREQUENT_ACCESS" | "DELIVERY" | "ESSENTIALS";
}

export interface StoredGroup {
	readonly settings: GroupSettings;
	put(event: LogEvent, visibleAtMs: number): void;
	stretch(question: StretchQuestion): Stretch;
	/** Drops what is older. */
	forget(beforeMs: number): void;
}

interface StretchQuestion {
	readonly fromMs: number;
	readonly toMs: number;
	readonly streamPrefix: string;
	readonly after: Place | undefined;
	readonly nowMs: number;
	readonly eventsMax: number;
	readonly bytesMax: number;
}

export interface Stretch {
	/** The very objects that were put: they are answered again and again, and nobody changes them. */
	readonly events: readonly LogEvent[];
	/** Of the same length. */
	readonly places: readonly Place[];
	/** More follows, as far as is visible now. */
	readonly isFull: boolean;
}

interface Entry {
	readonly event: LogEvent;
	readonly sizeBytes: number;
}

const DAY_MS = 86_400_000;
/** What the service counts for each event besides its message (PutLogEvents). */
const EVENT_OVERHEAD_BYTES = 26;

export function createStoredGroup(settings: GroupSettings): StoredGroup {
	const log = createStoredLog<Entry>();
	let serial = 0;

	/** source-semantics 1.1: "Order: event timestamp, then ingestion timestamp, then PutLogEvents request id". */
	function orderOf({ ingestionTime }: LogEvent): string {
		return `${String(ingestionTime).padStart(15, "0")}/${String(serial++).padStart(12, "0")}`;
	}

	return {
		settings,
		put(event, visibleAtMs) {
			const sizeBytes = Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
			log.put({ entry: { event, sizeBytes }, timeMs: event.timestamp, order: orderOf(event), visibleAtMs });
		},
		stretch({ fromMs, toMs, streamPrefix, after, nowMs, eventsMax, bytesMax }) {
			const events: LogEvent[] = [];
			const places: Place[] = [];
			let bytes = 0;
			if (settings.retentionInDays !== undefined) log.forget(nowMs - settings.retentionInDays * DAY_MS);
			// source-semantics 1.1: "startTime inclusive"; "events later than it are excluded (inclusive end)".
			for (const stored of log.list(fromMs, toMs, nowMs, after)) {
				const { event, sizeBytes } = stored.entry;
				if (!event.logStreamName.startsWith(streamPrefix)) continue;
				bytes += sizeBytes;
				if (events.length >= eventsMax || (bytes > bytesMax && events.length > 0)) return { events, places, isFull: true };
				events.push(event);
				places.push(stored);
			}
			return { events, places, isFull: false };
		},
		forget: log.forget,
	};
}

export function groupArn({ region, account, name }: GroupSettings): string {
	return `arn:aws:logs:${region}:${account}:log-group:${name}`;
}

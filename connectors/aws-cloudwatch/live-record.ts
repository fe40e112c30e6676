/** A log event that was pulled, as a record, and back: what decoding gives is what it gives of the same event in a stored page. */

import type { Origin, RawRecord } from "../../src/contract/record.ts";
import { boundedRecord } from "../../src/framing/oversize.ts";
import type { ListedRecord } from "../../src/pull/listing.ts";
import type { LogEvent } from "./client.ts";
import { type Entry, plainMessage, type Shape } from "./entry.ts";
import { loggedTimeOf } from "./time.ts";

/** What decoding needs that is not in the message. */
interface LiveEnvelope extends Record<string, unknown> {
	readonly shape: Shape;
	readonly eventId: string;
	readonly timestamp: number;
	readonly ingestionTime: number;
}

/**
 * The record of a log event of FilterLogEvents; its body is the message. A message that UTF-8 cannot carry (a lone surrogate)
 * stays in its envelope, as in a stored page. One over the limit is what goes to quarantine in its place.
 */
export function liveRecord(event: LogEvent, origin: Partial<Origin>, bytesMax: number): ListedRecord {
	const { eventId, timestamp, ingestionTime, message } = event;
	const envelope: LiveEnvelope = { shape: "live", eventId, timestamp, ingestionTime };
	const record = message.isWellFormed()
		? { id: eventId, body: Buffer.from(message, "utf8"), envelope }
		: { id: eventId, body: enveloped(event), envelope: { shape: "log-event" satisfies Shape } };
	return { ...boundedRecord(record, bytesMax), origin, timeMs: timestamp, loggedTimeMs: ingestionTime };
}

function enveloped({ logStreamName, timestamp, message, ingestionTime, eventId }: LogEvent): Buffer {
	return Buffer.from(JSON.stringify({ logStreamName, timestamp, message, ingestionTime, eventId }), "utf8");
}

/** The log event of such a record; undefined if its envelope is not one of ours. */
export function readLive({ body, envelope }: RawRecord): Entry | undefined {
	const { eventId, timestamp, ingestionTime } = (envelope ?? {}) as Partial<LiveEnvelope>;
	if (eventId === undefined || timestamp === undefined || ingestionTime === undefined) return undefined;
	const loggedTime = loggedTimeOf(String(timestamp));
	const rest = { ...(loggedTime === undefined ? { timestamp } : {}), ingestionTime };
	return { ...plainMessage(body), envelope: { recordId: eventId, ...(loggedTime === undefined ? {} : { loggedTime }), rest }, origin: {} };
}

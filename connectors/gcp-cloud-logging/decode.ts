/** Decodes one stored entry, however it was delivered, into an audit event. Total: it never throws. */

import type { Decode, Decoded, Truncation } from "../../src/contract/decode.ts";
import type { CollectorError } from "../../src/contract/errors.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { trimJson } from "../../src/json/scan.ts";
import { isObject } from "../../src/json/value.ts";
import { entryOfRow, isRow } from "./bigquery.ts";
import { originOf } from "./cluster.ts";
import { type EntryText, malformed, readEntryText } from "./entry-text.ts";
import { readEvent } from "./event.ts";
import { envelopeRest } from "./rest.ts";
import { rpcCodeOf } from "./rpc-status.ts";
import { rejectionOf } from "./selection.ts";
import { nanosOf } from "./time.ts";

/** What framing and joining tell the decoder of a record. */
export interface EntryEnvelope {
	/** What the way in says around the entry: `pubsub` or `cloudEvent`. */
	readonly delivery?: JsonObject;
	/** Of an entry that Cloud Logging split. */
	readonly parts?: { readonly arrived: number; readonly total: number };
	/** The body was made of a BigQuery row. */
	readonly isRow?: boolean;
}

/** LogEntry, LogEntryData or BigQuery row -> audit event. */
export const decode: Decode = (record) => {
	if (record.error !== undefined) return { kind: "bad", error: record.error };
	const envelope: EntryEnvelope = record.envelope ?? {};
	const first = readEntryText(record.body);
	if (first === "no-object") return { kind: "skip", reason: "other-log" };
	if (first instanceof Error) return { kind: "bad", error: first };
	const isOfRow = isRow(first.entry.value);
	const text = isOfRow ? readRow(first) : first;
	if (text instanceof Error) return { kind: "bad", error: text };
	const rejection = rejectionOf(text);
	if (rejection instanceof Error) return { kind: "bad", error: rejection };
	if (rejection !== undefined) return { kind: "skip", reason: rejection };
	return decodeAudit(record, text, { ...envelope, isRow: isOfRow || envelope.isRow === true });
};

function readRow(row: EntryText): EntryText | CollectorError {
	const text = readEntryText(entryOfRow(row.bytes));
	if (text === "no-object") return malformed("not a row");
	if (text instanceof Error) return text;
	const { truncated } = row;
	const what = [...(row.repaired?.what ?? []), ...(text.repaired?.what ?? [])];
	return {
		...text,
		...(truncated === undefined ? {} : { truncated }),
		...(what.length === 0 ? {} : { repaired: { what, original: row.repaired?.original ?? row.bytes } }),
	};
}

function decodeAudit(record: RawRecord, text: EntryText, envelope: EntryEnvelope): Decoded {
	const { entry, payload, repaired } = text;
	const { insertId, receiveTimestamp, timestamp, logName } = entry.value;
	const { arrived, total } = partsOf(entry.value["split"], envelope);
	const isIncomplete = arrived < total;
	const truncated = isIncomplete ? lossOf(record, text) : text.truncated;
	const isSalvage = truncated !== undefined;
	if (payload === undefined || (isSalvage && (typeof insertId !== "string" || typeof payload.value["methodName"] !== "string")))
		return { kind: "bad", error: malformed(isIncomplete ? `${arrived} of its ${total} parts arrived` : "cut before it says who did what") };
	const { serviceName, status } = payload.value;
	const rpcCode = rpcCodeOf(status ?? (isSalvage ? undefined : {}));
	const nanos = typeof timestamp === "string" && !isSalvage ? nanosOf(timestamp) : undefined;
	const { event, inferred } = readEvent(text, payload, { isIncomplete, isRow: envelope.isRow === true });
	return {
		kind: "event",
		event,
		envelope: {
			...(typeof insertId === "string" ? { recordId: insertId } : {}),
			...(typeof receiveTimestamp === "string" ? { loggedTime: receiveTimestamp } : {}),
			rest: envelopeRest(text, envelope.delivery),
		},
		origin: originOf(entry.value, typeof serviceName === "string" ? serviceName : undefined),
		identity: identityOf(record, logName, nanos, insertId),
		inferred,
		...(rpcCode === undefined ? {} : { rpcCode }),
		...(truncated === undefined ? {} : { truncated }),
		...(repaired === undefined ? {} : { repaired }),
	};
}

/**
 * insertId is unique only with the log and the time. What lacks one of the three, or is only a part of an entry,
 * is its own text: it must not take the place of the whole entry, should that come as well.
 */
function identityOf(record: RawRecord, logName: unknown, nanos: bigint | undefined, insertId: unknown): Uint8Array {
	if (typeof logName !== "string" || typeof insertId !== "string" || nanos === undefined) return trimJson(record.body);
	return Buffer.from(`${logName}\n${nanos}\n${insertId}`, "utf8");
}

/** A part that no join has seen is one of many. */
function partsOf(split: unknown, { parts }: EntryEnvelope): { readonly arrived: number; readonly total: number } {
	if (parts !== undefined) return parts;
	const total = isObject(split) ? Number(split["totalSplits"]) : 1;
	return { arrived: 1, total: Number.isSafeInteger(total) ? total : 1 };
}

/** Only bodies are split, so what is missing is in one of them. */
function lossOf({ body }: RawRecord, { payload }: EntryText): Truncation {
	const { request, response } = payload?.value ?? {};
	const cutIn = request !== undefined ? "requestObject" : response !== undefined ? "responseObject" : undefined;
	return { sizeBytes: body.length, ...(cutIn === undefined ? {} : { cutIn }) };
}

/** Cuts an answer of `entries.list` into its entries, each with the exact bytes that the service sent and an id that is its own. */

import { createHash } from "node:crypto";
import { QUOTE } from "../../src/json/bytes.ts";
import { readString, type Scan, scanArray, scanObject, skipSpace } from "../../src/json/scan.ts";
import type { ListedRecord } from "../../src/pull/listing.ts";
import { nanosOf } from "./time.ts";

const NANOS_PER_MS = 1_000_000n;
const KEYS = ["logName", "timestamp", "insertId", "receiveTimestamp"];

/** What an answer's body says. */
export interface PageText {
	readonly entries: readonly ListedRecord[];
	readonly nextPageToken?: string;
}

/** The entries and the token of a whole answer; undefined if the bytes are none. Bodies are views into the bytes. */
export function readPage(bytes: Uint8Array): PageText | undefined {
	const scan = scanObject(bytes, skipSpace(bytes, 0));
	if (scan.state !== "whole" || skipSpace(bytes, scan.end) !== bytes.length) return undefined;
	const list = scan.members.findLast(({ key }) => key === "entries");
	// A page without entries has no such member at all.
	const elements = list === undefined ? [] : scanArray(bytes, list.start, list.end);
	const token = stringOf(bytes, scan, "nextPageToken");
	if (elements === undefined || token === null) return undefined;
	return {
		entries: elements.map(([start, end]) => listedEntry(bytes.subarray(start, end))),
		...(token === undefined || token === "" ? {} : { nextPageToken: token }),
	};
}

/** The members of an entry that tell it from all others, and when it arrived; what is no text is absent. */
export interface EntryKeys {
	readonly logName?: string | null | undefined;
	readonly timestamp?: string | null | undefined;
	readonly insertId?: string | null | undefined;
	readonly receiveTimestamp?: string | null | undefined;
}

/** One entry's text as a record: see `entryRecord`. */
export function listedEntry(body: Uint8Array): ListedRecord {
	const scan = scanObject(body);
	const [logName, timestamp, insertId, receiveTimestamp] = KEYS.map((key) => stringOf(body, scan, key));
	return entryRecord(body, { logName, timestamp, insertId, receiveTimestamp });
}

/**
 * The record's id is the log, the time in nanoseconds and insertId, since insertId alone is not unique; of an entry that lacks
 * one of them it is a hash of the text. It lies where the service took it in.
 */
export function entryRecord(body: Uint8Array, { logName, timestamp, insertId, receiveTimestamp }: EntryKeys): ListedRecord {
	const nanos = nanosOf(timestamp ?? "");
	const receivedMs = msOf(nanosOf(receiveTimestamp ?? ""));
	return {
		id: logName && insertId && nanos !== undefined ? `${logName}\n${nanos}\n${insertId}` : createHash("sha256").update(body).digest("hex"),
		body,
		timeMs: receivedMs ?? msOf(nanos) ?? 0,
		...(receivedMs === undefined ? {} : { loggedTimeMs: receivedMs }),
	};
}

function msOf(nanos: bigint | undefined): number | undefined {
	return nanos === undefined ? undefined : Number(nanos / NANOS_PER_MS);
}

/** Undefined if there is no such member, null if it is no string. */
function stringOf(bytes: Uint8Array, { members }: Scan, key: string): string | null | undefined {
	const member = members.findLast((candidate) => candidate.key === key);
	if (member === undefined) return undefined;
	if (bytes[member.start] !== QUOTE || member.end < 0) return null;
	return readString(bytes, member.start, member.end) ?? null;
}

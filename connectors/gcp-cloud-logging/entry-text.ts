/** Reads the JSON text of one LogEntry, whole or cut, into members; decoding starts from here. */

import type { Repair, Truncation } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { CUT, DEPTH_MAX, type Member, type Scan, scanObject, trimJson } from "../../src/json/scan.ts";
import { cleanText } from "../../src/json/text.ts";
import { isObject, parseOrNone } from "../../src/json/value.ts";

/** Objects of an entry that are salvaged member by member: protoPayload.requestMetadata is the deepest that says who or what. */
const SALVAGE_DEPTH = 3;
const BODIES: Readonly<Record<string, string>> = { "protoPayload.request": "requestObject", "protoPayload.response": "responseObject" };

/** A JSON object inside an entry's text: its parsed value, and where its members lie. */
export interface Part {
	readonly value: Readonly<Record<string, unknown>>;
	readonly members: readonly Member[];
}

/** One entry as valid JSON text, with what had to be done to make it so. */
export interface EntryText {
	/** Valid UTF-8, valid JSON, no lone surrogates. */
	readonly bytes: Uint8Array;
	readonly entry: Part;
	/** Absent if the entry has no protoPayload that is an object. */
	readonly payload?: Part;
	readonly truncated?: Truncation;
	readonly repaired?: Repair;
}

/** The entry's text; "no-object" if the bytes begin no JSON object; or why it cannot be read. Never throws. */
export function readEntryText(body: Uint8Array): EntryText | "no-object" | CollectorError {
	const original = trimJson(body);
	if (original[0] !== OPEN_BRACE) return "no-object";
	const clean = cleanText(original);
	const scan = scanObject(clean.bytes, 0, clean.bytes.length, DEPTH_MAX);
	if (scan.state === "deep") return malformed(`nested deeper than ${DEPTH_MAX} levels`);
	if (scan.state === "broken" || (scan.state === "whole" && scan.end !== clean.bytes.length)) return malformed("not a JSON object");
	const closed = scan.state === "cut" ? closeCut(clean.bytes, scan) : undefined;
	const bytes = closed?.bytes ?? clean.bytes;
	const value = parseOrNone(bytes) as Readonly<Record<string, unknown>> | undefined;
	if (value === undefined) return malformed("not valid JSON");
	const entry = { value, members: closed === undefined ? scan.members : scanObject(bytes).members };
	const payload = partOf(bytes, entry, "protoPayload");
	const repeats = repeatsKey(entry) || (payload !== undefined && repeatsKey(payload));
	const what: Repair["what"] = repeats ? [...clean.what, "repeated-key"] : clean.what;
	return {
		bytes,
		entry,
		...(payload === undefined ? {} : { payload }),
		...(closed === undefined ? {} : { truncated: truncationOf(original, closed.path) }),
		...(what.length === 0 ? {} : { repaired: { what, original } }),
	};
}

/** The error of an entry that cannot be read; says nothing of its content. */
export function malformed(why: string): CollectorError {
	return new CollectorError("RECORD_MALFORMED", `cannot read the log entry: ${why}`);
}

/** Where the member lies whose value a parser takes: of a repeated key, the last. */
export function memberOf(part: Part, key: string): Member | undefined {
	return part.members.findLast((member) => member.key === key);
}

/** The object that is the member `key`; undefined if it is none. */
export function partOf(bytes: Uint8Array, parent: Part, key: string): Part | undefined {
	const value = parent.value[key];
	const member = memberOf(parent, key);
	if (member === undefined || !isObject(value)) return undefined;
	return { value, members: scanObject(bytes, member.start, member.end, DEPTH_MAX).members };
}

function truncationOf(original: Uint8Array, path: readonly string[]): Truncation {
	const where = path.join(".");
	const cutIn = Object.hasOwn(BODIES, where) ? BODIES[where] : where;
	return { sizeBytes: original.length, ...(cutIn ? { cutIn } : {}) };
}

interface Closed {
	readonly bytes: Uint8Array;
	/** Keys down to the member in which the text ends. */
	readonly path: readonly string[];
}

/** The members that arrived whole; of a cut object, down to some depth, its whole members. A cut body is dropped. */
function closeCut(bytes: Uint8Array, scan: Scan, path: readonly string[] = []): Closed {
	const pieces: Uint8Array[] = [];
	let cutPath = path;
	for (const { key, keyStart, start, end } of scan.members) {
		const here = [...path, key];
		if (end === CUT) cutPath = here;
		const inner = end === CUT ? closeInner(bytes, start, here) : undefined;
		if (inner !== undefined) cutPath = inner.path;
		const value = inner?.bytes ?? (end === CUT ? undefined : bytes.subarray(start, end));
		if (value !== undefined) pieces.push(Buffer.from(pieces.length === 0 ? "{" : ","), bytes.subarray(keyStart, start), value);
	}
	return { bytes: Buffer.concat([...pieces, Buffer.from(pieces.length === 0 ? "{}" : "}")]), path: cutPath };
}

function closeInner(bytes: Uint8Array, start: number, path: readonly string[]): Closed | undefined {
	if (bytes[start] !== OPEN_BRACE || path.length >= SALVAGE_DEPTH || Object.hasOwn(BODIES, path.join("."))) return undefined;
	return closeCut(bytes, scanObject(bytes, start, bytes.length, DEPTH_MAX), path);
}

function repeatsKey({ members }: Part): boolean {
	return new Set(members.map(({ key }) => key)).size !== members.length;
}

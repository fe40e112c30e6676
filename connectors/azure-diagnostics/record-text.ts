/** Reads the JSON object of one record, whole or cut, into members; decoding starts from here. */

import type { Repair } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { OPEN_BRACE, QUOTE } from "../../src/json/bytes.ts";
import { CUT, DEPTH_MAX, type Member, type Scan, scanObject, textOf, trimJson } from "../../src/json/scan.ts";
import { cleanText } from "../../src/json/text.ts";
import { parseOrNone } from "../../src/json/value.ts";
import { wholePart } from "./cut-string.ts";

/** Members that hold the log line: of a cut one the beginning is kept, since an event may be salvaged from it. */
const LOG_KEYS: ReadonlySet<string> = new Set(["log", "log_s", "Message"]);
const CONTAINER = "properties";

/** One record as valid JSON text, with what had to be done to make it so. */
export interface RecordText {
	/** Valid UTF-8, valid JSON, no lone surrogates. */
	readonly bytes: Uint8Array;
	readonly members: ReadonlyMap<string, Member>;
	/** The same, parsed. */
	readonly value: Readonly<Record<string, unknown>>;
	readonly what: Repair["what"];
	/** The record's bytes as they came, without white space around them. */
	readonly original: Uint8Array;
	/** The text ended early. */
	readonly cut?: CutMember;
}

/** Where a record was cut: inside the member `key`, of whose value `text` arrived; both absent if between members. */
interface CutMember {
	readonly key?: string;
	readonly text?: Uint8Array;
}

/** The record's text, or why there is none. Never throws. */
export function readRecordText(body: Uint8Array): RecordText | CollectorError {
	const original = trimJson(body);
	const scan = scanObject(original, 0, original.length, DEPTH_MAX);
	if (scan.state === "deep") return malformed(`nested deeper than ${DEPTH_MAX} levels`);
	if (scan.state === "broken" || (scan.state === "whole" && scan.end !== original.length)) return malformed("not a JSON object");
	const isCut = scan.state === "cut";
	const clean = cleanText(isCut ? closeObject(original, scan, CONTAINER) : original);
	const { members } = clean.bytes === original ? scan : scanObject(clean.bytes, 0, clean.bytes.length, DEPTH_MAX);
	const value = parseOrNone(clean.bytes) as Readonly<Record<string, unknown>> | undefined;
	if (value === undefined) return malformed("not valid JSON");
	const byKey = new Map(members.map((member) => [member.key, member]));
	const inner = scanObject(clean.bytes, byKey.get(CONTAINER)?.start ?? 0, clean.bytes.length, DEPTH_MAX).members;
	const repeats = byKey.size !== members.length || new Set(inner.map((member) => member.key)).size !== inner.length;
	const what = repeats ? [...clean.what, "repeated-key" as const] : clean.what;
	const text = { bytes: clean.bytes, members: byKey, value, what, original };
	return isCut ? { ...text, cut: cutOf(original, scan) } : text;
}

/** The error of a record that cannot be read; says nothing of its content. */
export function malformed(why: string): CollectorError {
	return new CollectorError("RECORD_MALFORMED", `cannot read the diagnostic record: ${why}`);
}

function cutOf(bytes: Uint8Array, scan: Scan): CutMember {
	const last = scan.members.at(-1);
	return last?.end === CUT ? { key: last.key, text: bytes.subarray(last.start) } : {};
}

/** The members that arrived whole, and the beginning of the log line, as one object. `container`: a member that is opened if it is cut. */
function closeObject(bytes: Uint8Array, scan: Scan, container?: string): Uint8Array {
	const parts: Uint8Array[] = [];
	for (const { key, keyStart, start, end } of scan.members) {
		const value = end === CUT ? closeValue(bytes, key, start, container) : bytes.subarray(start, end);
		if (value === undefined) continue;
		parts.push(Buffer.from(parts.length === 0 ? "{" : ","), bytes.subarray(keyStart, start), value);
	}
	if (parts.length === 0) parts.push(Buffer.from("{"));
	return Buffer.concat([...parts, Buffer.from("}")]);
}

function closeValue(bytes: Uint8Array, key: string, start: number, container: string | undefined): Uint8Array | undefined {
	const opens = bytes[start] === OPEN_BRACE;
	if (key === container && opens) return closeObject(bytes, scanObject(bytes, start, bytes.length, DEPTH_MAX));
	if (!LOG_KEYS.has(key)) return undefined;
	if (bytes[start] === QUOTE) return Buffer.concat([wholePart(bytes.subarray(start)), Buffer.from('"')]);
	// A cut object is carried as text, like the cut line that it is.
	return opens ? Buffer.from(JSON.stringify(textOf(bytes.subarray(start)))) : undefined;
}

/** Writes JSON in which exact text is spliced in where it stands for a value. */

import type { JsonValue, RawJson } from "../contract/json.ts";
import { CARRIAGE_RETURN, NEWLINE, SPACE } from "../json/bytes.ts";
import { isRaw } from "../json/raw.ts";
import { textOf } from "../json/scan.ts";
import { writeToSlab } from "./slab.ts";

/** Strings and bytes that, one after the other, are the text. */
export type Parts = (string | Uint8Array)[];

/**
 * Appends the text of `value`; members that are undefined are left out. It recurses as deep as objects and arrays are
 * nested; what comes from outside is nested a few levels only, since everything deeper is exact text.
 */
export function writeJson(value: JsonValue, parts: Parts): void {
	if (typeof value !== "object" || value === null) parts.push(JSON.stringify(value));
	else if (isRaw(value)) parts.push(isInline(value) ? inlined(value) : value.raw);
	else if (Array.isArray(value)) writeArray(value as readonly JsonValue[], parts);
	else writeMembers(Object.entries(value), parts);
}

const INLINE_BYTES_MAX = 64;

/** Whether exact text is carried as a string: most of what is no body is `{}`, and cheaper as a part of the text around it. */
export function isInline({ raw }: RawJson): boolean {
	return raw.length <= INLINE_BYTES_MAX;
}

/** Exact text as a string on one line. */
export function inlined({ raw }: RawJson): string {
	const text = textOf(raw);
	return text.includes("\n") || text.includes("\r") ? text.replaceAll(/[\n\r]/g, " ") : text;
}

function writeArray(values: readonly JsonValue[], parts: Parts): void {
	let separator = "[";
	for (const value of values) {
		parts.push(separator);
		writeJson(value, parts);
		separator = ",";
	}
	parts.push(separator === "[" ? "[]" : "]");
}

function writeMembers(members: readonly (readonly [string, JsonValue | undefined])[], parts: Parts): void {
	let separator = "{";
	for (const [key, value] of members) {
		if (value === undefined) continue;
		parts.push(`${separator}${JSON.stringify(key)}:`);
		writeJson(value, parts);
		separator = ",";
	}
	parts.push(separator === "{" ? "{}" : "}");
}

/** The bytes of the parts, one after the other and on one line: a view into a slab. */
export function joinParts(parts: Parts): Uint8Array {
	const runs: (string | Uint8Array)[] = [];
	let text = "";
	let sizeMax = 0;
	for (const part of parts) {
		if (typeof part === "string") text += part;
		else {
			runs.push(text, part);
			sizeMax += text.length * UTF8_BYTES_MAX + part.length;
			text = "";
		}
	}
	runs.push(text);
	return writeToSlab(sizeMax + text.length * UTF8_BYTES_MAX, (slab, at) => fill(slab, at, runs));
}

/** Of one unit of a JavaScript string. */
const UTF8_BYTES_MAX = 3;

/** Writes from `from` on; gives where it ended. */
function fill(bytes: Buffer, from: number, runs: Parts): number {
	let at = from;
	for (const run of runs) {
		if (typeof run === "string") at += bytes.write(run, at);
		else {
			bytes.set(run, at);
			spaceLineEnds(bytes.subarray(at, at + run.length));
			at += run.length;
		}
	}
	return at;
}

const LINE_ENDS = [NEWLINE, CARRIAGE_RETURN];

/** Between the tokens of exact text there may be line ends; inside a string JSON has them escaped. */
function spaceLineEnds(bytes: Buffer): void {
	for (const lineEnd of LINE_ENDS) {
		for (let at = bytes.indexOf(lineEnd); at >= 0; at = bytes.indexOf(lineEnd, at + 1)) bytes[at] = SPACE;
	}
}

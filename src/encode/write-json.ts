/** Writes JSON in which exact text is spliced in where it stands for a value. */

import type { JsonObject, JsonValue } from "../contract/json.ts";
import { isRaw } from "../json/raw.ts";
import { type Line, writeExact, writeText } from "./line.ts";

/**
 * Writes the text of `value`; members that are undefined are left out. It recurses as deep as objects and arrays are
 * nested; what comes from outside is nested a few levels only, since everything deeper is exact text.
 */
export function writeJson(line: Line, value: JsonValue): void {
	if (typeof value !== "object" || value === null) writeText(line, JSON.stringify(value));
	else if (isRaw(value)) writeExact(line, value.raw);
	else if (Array.isArray(value)) writeArray(line, value as readonly JsonValue[]);
	else {
		const hasMembers = writeMembers(line, value as JsonObject, "{");
		writeText(line, hasMembers ? "}" : "{}");
	}
}

function writeArray(line: Line, values: readonly JsonValue[]): void {
	let separator = "[";
	for (const value of values) {
		writeText(line, separator);
		writeJson(line, value);
		separator = ",";
	}
	writeText(line, separator === "[" ? "[]" : "]");
}

/** Writes the members, `first` before the first; false if there are none. */
export function writeMembers(line: Line, members: JsonObject, first: string): boolean {
	let separator = first;
	let hasMembers = false;
	for (const [key, value] of Object.entries(members)) {
		if (value === undefined) continue;
		writeText(line, `${separator}${JSON.stringify(key)}:`);
		writeJson(line, value);
		separator = ",";
		hasMembers = true;
	}
	return hasMembers;
}

/** Parses JSON without changing its numbers, and writes it in one canonical way for hashing. */

import type { JsonValue, RawJson } from "../../src/contract/json.ts";
import { isRaw } from "../../src/json/raw.ts";
import { textOf } from "../../src/json/scan.ts";
import { parseNumbers } from "../../src/json/value.ts";

/**
 * The value of valid JSON text. A number that JavaScript would print otherwise (beyond 2^53, 1e400, 1.0)
 * stays as its exact text; everything else is parsed. Throws where JSON.parse throws.
 */
export function parseExact(bytes: Uint8Array): JsonValue {
	return parseNumbers(textOf(bytes), (source) => ({ raw: Buffer.from(source, "latin1") }) satisfies RawJson) as JsonValue;
}

/** The value's text with sorted keys and no space: equal for equal values, however they were written. Nesting must be bounded. */
export function canonicalText(value: JsonValue): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	if (isRaw(value)) return textOf(value.raw);
	if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
	const members = Object.entries(value as Readonly<Record<string, JsonValue>>).sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}

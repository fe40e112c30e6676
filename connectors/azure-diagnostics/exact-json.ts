/** Parses JSON without changing its numbers, and writes it in one canonical way for hashing. */

import type { JsonValue, RawJson } from "../../src/contract/json.ts";
import { textOf } from "../../src/json/scan.ts";

/**
 * The value of valid JSON text. A number that JavaScript would print otherwise (beyond 2^53, 1e400, 1.0)
 * stays as its exact text; everything else is parsed. Throws where JSON.parse throws.
 */
export function parseExact(bytes: Uint8Array): JsonValue {
	return JSON.parse(textOf(bytes), keepNumber) as JsonValue;
}

function keepNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
	if (typeof value !== "number" || context?.source === undefined || String(value) === context.source) return value;
	return { raw: Buffer.from(context.source, "latin1") } satisfies RawJson;
}

/** The value's text with sorted keys and no space: equal for equal values, however they were written. Nesting must be bounded. */
export function canonicalText(value: JsonValue): string {
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	if (isRawJson(value)) return textOf(value.raw);
	if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
	const members = Object.entries(value as Readonly<Record<string, JsonValue>>).sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}

function isRawJson(value: object): value is RawJson {
	return (value as { readonly raw?: unknown }).raw instanceof Uint8Array;
}

/** Writes JSON in which exact text is spliced in where it stands for a value. */

import type { JsonValue, RawJson } from "../contract/json.ts";

/** Strings and bytes that, one after the other, are the text. */
export type Parts = (string | Uint8Array)[];

export function isRaw(value: unknown): value is RawJson {
	return typeof value === "object" && value !== null && (value as { raw?: unknown }).raw instanceof Uint8Array;
}

/** Appends the text of `value`; members that are undefined are left out. */
export function writeJson(value: JsonValue, parts: Parts): void {
	if (isRaw(value)) parts.push(value.raw);
	else if (Array.isArray(value)) writeArray(value as readonly JsonValue[], parts);
	else if (typeof value === "object" && value !== null) writeMembers(Object.entries(value), parts);
	else parts.push(JSON.stringify(value));
}

function writeArray(values: readonly JsonValue[], parts: Parts): void {
	parts.push("[");
	values.forEach((value, i) => {
		if (i > 0) parts.push(",");
		writeJson(value, parts);
	});
	parts.push("]");
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

/** The bytes of the parts, in one buffer. */
export function joinParts(parts: Parts): Uint8Array {
	const merged: Uint8Array[] = [];
	let text = "";
	for (const part of parts) {
		if (typeof part === "string") text += part;
		else {
			merged.push(Buffer.from(text, "utf8"), part);
			text = "";
		}
	}
	merged.push(Buffer.from(text, "utf8"));
	return merged.length === 1 ? (merged[0] as Uint8Array) : Buffer.concat(merged);
}

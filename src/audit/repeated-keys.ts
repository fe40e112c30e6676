/** Finds keys that an object says twice: JSON.parse keeps the last without a word. */

import { skipString } from "../json/scan.ts";

const QUOTE = 0x22;
const COLON = 0x3a;

/** Whether an object inside the value whose valid JSON is `bytes[start, end)`, and which parsed gave `value`, repeats a key. */
export function repeatsKeys(bytes: Uint8Array, start: number, end: number, value: unknown): boolean {
	return colonsIn(bytes, start, end) !== keysIn(value);
}

/** Outside of strings every colon belongs to a key. */
function colonsIn(bytes: Uint8Array, start: number, end: number): number {
	let colons = 0;
	for (let at = start; at < end; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) at = skipString(bytes, at, end) - 1;
		else if (byte === COLON) colons++;
	}
	return colons;
}

/** Keys of the value and of all values in it. The parser has bounded its depth. */
function keysIn(value: unknown): number {
	if (typeof value !== "object" || value === null) return 0;
	const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
	let keys = Array.isArray(value) ? 0 : inner.length;
	for (const item of inner) if (typeof item === "object") keys += keysIn(item);
	return keys;
}

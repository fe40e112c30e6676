/** Counts keys, to bound them and to find those that an object says twice: JSON.parse keeps the last without a word. */

import * as jsonBytes from "../json/bytes.ts";
import { skipString } from "../json/scan.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { COLON, OPEN_BRACE, QUOTE } = jsonBytes;

export interface Keys {
	readonly keyCount: number;
	/** Some object has a key twice. */
	readonly repeatsKey: boolean;
}

const NO_KEYS: Keys = { keyCount: 0, repeatsKey: false };

/** The keys of an object, valid JSON, and of all objects in it; `value` is what the parser made of it. Other values have none. */
export function countKeys(bytes: Uint8Array, value: unknown): Keys {
	if (bytes[0] !== OPEN_BRACE) return NO_KEYS;
	const keyCount = colonsIn(bytes);
	return { keyCount, repeatsKey: keyCount !== keysIn(value) };
}

/** Outside of strings every colon belongs to a key. */
function colonsIn(bytes: Uint8Array): number {
	let colons = 0;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) at = skipString(bytes, at) - 1;
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

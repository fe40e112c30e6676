/** Counts keys, to bound them and to find those that an object says twice: JSON.parse keeps the last without a word. */

import * as jsonBytes from "../json/bytes.ts";
import { type Member, skipString } from "../json/scan.ts";
import { NESTED, PLAIN } from "./shape.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { COLON, OPEN_BRACE, QUOTE } = jsonBytes;

/** Keys outside of what is carried as exact text. */
export interface Keys {
	readonly count: number;
	/** Some object has a key twice. */
	readonly repeats: boolean;
}

/** Counts the keys of a valid event: its own, and those inside the members that are parsed. */
export function countKeys(bytes: Uint8Array, members: readonly Member[], value: Readonly<Record<string, unknown>>): Keys {
	let count = members.length;
	let different = Object.keys(value).length;
	for (const { key, start, end } of members) {
		const isParsed = bytes[start] === OPEN_BRACE && (NESTED.has(key) || PLAIN.has(key));
		if (!isParsed) continue;
		count += colonsIn(bytes, start, end);
		different += keysIn(value[key]);
	}
	return { count, repeats: count !== different };
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

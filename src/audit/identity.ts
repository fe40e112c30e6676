/** What makes an audit event itself, whichever way it came: its text without the decoration that only some ways carry. */

import { COLON, COMMA, QUOTE } from "../json/bytes.ts";
import { isAt, skipSpace, skipString, trimJson } from "../json/scan.ts";

/** Keys, as they are written. */
const PAIR = ['"kind"', '"apiVersion"'];

/** How nearly every line of a log begins. */
const USUAL = '{"kind":"Event","apiVersion":"audit.k8s.io/v1",';

/**
 * The event's text, trimmed, from its first member on, without a leading `kind`/`apiVersion` pair: lines of a log
 * have it, items of an EventList lack it, and otherwise they are equal byte for byte.
 */
export function identityOf(text: Uint8Array): Uint8Array {
	const trimmed = trimJson(text);
	if (isAt(USUAL, trimmed, 0) && trimmed[USUAL.length] === QUOTE) return trimmed.subarray(USUAL.length);
	const first = skipSpace(trimmed, 1);
	let at = first;
	for (const key of PAIR) {
		const next = afterStringMember(trimmed, at, key);
		if (next === undefined) return trimmed.subarray(first);
		at = next;
	}
	return trimmed.subarray(at);
}

/** Index after `"key":"...",`, if that stands at `at`; `key` with its quotes. */
function afterStringMember(bytes: Uint8Array, at: number, key: string): number | undefined {
	if (!isAt(key, bytes, at)) return undefined;
	const colon = skipSpace(bytes, at + key.length);
	if (bytes[colon] !== COLON) return undefined;
	const valueStart = skipSpace(bytes, colon + 1);
	if (bytes[valueStart] !== QUOTE) return undefined;
	const valueEnd = skipString(bytes, valueStart);
	if (valueEnd < 0) return undefined;
	const comma = skipSpace(bytes, valueEnd);
	if (bytes[comma] !== COMMA) return undefined;
	return skipSpace(bytes, comma + 1);
}

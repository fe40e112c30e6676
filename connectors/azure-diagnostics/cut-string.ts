/** Finds how much of a JSON string that was cut can be kept. */

import { BACKSLASH } from "../../src/json/bytes.ts";

const LETTER_U = 0x75;
const ESCAPE_BYTES = 2;
const UNICODE_ESCAPE_BYTES = 6;

/** The string's text from its quote on, without an escape, surrogate pair or UTF-8 sequence that is incomplete at its end. */
export function wholePart(text: Uint8Array): Uint8Array {
	let at = 1;
	while (at < text.length) {
		const next = at + unitBytes(text, at);
		if (next > text.length) break;
		at = next;
	}
	return text.subarray(0, at);
}

/** Bytes of the character, escape or pair of escapes that begins at `at`; it may end beyond the text. */
function unitBytes(text: Uint8Array, at: number): number {
	const byte = text[at] as number;
	if (byte === BACKSLASH) return escapeBytes(text, at);
	if (byte < 0xc2 || byte > 0xf4) return 1;
	const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
	for (let i = 1; i < length && at + i < text.length; i++) {
		if (((text[at + i] as number) & 0xc0) !== 0x80) return i;
	}
	return length;
}

function escapeBytes(text: Uint8Array, at: number): number {
	if (text[at + 1] !== LETTER_U) return ESCAPE_BYTES;
	const isHighSurrogate = /^[dD][89abAB]$/.test(String.fromCharCode(text[at + 2] ?? 0, text[at + 3] ?? 0));
	const next = at + UNICODE_ESCAPE_BYTES;
	// Where the text ends after half a pair, the other half was cut off.
	const mayContinue = next >= text.length || (text[next] === BACKSLASH && (next + 1 >= text.length || text[next + 1] === LETTER_U));
	return isHighSurrogate && mayContinue ? 2 * UNICODE_ESCAPE_BYTES : UNICODE_ESCAPE_BYTES;
}

/** Reads one JSON value by its grammar and makes nothing of it: says where it ends, if it is valid. */

import * as jsonBytes from "./bytes.ts";
import { DEPTH_MAX, isAt, skipSpace } from "./scan.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { BACKSLASH, CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE } = jsonBytes;

/** There is no valid value, or one nested deeper than DEPTH_MAX. */
export const INVALID = -1;

/** Bytes that are also read four at a time, wherever those lie: most of JSON is strings, and they are passed twice as fast. */
export interface JsonText {
	readonly bytes: Uint8Array;
	readonly words: DataView;
}

export function jsonText(bytes: Uint8Array): JsonText {
	return { bytes, words: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** What closes the containers that are open, the outermost first. */
const CLOSERS = new Uint8Array(DEPTH_MAX + 1);
/** From the byte that opens a container to the one that closes it. */
const TO_CLOSER = CLOSE_BRACE - OPEN_BRACE;

/**
 * Index after the value that begins at `start`, or INVALID. Of text that is UTF-8 it holds for valid what JSON.parse does.
 * What follows the value is not looked at.
 */
export function validEnd(text: JsonText, start: number): number {
	const { bytes } = text;
	let depth = 0;
	let closer = 0;
	for (let at = start; at >= 0; ) {
		const first = bytes[at] as number;
		if (first === OPEN_BRACE || first === OPEN_BRACKET) {
			if (++depth > DEPTH_MAX) return INVALID;
			closer = first + TO_CLOSER;
			CLOSERS[depth] = closer;
			at = skipBlank(bytes, at + 1);
			if (bytes[at] !== closer) {
				at = itemStart(text, at, closer);
				continue;
			}
		} else {
			at = first === QUOTE ? stringEnd(text, at) : scalarEnd(bytes, at, first);
			if (at < 0) return INVALID;
		}
		for (; depth > 0; at++) {
			at = skipBlank(bytes, at);
			if (bytes[at] !== closer) break;
			closer = CLOSERS[--depth] as number;
		}
		if (depth === 0) return at;
		if (bytes[at] !== COMMA) return INVALID;
		at = itemStart(text, skipBlank(bytes, at + 1), closer);
	}
	return INVALID;
}

/** As skipSpace, for where there mostly is none. */
function skipBlank(bytes: Uint8Array, at: number): number {
	return (bytes[at] as number) > SPACE ? at : skipSpace(bytes, at);
}

/** Where the value begins: in an object, after the key that stands here. */
function itemStart(text: JsonText, at: number, closer: number): number {
	if (closer !== CLOSE_BRACE) return at;
	const { bytes } = text;
	const keyEnd = bytes[at] === QUOTE ? stringEnd(text, at) : INVALID;
	if (keyEnd < 0) return INVALID;
	const colon = skipBlank(bytes, keyEnd);
	return bytes[colon] === COLON ? skipBlank(bytes, colon + 1) : INVALID;
}

/** Bytes of a word. */
export const WORD_BYTES = 4;
const BYTES_OF_BITS = 3;
/** In each byte of a word: one, its highest bit, and what is looked for. */
const ONES = 0x01010101;
const HIGHS = 0x80808080;
const QUOTES = QUOTE * ONES;
const BACKSLASHES = BACKSLASH * ONES;
const SPACES = SPACE * ONES;

/** Index after the valid string that opens at `start`, or INVALID. */
export function stringEnd({ bytes, words }: JsonText, start: number): number {
	const wordsEnd = bytes.length - WORD_BYTES;
	let at = start + 1;
	while (at <= wordsEnd) {
		const word = words.getInt32(at, true);
		const quotes = word ^ QUOTES;
		const backslashes = word ^ BACKSLASHES;
		// The highest bit of a byte of `x - ONES & ~x` is set if that byte of x is 0; false ones are only above a true one.
		const found = (((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes) | ((word - SPACES) & ~word)) & HIGHS;
		if (found === 0) at += WORD_BYTES;
		else {
			at += (31 - Math.clz32(found & -found)) >> BYTES_OF_BITS;
			if (bytes[at] === QUOTE) return at + 1;
			at = escapeEnd(bytes, at);
			if (at < 0) return INVALID;
		}
	}
	return shortStringEnd(bytes, at);
}

/** The same for what is left of the bytes after the last whole word. */
function shortStringEnd(bytes: Uint8Array, start: number): number {
	for (let at = start; at >= 0 && at < bytes.length; ) {
		const byte = bytes[at] as number;
		if (byte === QUOTE) return at + 1;
		at = byte === BACKSLASH || byte < SPACE ? escapeEnd(bytes, at) : at + 1;
	}
	return INVALID;
}

const IS_HEX = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[0-9a-fA-F]/.test(String.fromCharCode(byte))));
const U = 0x75;
/** What may follow a backslash, but `u`. */
const IS_ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) => Number('"\\/bfnrt'.includes(String.fromCharCode(byte))));

/** Index after the escape that stands at `at`; INVALID if it is none, but a control character. */
function escapeEnd(bytes: Uint8Array, at: number): number {
	if (bytes[at] !== BACKSLASH) return INVALID;
	const letter = bytes[at + 1] as number;
	if (letter !== U) return IS_ESCAPED[letter] === 1 ? at + 2 : INVALID;
	for (let digit = at + 2; digit < at + 6; digit++) if (IS_HEX[bytes[digit] as number] !== 1) return INVALID;
	return at + 6;
}

const [MINUS, PLUS, POINT, ZERO, NINE, LOWER_E, CASE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x65, 0x20] as const;
const [LOWER_F, LOWER_N, LOWER_T] = [0x66, 0x6e, 0x74] as const;

function scalarEnd(bytes: Uint8Array, at: number, first: number): number {
	if (first === LOWER_T) return isAt("true", bytes, at) ? at + 4 : INVALID;
	if (first === LOWER_F) return isAt("false", bytes, at) ? at + 5 : INVALID;
	if (first === LOWER_N) return isAt("null", bytes, at) ? at + 4 : INVALID;
	return numberEnd(bytes, at);
}

function numberEnd(bytes: Uint8Array, start: number): number {
	let at = bytes[start] === MINUS ? start + 1 : start;
	at = bytes[at] === ZERO ? at + 1 : digitsEnd(bytes, at);
	if (bytes[at] === POINT) at = digitsEnd(bytes, at + 1);
	if (((bytes[at] as number) | CASE) !== LOWER_E) return at;
	const sign = bytes[at + 1];
	return digitsEnd(bytes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** Index after the digits from `start` on, of which there must be one. */
function digitsEnd(bytes: Uint8Array, start: number): number {
	let at = start;
	while (isDigit(bytes[at])) at++;
	return at > start ? at : INVALID;
}

function isDigit(byte: number | undefined): boolean {
	return byte !== undefined && byte >= ZERO && byte <= NINE;
}

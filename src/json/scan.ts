/**
 * Finds where the members of a JSON object lie in its bytes, without parsing them.
 * It locates, it does not validate: whoever needs validity runs JSON.parse over the same bytes, or asks grammar.ts.
 */

import * as jsonBytes from "./bytes.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { BACKSLASH, CARRIAGE_RETURN, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, NEWLINE, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE, TAB } =
	jsonBytes;

/** The text ends inside a value. */
export const CUT = -1;
/** The bytes cannot be JSON. */
export const BROKEN = -2;
/** Nested deeper than allowed. */
export const DEEP = -3;

/** Nesting that is followed where nothing else is asked for. */
export const DEPTH_MAX = 1_000;

/** One member of an object: `bytes.subarray(start, end)` is its value's exact text. */
export interface Member {
	readonly key: string;
	/** Where the key's opening quote stands. */
	readonly keyStart: number;
	readonly start: number;
	/** CUT if the text ends inside the value. */
	readonly end: number;
}

export interface Scan {
	readonly members: readonly Member[];
	/** "cut": the text ends before the object does; "broken": the scan stopped there; "deep": nested too deep, or too many members. */
	readonly state: "whole" | "cut" | "broken" | "deep";
	/** After the closing brace, if whole; else where the scan stopped. */
	readonly end: number;
}

export function isSpace(byte: number | undefined): boolean {
	return byte === SPACE || byte === NEWLINE || byte === CARRIAGE_RETURN || byte === TAB;
}

/** Index of the first byte at or after `i` that is no JSON white space (maybe the end). */
export function skipSpace(bytes: Uint8Array, i: number, end = bytes.length): number {
	while (i < end && isSpace(bytes[i])) i++;
	return i;
}

/** The bytes without JSON white space around them; a view, no copy. */
export function trimJson(bytes: Uint8Array): Uint8Array {
	const start = skipSpace(bytes, 0);
	let end = bytes.length;
	while (end > start && isSpace(bytes[end - 1])) end--;
	return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Index after the string that opens at `i`, or CUT. */
export function skipString(bytes: Uint8Array, i: number, end = bytes.length): number {
	for (let at = i + 1; at < end; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) return at + 1;
		if (byte === BACKSLASH) at++;
	}
	return CUT;
}

/** Index after the value that begins at `i`, or CUT, BROKEN, DEEP. */
export function skipValue(bytes: Uint8Array, i: number, end: number, depthMax: number): number {
	const first = bytes[i];
	if (first === QUOTE) return skipString(bytes, i, end);
	if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, i, end, depthMax);
	return skipScalar(bytes, i, end);
}

function skipNested(bytes: Uint8Array, i: number, end: number, depthMax: number): number {
	let depth = 0;
	for (let at = i; at < end; at++) {
		const byte = bytes[at];
		if (byte === QUOTE) {
			at = skipString(bytes, at, end) - 1;
			if (at < 0) return CUT;
		} else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
			if (++depth > depthMax) return DEEP;
		} else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) {
			return at + 1;
		}
	}
	return CUT;
}

/** A number or a literal; one that reaches the end of the text may have been cut. */
function skipScalar(bytes: Uint8Array, i: number, end: number): number {
	let at = i;
	while (at < end && !endsScalar(bytes[at] as number)) at++;
	if (at === i) return BROKEN;
	return at === end ? CUT : at;
}

function endsScalar(byte: number): boolean {
	return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte) || byte === QUOTE || byte === COLON;
}

/** An object of more members would take gigabytes of memory to list. */
export const MEMBERS_MAX = 100_000;

/** The members of the object that opens at `start`. A text that opens no object there is "broken". */
export function scanObject(bytes: Uint8Array, start = 0, end = bytes.length, depthMax = DEPTH_MAX): Scan {
	const members: Member[] = [];
	const stop = (code: number, at: number): Scan => ({ members, state: code === CUT ? "cut" : code === DEEP ? "deep" : "broken", end: at });
	if (bytes[start] !== OPEN_BRACE) return stop(start < end ? BROKEN : CUT, start);
	let at = skipSpace(bytes, start + 1, end);
	if (bytes[at] === CLOSE_BRACE && at < end) return { members, state: "whole", end: at + 1 };
	while (at < end) {
		const member = scanMember(bytes, at, end, depthMax);
		if (typeof member === "number") return stop(member, at);
		if (members.push(member) > MEMBERS_MAX) return stop(DEEP, at);
		if (member.end === CUT) return stop(CUT, at);
		at = skipSpace(bytes, member.end, end);
		if (at >= end) break;
		if (bytes[at] === CLOSE_BRACE) return { members, state: "whole", end: at + 1 };
		if (bytes[at] !== COMMA) return stop(BROKEN, at);
		at = skipSpace(bytes, at + 1, end);
	}
	return stop(CUT, at);
}

function scanMember(bytes: Uint8Array, keyStart: number, end: number, depthMax: number): Member | number {
	if (bytes[keyStart] !== QUOTE) return BROKEN;
	const keyEnd = skipString(bytes, keyStart, end);
	if (keyEnd < 0) return CUT;
	const colon = skipSpace(bytes, keyEnd, end);
	if (colon >= end) return CUT;
	if (bytes[colon] !== COLON) return BROKEN;
	const start = skipSpace(bytes, colon + 1, end);
	if (start >= end) return CUT;
	const key = readKey(bytes, keyStart, keyEnd);
	if (key === undefined) return BROKEN;
	const valueEnd = skipValue(bytes, start, end, depthMax);
	if (valueEnd === BROKEN || valueEnd === DEEP) return valueEnd;
	return { key, keyStart, start, end: valueEnd };
}

const KEY_LENGTH_MAX = 64;
const KEYS_MAX = 4096;
const KEYS: (string | undefined)[] = new Array(KEYS_MAX).fill(undefined);

/** As readString. The same few keys come again and again: one string of each is kept, which saves making and hashing it anew. */
export function readKey(bytes: Uint8Array, start: number, end: number): string | undefined {
	const length = end - start - 2;
	let hash = 0;
	for (let at = start + 1; at < end - 1; at++) hash = (hash * 31 + (bytes[at] as number)) | 0;
	const slot = hash & (KEYS_MAX - 1);
	const known = KEYS[slot];
	if (known !== undefined && known.length === length && isAt(known, bytes, start + 1)) return known;
	const key = readString(bytes, start, end);
	if (length <= KEY_LENGTH_MAX && key?.length === length) KEYS[slot] = key;
	return key;
}

/** Whether these characters, all ASCII, stand at `start`. */
export function isAt(text: string, bytes: Uint8Array, start: number): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
	return true;
}

/** The string whose text, quotes included, is `bytes[start, end)`; undefined if it is no JSON string. */
export function readString(bytes: Uint8Array, start: number, end: number): string | undefined {
	let plain = true;
	for (let at = start + 1; at < end - 1 && plain; at++) {
		const byte = bytes[at] as number;
		plain = byte !== BACKSLASH && byte >= 0x20 && byte < 0x80;
	}
	if (plain) return textOf(bytes, start + 1, end - 1);
	try {
		const value: unknown = JSON.parse(textOf(bytes, start, end));
		return typeof value === "string" ? value : undefined;
	} catch {
		return undefined;
	}
}

/** The elements of the array that opens at `start`, as [start, end) pairs; undefined unless it is whole. */
export function scanArray(
	bytes: Uint8Array,
	start: number,
	end = bytes.length,
	depthMax = DEPTH_MAX,
): readonly (readonly [number, number])[] | undefined {
	if (bytes[start] !== OPEN_BRACKET) return undefined;
	const elements: [number, number][] = [];
	let at = skipSpace(bytes, start + 1, end);
	if (at < end && bytes[at] === CLOSE_BRACKET) return elements;
	while (at < end) {
		const elementEnd = skipValue(bytes, at, end, depthMax);
		if (elementEnd < 0) return undefined;
		elements.push([at, elementEnd]);
		at = skipSpace(bytes, elementEnd, end);
		if (at >= end) return undefined;
		if (bytes[at] === CLOSE_BRACKET) return elements;
		if (bytes[at] !== COMMA) return undefined;
		at = skipSpace(bytes, at + 1, end);
	}
	return undefined;
}

/** The bytes from `start` to `end` as a string. They are expected to be valid UTF-8; where not, U+FFFD stands. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
	return bufferOf(bytes).toString("utf8", start, end);
}

/** The same bytes, not copied, with Node's methods. */
export function bufferOf(bytes: Uint8Array): Buffer {
	return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

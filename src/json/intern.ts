/** Gives for the same JSON text what was made of it before: most of an audit event was said by an earlier one. */

import { OPEN_BRACE, OPEN_BRACKET, QUOTE } from "./bytes.ts";
import { type JsonText, validEnd, WORD_BYTES } from "./grammar.ts";

/** What is made of a value's text. */
export interface Made {
	/** Of the text. */
	readonly lengthBytes: number;
	/** The memory that it takes, about. */
	readonly sizeBytes: number;
}

/** Makes something of a valid value's text, that depends on nothing else. The bytes are a view: what is kept has to be copied. */
export type Make<T> = (text: Uint8Array, kind: number) => T;

/** What is made of the value that begins at `start`, read as one of several kinds; undefined if there is no valid one. */
export type Intern<T> = (text: JsonText, start: number, kind: number) => T | undefined;

/** Longer texts are rarely equal to an earlier one. */
const TEXT_LENGTH_MAX = 1024;
const TEXT_WORDS = TEXT_LENGTH_MAX / WORD_BYTES;
/** A text may stand in any slot of the set that its hash tells. */
const WAYS = 8;
const SETS = 512;
const SLOTS = SETS * WAYS;
/** Of what is made of one text; of all. */
const MADE_BYTES_MAX = 8 * 1024;
const TOTAL_BYTES_MAX = 10 * 1024 * 1024;
/** Of texts of a long kind. */
const BEGINNING_BYTES = 64;

interface Memory<T> {
	readonly made: (T | undefined)[];
	readonly kinds: Uint8Array;
	readonly hashes: Int32Array;
	/** The texts, each in a place of its own; its last word may reach back into the one before. */
	readonly words: Int32Array;
	/** Whether the slot was asked for since a newcomer last passed it by. */
	readonly isUsed: Uint8Array;
	/** Of each set, the way that was filled last. */
	readonly lastWay: Uint8Array;
	totalBytes: number;
	/** The slot that gives way next if all is too much. */
	hand: number;
}

/**
 * A memory of texts, bounded in number and in bytes. What it gives is shared, so nobody may change it.
 * Texts of a long kind are looked for by their beginning, before it is known where they end.
 */
export function interned<T extends Made>(make: Make<T>, isLong: readonly boolean[]): Intern<T> {
	const memory: Memory<T> = {
		made: new Array(SLOTS).fill(undefined),
		kinds: new Uint8Array(SLOTS),
		hashes: new Int32Array(SLOTS),
		words: new Int32Array(SLOTS * TEXT_WORDS),
		isUsed: new Uint8Array(SLOTS),
		lastWay: new Uint8Array(SETS),
		totalBytes: 0,
		hand: 0,
	};
	return (text, start, kind) => {
		const { bytes, words } = text;
		const isEarly = isLong[kind] === true;
		const hashEnd = isEarly ? Math.min(start + BEGINNING_BYTES, bytes.length) : validEnd(text, start);
		if (hashEnd < 0) return undefined;
		const hash = hashOf(words, start, hashEnd);
		const known = find(memory, words, start, kind, hash);
		if (known !== undefined) return known;
		const end = isEarly ? validEnd(text, start) : hashEnd;
		if (end < 0) return undefined;
		const made = make(bytes.subarray(start, end), kind);
		if (isKept(made) && saysItsEnd(bytes[start]) && end >= WORD_BYTES) keep(memory, made, words, start, kind, hash);
		return made;
	};
}

function find<T extends Made>(memory: Memory<T>, words: DataView, start: number, kind: number, hash: number): T | undefined {
	const first = (hash & (SETS - 1)) * WAYS;
	for (let slot = first; slot < first + WAYS; slot++) {
		if (memory.hashes[slot] !== hash || memory.kinds[slot] !== kind) continue;
		const made = memory.made[slot];
		if (made === undefined || !isTextAt(memory.words, slot * TEXT_WORDS, words, start, made.lengthBytes)) continue;
		memory.isUsed[slot] = 1;
		return made;
	}
	return undefined;
}

function isKept({ lengthBytes, sizeBytes }: Made): boolean {
	return lengthBytes <= TEXT_LENGTH_MAX && sizeBytes <= MADE_BYTES_MAX;
}

/** Objects, arrays and strings do: what begins as the whole of one is that one. A 7 may be the beginning of 77. */
function saysItsEnd(first: number | undefined): boolean {
	return first === OPEN_BRACE || first === OPEN_BRACKET || first === QUOTE;
}

/** Of a long text not every word is looked at: about 64 of them, and the last. */
function hashOf(words: DataView, start: number, end: number): number {
	const step = WORD_BYTES + (((end - start) >> 6) & -WORD_BYTES);
	let hash = end - start;
	for (let at = start; at <= end - WORD_BYTES; at += step) hash = mix(hash, words.getInt32(at, true));
	if (end >= WORD_BYTES) hash = mix(hash, words.getInt32(end - WORD_BYTES, true));
	return hash ^ (hash >>> 15);
}

function mix(hash: number, word: number): number {
	const mixed = Math.imul(hash ^ word, 0x9e3779b1);
	return mixed ^ (mixed >>> 13);
}

/** Whether the known text, `length` bytes from `index` on, stands at `start`. */
function isTextAt(known: Int32Array, index: number, words: DataView, start: number, length: number): boolean {
	const lastWord = start + length - WORD_BYTES;
	if (lastWord < 0 || lastWord + WORD_BYTES > words.byteLength) return false;
	let next = index;
	for (let at = start; at < lastWord; at += WORD_BYTES) if (known[next++] !== words.getInt32(at, true)) return false;
	return known[next] === words.getInt32(lastWord, true);
}

function keep<T extends Made>(memory: Memory<T>, made: T, words: DataView, start: number, kind: number, hash: number): void {
	const slot = nextSlot(memory, hash & (SETS - 1));
	drop(memory, slot);
	memory.made[slot] = made;
	memory.kinds[slot] = kind;
	memory.hashes[slot] = hash;
	copyWords(memory.words, slot * TEXT_WORDS, words, start, start + made.lengthBytes);
	memory.totalBytes += made.sizeBytes;
	for (; memory.totalBytes > TOTAL_BYTES_MAX; memory.hand = (memory.hand + 1) % SLOTS) drop(memory, memory.hand);
}

/** The slots of a set give way in turn, but one that was used gets a second chance. */
function nextSlot<T>({ isUsed, lastWay }: Memory<T>, set: number): number {
	let way = lastWay[set] as number;
	do way = (way + 1) % WAYS;
	while (clear(isUsed, set * WAYS + way));
	lastWay[set] = way;
	return set * WAYS + way;
}

/** Whether the flag was set; now it is not. */
function clear(flags: Uint8Array, index: number): boolean {
	const wasSet = flags[index] === 1;
	flags[index] = 0;
	return wasSet;
}

function copyWords(target: Int32Array, index: number, words: DataView, start: number, end: number): void {
	const lastWord = end - WORD_BYTES;
	let next = index;
	for (let at = start; at < lastWord; at += WORD_BYTES) target[next++] = words.getInt32(at, true);
	target[next] = words.getInt32(lastWord, true);
}

function drop<T extends Made>(memory: Memory<T>, slot: number): void {
	memory.totalBytes -= memory.made[slot]?.sizeBytes ?? 0;
	memory.made[slot] = undefined;
}

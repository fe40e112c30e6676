/** A set of record ids in some 30 bytes each, outside the heap: the ids of minutes of a busy cluster are held at any time. */

import { hash } from "node:crypto";

/** 128 bits of SHA-256 stand for an id. Enough that two ids never meet. */
const KEY_BYTES = 16;
const KEY_WORDS = KEY_BYTES / 4;
const CAPACITY_MIN = 16;
const GROWTH = 1.5;
/** Places for each key that there is room for. */
const SLOTS_PER_KEY = 1.5;
const WORD_RANGE = 2 ** 32;

export interface KeySet {
	size(): number;
	/** Whether the id is new. From now on it is not. */
	add(id: string): boolean;
	/** The keys that were added first, in the order of their adding, as base64. */
	pack(count: number): string;
	/** The bytes of each key. They hold only until the next is asked for. */
	keys(): Iterable<Uint8Array>;
}

const scratch = Buffer.alloc(KEY_BYTES);
const wanted = new Uint32Array(scratch.buffer, scratch.byteOffset, KEY_WORDS);

/** Holds what `pack` gave. */
export function createKeySet(packed = ""): KeySet {
	const saved = Buffer.from(packed, "base64");
	let size = 0;
	let keys = Buffer.alloc(0);
	let words = new Uint32Array();
	/** Where each key stands, and 1 more; 0 is an empty place. The first bits of a key say where to begin looking. */
	let slots = new Uint32Array();
	resize(Math.max(CAPACITY_MIN, Math.ceil((saved.length / KEY_BYTES) * GROWTH)));
	for (let at = 0; at + KEY_BYTES <= saved.length; at += KEY_BYTES) {
		saved.copy(scratch, 0, at);
		addWanted();
	}

	function resize(capacity: number): void {
		const before = keys;
		words = new Uint32Array(capacity * KEY_WORDS);
		keys = Buffer.from(words.buffer);
		before.copy(keys);
		slots = new Uint32Array(Math.ceil(capacity * SLOTS_PER_KEY));
		for (let index = 0; index < size; index++) slots[emptySlot(words[index * KEY_WORDS] as number)] = index + 1;
	}

	function firstSlot(word: number): number {
		return Math.floor((word / WORD_RANGE) * slots.length);
	}

	function emptySlot(word: number): number {
		let slot = firstSlot(word);
		while (slots[slot] !== 0) slot = slot + 1 === slots.length ? 0 : slot + 1;
		return slot;
	}

	function isWantedAt(index: number): boolean {
		for (let word = 0; word < KEY_WORDS; word++) if (words[index * KEY_WORDS + word] !== wanted[word]) return false;
		return true;
	}

	function addWanted(): boolean {
		let slot = firstSlot(wanted[0] as number);
		for (let at = slots[slot] as number; at !== 0; at = slots[slot] as number) {
			if (isWantedAt(at - 1)) return false;
			slot = slot + 1 === slots.length ? 0 : slot + 1;
		}
		scratch.copy(keys, size * KEY_BYTES);
		slots[slot] = ++size;
		if (size * KEY_BYTES === keys.length) resize(Math.ceil(size * GROWTH));
		return true;
	}

	return {
		size: () => size,
		add(id) {
			scratch.write(hash("sha256", id, "binary"), 0, KEY_BYTES, "latin1");
			return addWanted();
		},
		pack: (count) => keys.toString("base64", 0, count * KEY_BYTES),
		*keys() {
			for (let index = 0; index < size; index++) yield keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES);
		},
	};
}

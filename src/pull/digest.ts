/** Short, exact stand-ins for ids: a key of 128 bits for one, and for many a count with a sum that any other set would miss. */

import { hash } from "node:crypto";

const KEY_BYTES = 16;
const SUM_WORDS = 8;

/** 128 bits of SHA-256, as 16 characters of one byte each. Enough that two ids never meet; half of what a set of them costs. */
export function keyOf(id: string): string {
	return hash("sha256", id, "buffer").toString("latin1", 0, KEY_BYTES);
}

/** Keys, one after the other, in base64. */
export function packKeys(keys: Iterable<string>): string {
	return Buffer.from([...keys].join(""), "latin1").toString("base64");
}

export function* unpackKeys(text: string): Generator<string> {
	const bytes = Buffer.from(text, "base64");
	for (let at = 0; at + KEY_BYTES <= bytes.length; at += KEY_BYTES) yield bytes.toString("latin1", at, at + KEY_BYTES);
}

/** How many keys, and the sum of their SHA-256 modulo 2^256. Neither order nor repetition of the whole set shows. */
export interface Digest {
	count: number;
	readonly sum: Uint32Array;
}

export function emptyDigest(): Digest {
	return { count: 0, sum: new Uint32Array(SUM_WORDS) };
}

export function addKey(digest: Digest, key: string): void {
	const bytes = hash("sha256", Buffer.from(key, "latin1"), "buffer");
	let carry = 0;
	for (let word = SUM_WORDS - 1; word >= 0; word--) {
		const added = (digest.sum[word] as number) + bytes.readUInt32BE(word * 4) + carry;
		digest.sum[word] = added;
		carry = added > 0xffff_ffff ? 1 : 0;
	}
	digest.count++;
}

export function sameDigest(a: Digest, b: Digest): boolean {
	return a.count === b.count && a.sum.every((word, i) => word === b.sum[i]);
}

export type PackedDigest = readonly [count: number, sum: string];

export function packDigest({ count, sum }: Digest): PackedDigest {
	return [count, sumBytes(sum).toString("base64")];
}

export function unpackDigest([count, text]: PackedDigest): Digest {
	const bytes = Buffer.from(text, "base64");
	return { count, sum: Uint32Array.from({ length: SUM_WORDS }, (_, word) => bytes.readUInt32BE(word * 4)) };
}

function sumBytes(sum: Uint32Array): Buffer {
	const bytes = Buffer.alloc(SUM_WORDS * 4);
	for (const [word, value] of sum.entries()) bytes.writeUInt32BE(value, word * 4);
	return bytes;
}

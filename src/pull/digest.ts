/** What stands for the ids of a minute: a count, with a sum that any other set would miss. */

import { hash } from "node:crypto";
import type { KeySet } from "./key-set.ts";

const SUM_WORDS = 8;

/** How many keys, and the sum of their SHA-256 modulo 2^256. Neither order nor repetition of the whole set shows. */
export interface Digest {
	count: number;
	readonly sum: Uint32Array;
}

export function emptyDigest(): Digest {
	return { count: 0, sum: new Uint32Array(SUM_WORDS) };
}

/** Of all that is in the set. */
export function digestOf(set: KeySet): Digest {
	const digest = emptyDigest();
	addKeys(digest, set);
	return digest;
}

export function addKeys(digest: Digest, set: KeySet): void {
	for (const key of set.keys()) addSum(digest.sum, hash("sha256", key, "buffer"));
	digest.count += set.size();
}

function addSum(sum: Uint32Array, bytes: Buffer): void {
	let carry = 0;
	for (let word = SUM_WORDS - 1; word >= 0; word--) {
		const added = (sum[word] as number) + bytes.readUInt32BE(word * 4) + carry;
		sum[word] = added;
		carry = added > 0xffff_ffff ? 1 : 0;
	}
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

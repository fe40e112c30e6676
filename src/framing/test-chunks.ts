/** Chunks for the tests of framing: any way of cutting the same bytes must give the same records. */

import fc from "fast-check";
import type { RawRecord } from "../contract/record.ts";
import { textOf } from "../json/scan.ts";

/** The bytes in chunks of these sizes, taken in turn. */
export async function* chunksOf(bytes: Uint8Array | string, sizes: readonly number[] = [1 << 16]): AsyncGenerator<Uint8Array> {
	const all = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
	for (let at = 0, turn = 0; at < all.length; turn++) {
		const size = sizes[turn % sizes.length] as number;
		yield all.subarray(at, at + size);
		at += size;
	}
}

/** Sizes of chunks, an empty one among them at times, but never nothing else. */
export const sizes = fc
	.tuple(fc.array(fc.nat({ max: 9 }), { maxLength: 4 }), fc.integer({ min: 1, max: 30 }))
	.map(([some, last]) => [...some, last]);

export async function recordsOf(pages: AsyncIterable<readonly RawRecord[]>): Promise<RawRecord[]> {
	const records: RawRecord[] = [];
	for await (const page of pages) records.push(...page);
	return records;
}

/** What arrives, in a form that compares and prints well. */
export function shown({ id, body, error, whole }: RawRecord): unknown {
	return { id, body: textOf(body), ...(error === undefined ? {} : { code: error.code }), ...(whole === undefined ? {} : { whole }) };
}

/** Counts whether a source that it wraps was closed. */
export function watched(chunks: AsyncGenerator<Uint8Array>): { readonly chunks: AsyncGenerator<Uint8Array>; closed(): boolean } {
	let isClosed = false;
	async function* pass(): AsyncGenerator<Uint8Array> {
		try {
			yield* chunks;
		} finally {
			isClosed = true;
		}
	}
	return { chunks: pass(), closed: () => isClosed };
}

/** A source that breaks after these bytes. */
export async function* breaking(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
	throw new Error("the source broke");
}

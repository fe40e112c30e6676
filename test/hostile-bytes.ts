/** Hostile bytes for a connector, and what must hold of them: for the property tests of frame and decode. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Connector, Limits } from "../src/contract/connector.ts";
import { comparable, formsOf, readStored } from "./read-stored.ts";
import { ROOT } from "./source-files.ts";

export interface Ingredients {
	readonly files: readonly Buffer[];
	/** What the files' formats are made of. */
	readonly words: readonly string[];
	/** What a file has at most. */
	readonly bytesMax: number;
}

/** The beginnings of fixtures. */
export function fixtures(folder: string, names: readonly string[], bytesMax: number): readonly Buffer[] {
	return names.map((name) => readFileSync(join(ROOT, "fixtures", folder, name)).subarray(0, bytesMax));
}

/** Damaged fixtures, heaps of words, or anything. */
export function hostileBytes({ files, words, bytesMax }: Ingredients): fc.Arbitrary<Buffer> {
	const word = fc.constantFrom(...words);
	const edit = fc.tuple(fc.nat(bytesMax), fc.nat(40), fc.oneof(word, fc.string({ unit: "binary" })));
	return fc.oneof(
		fc.tuple(fc.constantFrom(...files), fc.array(edit, { maxLength: 6 })).map(([file, edits]) => edited(file, edits)),
		fc.array(word, { maxLength: 40 }).map((some) => Buffer.from(some.join(""))),
		fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
	);
}

/** The file in which a few stretches were replaced by something else. */
function edited(file: Buffer, edits: readonly (readonly [at: number, length: number, text: string])[]): Buffer {
	let bytes = file;
	for (const [at, length, text] of edits) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + length)]);
	return bytes;
}

/** Any bytes in any chunks, by every form and under either limits: the same outcomes, and none throws. */
export async function assertChunksNeverMatter(connector: Connector, ingredients: Ingredients, tight: Partial<Limits>): Promise<void> {
	const form = fc.constantFrom(...connector.forms.map(({ name }) => name));
	const cutPlaces = fc.array(fc.nat(ingredients.bytesMax + 500), { maxLength: 12 });
	await fc.assert(
		fc.asyncProperty(hostileBytes(ingredients), form, fc.constantFrom({}, tight), cutPlaces, async (bytes, name, limits, cuts) => {
			const whole = await readStored(connector, name, bytes, { limits });
			const parts = await readStored(connector, name, bytes, { limits, cuts });
			assert.equal(comparable(parts), comparable(whole));
			formsOf(connector, bytes);
		}),
		{ numRuns: 400 },
	);
}

/** The beginning of each file, byte by byte and at once, by every form: the same outcomes. */
export async function assertByteByByte(connector: Connector, files: readonly Buffer[], bytesMax: number): Promise<void> {
	for (const file of files) {
		const bytes = file.subarray(0, bytesMax);
		const cuts = Array.from(bytes.keys());
		for (const { name } of connector.forms) {
			const single = await readStored(connector, name, bytes, { cuts });
			assert.equal(comparable(single), comparable(await readStored(connector, name, bytes)), name);
		}
	}
}

/** Hostile bytes: nothing throws, every record has an outcome, and the chunks in which bytes come never matter. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { comparable, formsOf, readStored } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { kubernetes } from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(join(ROOT, "fixtures/kubernetes", name)).subarray(0, 6_000);
const FILES = [
	"bom-crlf.raw.jsonl",
	"legacy.raw.log",
	"event-list-pretty.raw.json",
	"event-list-bodies.raw.jsonl",
	"shipper-envelope.raw.jsonl",
	"cri.raw.log",
	"garbage-between.raw.log",
	"node-name-prefix.raw.log",
	"array-pretty.raw.json",
	"proto-keys.raw.jsonl",
].map(fixture);

const WORDS = [
	'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[',
	"]}",
	'"',
	"\\",
	"\n",
	'{"log":"',
	"{",
	"[",
	"null,",
	"2026-11-23T15:08:35.1Z stdout P ",
	"2026-11-23T15:08:35.1Z stdout F x",
	" AUDIT: id=",
	"\ud800",
];
const form = fc.constantFrom(...kubernetes.forms.map(({ name }) => name));
const limits = fc.constantFrom({}, { recordBytesMax: 300, depthMax: 5 });

/** A fixture in which a few stretches were replaced by something else. */
const mutated = fc
	.tuple(
		fc.constantFrom(...FILES),
		fc.array(fc.tuple(fc.nat(6_000), fc.nat(40), fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: "binary" }))), { maxLength: 6 }),
	)
	.map(([file, edits]) => {
		let bytes: Buffer = file;
		for (const [at, length, text] of edits) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + length)]);
		return bytes;
	});
const anything = fc.oneof(
	mutated,
	fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => Buffer.from(words.join(""))),
	fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);

test("any bytes in any chunks: the same outcomes, and none throws", async () => {
	await fc.assert(
		fc.asyncProperty(anything, form, limits, fc.array(fc.nat(6_500), { maxLength: 12 }), async (bytes, name, bounds, cuts) => {
			const whole = await readStored(kubernetes, name, bytes, { limits: bounds });
			const parts = await readStored(kubernetes, name, bytes, { limits: bounds, cuts });
			assert.equal(comparable(parts), comparable(whole));
			formsOf(kubernetes, bytes);
		}),
		{ numRuns: 400 },
	);
});

test("byte by byte is the same as at once", async () => {
	for (const file of FILES) {
		for (const { name } of kubernetes.forms) {
			const bytes = file.subarray(0, 3_000);
			const cuts = Array.from(bytes.keys());
			assert.equal(
				comparable(await readStored(kubernetes, name, bytes, { cuts })),
				comparable(await readStored(kubernetes, name, bytes)),
				name,
			);
		}
	}
});

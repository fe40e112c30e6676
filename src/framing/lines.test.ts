import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { HEAD_BYTES } from "./limits.ts";
import { frameLines } from "./lines.ts";
import { breaking, chunksOf, recordsOf, shown, sizes, watched } from "./test-chunks.ts";

const LARGE = 1 << 20;

async function linesOf(text: string | Uint8Array, chunkSizes?: readonly number[], max = LARGE): Promise<unknown[]> {
	return (await recordsOf(frameLines(chunksOf(text, chunkSizes), max))).map(shown);
}

test("lines are records by the offsets of their first bytes; line ends, marks and blank lines are not", async () => {
	assert.deepEqual(await linesOf("\ufeffa\r\n\r\n \t\nbé\n\n\rc\r\r\nlast"), [
		{ id: "0", body: "a" },
		{ id: "11", body: "bé" },
		{ id: "16", body: "\rc\r" },
		{ id: "21", body: "last" },
	]);
	for (const blank of ["", "\n", "\r\n\r\n", "\ufeff", "\ufeff\r\n", "  "])
		assert.deepEqual(await linesOf(blank), [], JSON.stringify(blank));
});

test("a byte order mark is left out at the beginning only", async () => {
	assert.deepEqual(await linesOf("\ufeff\ufeffa\n\ufeffb"), [
		{ id: "0", body: "\ufeffa" },
		{ id: "8", body: "\ufeffb" },
	]);
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

test("a line at the limit is a record, one past it is measured", async () => {
	for (const chunkSizes of [[1], [3], [5], [1000]]) {
		assert.deepEqual(await linesOf("12345\n123456\n12\n", chunkSizes, 5), [
			{ id: "0", body: "12345" },
			{ id: "6", body: "123456", code: "RECORD_TOO_LARGE", whole: { sizeBytes: 6, sha256: sha256("123456") } },
			{ id: "13", body: "12" },
		]);
	}
});

test("of a line that is too large its beginning is kept, with its whole size and hash", async () => {
	const large = "x".repeat(3 * HEAD_BYTES + 7);
	for (const chunkSizes of [[1000], [HEAD_BYTES], [1 << 20]]) {
		const [record, next, ...more] = await linesOf(`${large}\nb`, chunkSizes, 10);
		const whole = { sizeBytes: large.length, sha256: sha256(large) };
		assert.deepEqual(record, { id: "0", body: large.slice(0, HEAD_BYTES), code: "RECORD_TOO_LARGE", whole });
		assert.deepEqual([next, more], [{ id: String(large.length + 1), body: "b" }, []]);
	}
});

test("any chunking gives equal records, and no byte but line ends and blanks goes missing", async () => {
	const text = fc.array(fc.constantFrom("\n", "\r\n", "\ufeff", " ", "a", "é", "{}", "0123456789", "\r"), { maxLength: 30 });
	await fc.assert(
		fc.asyncProperty(text, sizes, async (parts, chunkSizes) => {
			const whole = parts.join("");
			const expected = await linesOf(whole, undefined, 12);
			assert.deepEqual(await linesOf(whole, chunkSizes, 12), expected);
			const lines = whole
				.replace(/^\ufeff/, "")
				.split("\n")
				.map((line) => line.replace(/\r$/, ""));
			assert.equal(expected.length, lines.filter((line) => !/^[ \t\r]*$/.test(line)).length);
		}),
	);
});

test("an early return closes the source, and what a source throws is thrown on", async () => {
	const source = watched(chunksOf("a\nb\nc\n", [2]));
	for await (const _ of frameLines(source.chunks, LARGE)) break;
	assert.ok(source.closed());
	await assert.rejects(recordsOf(frameLines(breaking(Buffer.from("a\nb")), LARGE)), /the source broke/);
});

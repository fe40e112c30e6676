import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonStreamOptions } from "./json-cutter.ts";
import { frameJson } from "./json-stream.ts";
import { breaking, chunksOf, recordsOf, shown, sizes, watched } from "./test-chunks.ts";

const LISTS = { arrays: new Set(["items", "records"]) };

async function framed(text: string, options: Partial<JsonStreamOptions> = {}, chunkSizes?: readonly number[]): Promise<unknown[]> {
	return (await recordsOf(frameJson(chunksOf(text, chunkSizes), { recordBytesMax: 1 << 20, ...options }))).map(shown);
}

/** Frames in several chunkings, which must agree, and gives the bodies; checks that ids are the offsets of the bodies. */
async function bodies(text: string, options: Partial<JsonStreamOptions> = {}): Promise<string[]> {
	const records = (await framed(text, options)) as { id: string; body: string; code?: string }[];
	for (const chunkSizes of [[1], [2, 3], [7]]) assert.deepEqual(await framed(text, options, chunkSizes), records, text);
	const bytes = Buffer.from(text);
	for (const { id, body } of records) assert.equal(bytes.subarray(Number(id)).indexOf(body), 0, `id ${id} of ${body}`);
	return records.map(({ body, code }) => (code === undefined ? body : `${code} ${body}`));
}

test("top-level values are records, however they are written", async () => {
	assert.deepEqual(await bodies('{"a":1}{"b":"}"}\n{\n  "c": [1, "]"]\n}\r\n{}'), ['{"a":1}', '{"b":"}"}', '{\n  "c": [1, "]"]\n}', "{}"]);
	assert.deepEqual(await bodies(""), []);
	assert.deepEqual(await bodies(" \n"), []);
});

test("the elements of a top-level array are records, of any type", async () => {
	assert.deepEqual(await bodies('[{"a":[1]}, "x,]\\"" ,[2,[3]],\n{}]'), ['{"a":[1]}', '"x,]\\""', "[2,[3]]", "{}"]);
	assert.deepEqual(await bodies("[]"), []);
	assert.deepEqual(await bodies("[ ]\n[{}]"), ["{}"]);
});

test("an element that is a number or a literal takes none of its neighbours along", async () => {
	assert.deepEqual(await bodies('[null,{"a":1},-1.5e3 ,true,{"b":2},false]{"c":3}'), [
		"null",
		'{"a":1}',
		"-1.5e3",
		"true",
		'{"b":2}',
		"false",
		'{"c":3}',
	]);
	assert.deepEqual(await bodies('{"items":[null,{"a":1}]}', LISTS), ["null", '{"a":1}']);
});

test("the elements of named arrays are records, and the object around them is none", async () => {
	assert.deepEqual(await bodies('{"kind":"List","items":[{"a":1},{"b":2}],"metadata":{"x":[{}]}}', LISTS), ['{"a":1}', '{"b":2}']);
	assert.deepEqual(await bodies('{"items":[{"a":1}],"n":{"items":[3]},"records":[{"b":2}]}\n{"items":[]}{"items":[{"c":3}]}', LISTS), [
		'{"a":1}',
		'{"b":2}',
		'{"c":3}',
	]);
	assert.deepEqual(await bodies('{ "it\\u0065ms" : [ {"a":1} ] }', LISTS), ['{"a":1}']);
});

test("an object without such an array is a record as a whole", async () => {
	for (const text of [
		'{"items":{"a":[1]}}',
		'{"items":null}',
		'{"items":"[1]"}',
		'{"a":{"items":[1]}}',
		'{"x":"items","y":[1]}',
		'{"\\"items":[1]}',
		"{}",
	])
		assert.deepEqual(await bodies(text, LISTS), [text]);
});

test("records are never opened, whatever their members are named", async () => {
	const record = '{"items":[{"items":[1]}],"records":[2]}';
	assert.deepEqual(await bodies(`{"items":[${record},${record}]}`, LISTS), [record, record]);
	assert.deepEqual(await bodies(`[${record},${record}]`, LISTS), [record, record]);
	assert.deepEqual(await bodies(`${record}`), [record]);
});

test("elements of a top-level array are opened where the form says so, and only there", async () => {
	const options = { ...LISTS, openElements: true };
	assert.deepEqual(await bodies('[{"items":[{"a":1},{"items":[2]}]},{"b":2},{"items":[]},{"items":[3]}]{"items":[4]}', options), [
		'{"a":1}',
		'{"items":[2]}',
		'{"b":2}',
		"3",
		"4",
	]);
	assert.deepEqual(await bodies('{"items":[{"items":[1]}]}', options), ['{"items":[1]}']);
});

test("what the stream cuts is yielded as far as it came", async () => {
	assert.deepEqual(await bodies('{"items":[{"a":1},{"b":"x', LISTS), ['{"a":1}', '{"b":"x']);
	assert.deepEqual(await bodies('[{"a":1},nul'), ['{"a":1}', "nul"]);
	assert.deepEqual(await bodies('{"kind":"List","ite', LISTS), ['{"kind":"List","ite']);
	assert.deepEqual(await bodies('{"items":[{"a":1}],"meta":{"x', LISTS), ['{"a":1}']);
	assert.deepEqual(await bodies('{"a":"\\'), ['{"a":"\\']);
});

test("text that is no JSON is malformed up to the end of its line", async () => {
	assert.deepEqual(await bodies('{"a":1}\nI0101 {"no":1} text\n{"b":2}\n"top"\n}\n{"c":3}'), [
		'{"a":1}',
		'RECORD_MALFORMED I0101 {"no":1} text',
		'{"b":2}',
		'RECORD_MALFORMED "top"',
		"RECORD_MALFORMED }",
		'{"c":3}',
	]);
	assert.deepEqual(await bodies('[{"a":1},\n%garbage, {\n{"b":2}]'), ['{"a":1}', "RECORD_MALFORMED %garbage, {", '{"b":2}']);
	assert.deepEqual(await bodies("text"), ["RECORD_MALFORMED text"]);
});

test("an element at the limit is a record, one past it is measured, and the next one is found", async () => {
	const large = `{"a":"${"]},".repeat(20)}"}`;
	const whole = { sizeBytes: large.length, sha256: createHash("sha256").update(large).digest("hex") };
	for (const chunkSizes of [[1], [7], [1000]]) {
		const options = { ...LISTS, recordBytesMax: large.length - 1 };
		assert.deepEqual(await framed(`{"items":[${large},{}]}`, options, chunkSizes), [
			{ id: "10", body: large, code: "RECORD_TOO_LARGE", whole },
			{ id: String(11 + large.length), body: "{}" },
		]);
		assert.deepEqual(await framed(`[${large}]`, { recordBytesMax: large.length }, chunkSizes), [{ id: "1", body: large }]);
		// An object that is no record may be of any size.
		assert.deepEqual(await framed(`{"x":${large},"items":[{}]}`, options, chunkSizes), [{ id: String(large.length + 15), body: "{}" }]);
	}
});

test("bug: a byte order mark that comes in several chunks was taken for garbage", async () => {
	for (const chunkSizes of [[1], [2], [3], [0, 1, 100]])
		assert.deepEqual(await framed('\ufeff{"a":1}', {}, chunkSizes), [{ id: "3", body: '{"a":1}' }]);
	assert.deepEqual(await framed("\ufeff", {}, [1]), []);
	assert.deepEqual(await bodies("\ufeff\ufeff{}"), ["RECORD_MALFORMED \ufeff{}"]);
});

test("bug: the tail of a long key, in a chunk of its own, opened an array of that name", async () => {
	const text = `{"${"x".repeat(80)}items":[1]}`;
	assert.deepEqual(await framed(text, LISTS, [82, 100]), [{ id: "0", body: text }]);
	for (const length of [59, 60, 61, 62, 63]) {
		const long = `{"${"x".repeat(length)}":[1]}`;
		assert.deepEqual(await bodies(long, { arrays: new Set(["x".repeat(60)]) }), length === 60 ? ["1"] : [long]);
	}
});

const element = fc.jsonValue({ maxDepth: 3 });

test("any list, however written and chunked, gives exactly its elements", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(element),
			fc.constantFrom(undefined, 1, "\t"),
			sizes,
			fc.boolean(),
			async (items, indent, chunkSizes, named) => {
				const text = JSON.stringify(named ? { kind: "List", "a\\b": ["]"], items } : items, undefined, indent);
				const records = (await framed(text, LISTS, chunkSizes)) as { id: string; body: string }[];
				assert.deepEqual(
					records.map(({ body }) => JSON.parse(body)),
					JSON.parse(JSON.stringify(items)),
				);
				for (const { id, body } of records) assert.equal(Buffer.from(text).subarray(Number(id)).indexOf(body), 0);
			},
		),
	);
});

test("any bytes give equal records in any chunking, and framing ends", async () => {
	const part = fc.constantFrom(
		"{",
		"}",
		"[",
		"]",
		'"',
		"\\",
		",",
		":",
		"\n",
		" ",
		'"items":[',
		'{"a":1}',
		"null",
		"12",
		"x",
		"\ufeff",
		'"items"',
	);
	await fc.assert(
		fc.asyncProperty(fc.array(part, { maxLength: 40 }), sizes, fc.boolean(), async (parts, chunkSizes, openElements) => {
			const options = { ...LISTS, openElements, recordBytesMax: 15 };
			assert.deepEqual(await framed(parts.join(""), options, chunkSizes), await framed(parts.join(""), options));
		}),
		{ numRuns: 500 },
	);
});

test("an early return closes the source, and what a source throws is thrown on", async () => {
	const source = watched(chunksOf("{}{}{}{}", [2]));
	for await (const _ of frameJson(source.chunks, { recordBytesMax: 10 })) break;
	assert.ok(source.closed());
	await assert.rejects(recordsOf(frameJson(breaking(Buffer.from('{"a":')), { recordBytesMax: 10 })), /the source broke/);
});

test("bug: a line that is cut inside a string swallowed the lines after it", async () => {
	const lines = ['{"a":"whole"}', '{"a":{"b":["cut', '{"records":[{"c":1},{"d":"cut too', '{"e":"whole"}'].join("\n");
	for (const size of [1, 3, 1_000]) {
		assert.deepEqual(await framed(lines, LISTS, [size]), await framed(lines, LISTS));
	}
	const bodies = (await recordsOf(frameJson(chunksOf(Buffer.from(lines), [7]), { recordBytesMax: 1_000, ...LISTS }))).map(({ body }) =>
		Buffer.from(body).toString(),
	);
	assert.deepEqual(bodies, ['{"a":"whole"}', '{"a":{"b":["cut', '{"c":1}', '{"d":"cut too', '{"e":"whole"}']);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SNIFF_BYTES, sniff } from "./sniff.ts";

const sniffed = (text: string): unknown => {
	const { first, keys, inArray } = sniff(Buffer.from(text));
	return { first, keys: [...keys], inArray };
};

test("the first object says its members, alone, in an array, behind a mark", () => {
	for (const [text, inArray] of [
		['{"a":1,"b":{"c":[2]}}', false],
		[' \n{"a":1,"b":{"c":[2]}}{"d":3}', false],
		['\ufeff[ {"a":1,"b":{"c":[2]}},{"d":3}]', true],
	] as const)
		assert.deepEqual(sniffed(text), { first: { a: 1, b: { c: [2] } }, keys: ["a", "b"], inArray });
});

test("of an object that is cut the complete members are parsed, and the key of the cut one is known", () => {
	assert.deepEqual(sniffed('{"kind":"List","items":[{"a":'), { first: { kind: "List" }, keys: ["kind", "items"], inArray: false });
	const long = sniff(Buffer.from(`\ufeff{"kind":"List","items":["${"x".repeat(2 * SNIFF_BYTES)}"]}`));
	assert.deepEqual([long.first, [...long.keys], Buffer.byteLength(long.text)], [{ kind: "List" }, ["kind", "items"], SNIFF_BYTES - 3]);
});

test("what is no object has text only", () => {
	for (const text of ["", " ", "I0101 text", '"a"', "1"])
		assert.deepEqual([sniffed(text), sniff(Buffer.from(text)).text], [{ first: undefined, keys: [], inArray: false }, text]);
	assert.deepEqual(sniffed("[1,{}]"), { first: undefined, keys: [], inArray: true });
	assert.deepEqual(sniffed('{"a":1}, "b"'), { first: { a: 1 }, keys: ["a"], inArray: false });
	assert.deepEqual(sniffed('{"a":tru,"b":1}'), { first: undefined, keys: ["a", "b"], inArray: false });
});

test("a key like __proto__ is a key", () => {
	const { first } = sniff(Buffer.from('{"__proto__":{"x":1}}'));
	assert.deepEqual(Object.keys(first ?? {}), ["__proto__"]);
	assert.equal((first as { x?: unknown }).x, undefined);
});

test("any bytes give an answer", () => {
	const text = fc
		.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", '"k":', "1", "\ufeff", " "))
		.map((parts) => Buffer.from(parts.join("")));
	fc.assert(
		fc.property(fc.oneof(fc.uint8Array(), text), (bytes) => void sniff(bytes)),
		{ numRuns: 1000 },
	);
	assert.doesNotThrow(() => sniff(Buffer.from('{"a":'.repeat(20_000))));
	assert.doesNotThrow(() => sniff(Buffer.from("[".repeat(100_000))));
});

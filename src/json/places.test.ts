import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findAt, placesOf } from "./places.ts";
import { textOf } from "./scan.ts";

const WANTED = placesOf({ a: { b: true, c: { b: true } }, b: true, "": { a: true } });
const find = (text: string): readonly (string | undefined)[] => findAt(WANTED, Buffer.from(text)).map((value) => value && textOf(value));

type Plain = Record<string, unknown>;
const at = (value: unknown, key: string): unknown =>
	typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, key) ? (value as Plain)[key] : undefined;

test("values come in the order of the places, whatever the order of the text", () => {
	assert.deepEqual(find('{"b":1.0,"":{"a":[ ]},"x":{"a":{"b":9}},"a":{"c":{"b":"\\u0041"},"b":{"a": 2}}}'), [
		'{"a": 2}',
		'"\\u0041"',
		"1.0",
		"[ ]",
	]);
	assert.deepEqual(find('{ "\\u0061" : { "b" : null } }'), ["null", undefined, undefined, undefined]);
});

test("of a repeated key the last counts, with all that is in it", () => {
	assert.deepEqual(find('{"a":{"b":1,"c":{"b":2}},"b":3,"b":4,"a":{"b":5}}'), ["5", undefined, "4", undefined]);
	assert.deepEqual(find('{"a":{"b":1},"a":[{"b":2}]}'), [undefined, undefined, undefined, undefined]);
});

test("any JSON: what JSON.parse finds at the places", () => {
	const key = fc.constantFrom("a", "b", "c", "", "x", "__proto__");
	const { value } = fc.letrec<{ value: unknown }>((tie) => ({
		value: fc.oneof(
			{ maxDepth: 4 },
			fc.jsonValue({ maxDepth: 1 }),
			fc.dictionary(key, tie("value")),
			fc.array(tie("value"), { maxLength: 2 }),
		),
	}));
	fc.assert(
		fc.property(value, fc.constantFrom(0, 2), (any, indent) => {
			const text = JSON.stringify(any, null, indent);
			const plain = JSON.parse(text) as unknown;
			const a = at(plain, "a");
			assert.deepEqual(
				find(text).map((one) => (one === undefined ? undefined : (JSON.parse(one) as unknown))),
				[at(a, "b"), at(at(a, "c"), "b"), at(plain, "b"), at(at(plain, ""), "a")],
			);
		}),
	);
});

test("bytes that are no JSON end the search", () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom("{", "}", '"', ":", ",", "a", "b", "[", "\\", " ") }), (text) => {
			find(text);
			find(`{${text}`);
		}),
	);
});

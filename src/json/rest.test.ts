/** What is left of an envelope keeps its values and its exact text. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isRaw } from "./raw.ts";
import { restOf } from "./rest.ts";
import { scanObject } from "./scan.ts";

function rest(text: string, ...taken: string[]): ReturnType<typeof restOf> {
	const bytes = Buffer.from(text);
	return restOf(bytes, scanObject(bytes).members, (key) => taken.includes(key));
}

const raw = (text: string): object => ({ raw: Buffer.from(text) });

test("plain values are parsed, others keep their text, taken members are gone", () => {
	assert.deepEqual(
		rest('{"a":"x\\u00e9","b":null,"c":true,"d":17,"e":1.50,"f":[1, 2],"g":{ },"h":9007199254740993,"i":1e400,"t":1}', "t"),
		{
			a: "xé",
			b: null,
			c: true,
			d: 17,
			e: raw("1.50"),
			f: raw("[1, 2]"),
			g: raw("{ }"),
			h: raw("9007199254740993"),
			i: raw("1e400"),
		},
	);
	assert.equal(rest('{"t":1}', "t"), undefined);
	assert.equal(rest("{}"), undefined);
});

test("keys of prototypes are keys, broken and cut members are left out, halves of pairs are made safe", () => {
	const found = rest('{"__proto__":{"x":1},"broken":[1,},"cut":[1');
	assert.equal(Object.getPrototypeOf(found), Object.prototype);
	assert.deepEqual(Object.entries(found ?? {}), [["__proto__", raw('{"x":1}')]]);
	const safe = rest('{"s":"\\ud800","n":{"s":"\\ud800"},"cut":[1');
	assert.deepEqual(safe, { s: "\ufffd", n: raw('{"s":"\\ufffd"}') });
});

test("any object is found again", () => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (value) => {
			const text = JSON.stringify(value);
			const found = Object.entries(rest(text) ?? {}).map(([key, one]) => [
				key,
				isRaw(one) ? JSON.parse(Buffer.from(one.raw).toString()) : one,
			]);
			assert.deepEqual(Object.fromEntries(found), JSON.parse(text));
		}),
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../contract/json.ts";
import { writeLine } from "./line.ts";
import { writeJson } from "./write-json.ts";

const raw = (text: string): { readonly raw: Uint8Array } => ({ raw: Buffer.from(text) });

function textOf(value: JsonValue): string {
	return Buffer.from(writeLine(value, writeJson)).toString();
}

test("exact text is written as it came", () => {
	for (const text of ["9007199254740993", "1e400", "1.0", '{"a":1,"a":2}', '"\\u0041"', "null", '"é😀\u2028"']) {
		assert.equal(textOf(raw(text)), text);
		assert.equal(textOf({ a: [raw(text), 1], é: raw(text) }), `{"a":[${text},1],"é":${text}}`);
	}
});

test("what is undefined is left out, and empty things stay", () => {
	assert.equal(
		textOf({ a: undefined, b: {}, c: [], d: "", e: null, f: { g: undefined }, h: 0 }),
		'{"b":{},"c":[],"d":"","e":null,"f":{},"h":0}',
	);
});

test("keys are anybody's", () => {
	const text = '{"__proto__":{"raw":1},"constructor":{"toJSON":"x"},"a\\"\\n":[true]}';
	assert.equal(textOf(JSON.parse(text) as JsonValue), text);
});

test("line ends between the tokens of exact text become blanks, nothing else does", () => {
	assert.equal(textOf({ a: raw('{\r\n\t"b": "\\n",\n"c":1}') }), '{"a":{  \t"b": "\\n", "c":1}}');
});

test("exact text is not written to", () => {
	const body = raw("[\n]");
	textOf({ a: body });
	assert.equal(Buffer.from(body.raw).toString(), "[\n]");
});

test("a thousand levels, as deep as decoders let through, are written", () => {
	let value: JsonValue = raw("1");
	let text = "1";
	for (let depth = 0; depth < 1_000; depth++) {
		value = depth % 2 === 0 ? [value] : { a: value };
		text = depth % 2 === 0 ? `[${text}]` : `{"a":${text}}`;
	}
	assert.equal(textOf(value), text);
});

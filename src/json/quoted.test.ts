/** Strings in JSON, whole and cut, and what UTF-8 cannot carry of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unquote } from "./quoted.ts";

const textIn = (quoted: string | Uint8Array): string | undefined => {
	const found = unquote(Buffer.from(quoted));
	return found === undefined ? undefined : Buffer.from(found.bytes).toString();
};

test("a whole string", () => {
	fc.assert(
		fc.property(fc.string({ unit: "grapheme" }), (text) => {
			assert.equal(textIn(JSON.stringify(text)), text);
			assert.deepEqual(unquote(Buffer.from(JSON.stringify(text)))?.what, []);
		}),
	);
	assert.equal(textIn('"\\u00e9\\/\\ud83d\\ude00"'), "é/😀");
});

test("a string that was cut anywhere gives the text before the cut", () => {
	const text = 'a"b\\c\u2028\n\ud83d\ude00\\u12';
	const quoted = '"a\\"b\\\\c\\u2028\\n\\ud83d\\ude00\\\\u12"';
	for (let length = 1; length < quoted.length; length++) {
		const found = textIn(quoted.slice(0, length));
		assert.ok(found !== undefined && text.startsWith(found.replace(/\ufffd$/, "")), quoted.slice(0, length));
	}
});

test("what is no string is nothing", () => {
	for (const text of ["", "5", "{}", '"a"b', '"\\x"', '"\n"', "'a'"]) assert.equal(unquote(Buffer.from(text)), undefined, text);
});

test("bytes that are no UTF-8 and halves of pairs are flagged", () => {
	assert.deepEqual(unquote(Buffer.from([0x22, 0xff, 0x22])), { bytes: Buffer.from("\ufffd"), what: ["invalid-utf-8"] });
	assert.deepEqual(unquote(Buffer.from('"\\ud800"')), { bytes: Buffer.from("\ufffd"), what: ["lone-surrogate"] });
});

import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "./scan.ts";
import { cleanText } from "./text.ts";

const cleaned = (text: string): string => textOf(cleanText(Buffer.from(text)).bytes);

test("escapes of lone surrogates are replaced, those of pairs and escaped backslashes are not", () => {
	const cases: readonly (readonly [string, string])[] = [
		["\\ud800", "\\ufffd"],
		["\\uD800", "\\ufffd"],
		["\\udfff", "\\ufffd"],
		["\\uDBFF\\uDFFF", "\\uDBFF\\uDFFF"],
		["\\ud83d\\ude00", "\\ud83d\\ude00"],
		["\\ud800\\ud83d\\ude00", "\\ufffd\\ud83d\\ude00"],
		["\\ude00\\ud83d", "\\ufffd\\ufffd"],
		["\\ud83dx\\ude00", "\\ufffdx\\ufffd"],
		["\\\\ud800", "\\\\ud800"],
		["\\\\\\ud800", "\\\\\\ufffd"],
		["\\ud7ff\\ue000", "\\ud7ff\\ue000"],
		["\\ud80", "\\ud80"],
		["\\u0041\\n\\udc00", "\\u0041\\n\\ufffd"],
	];
	for (const [text, expected] of cases) {
		assert.equal(cleaned(text), expected, text);
		assert.deepEqual(cleanText(Buffer.from(text)).what, text === expected ? [] : ["lone-surrogate"], text);
	}
});

test("clean text is passed on as it is, not copied", () => {
	const bytes = Buffer.from('{"a":"\\\\ud800 é 😀 \\ud83d\\ude00"}');
	assert.equal(cleanText(bytes).bytes, bytes);
	assert.deepEqual(cleanText(bytes).what, []);
});

test("bytes that are no UTF-8 become U+FFFD", () => {
	const { bytes, what } = cleanText(Buffer.from('{"a":"\xff","b":"\\udead"}', "latin1"));
	assert.equal(textOf(bytes), '{"a":"\ufffd","b":"\\ufffd"}');
	assert.deepEqual(what, ["invalid-utf-8", "lone-surrogate"]);
});

const piece = fc.oneof(
	fc
		.constantFrom("\\", "\\\\", "\\u", "\\ud800", "\\uDC00", "\\ud83d\\ude00", "d800", "\\n", '"', "x", "é", "😀")
		.map((text) => Buffer.from(text)),
	fc.uint8Array({ maxLength: 4 }),
);

test("whatever comes in, valid UTF-8 comes out, and clean text stays as it is", () => {
	fc.assert(
		fc.property(fc.array(piece), (pieces) => {
			const once = cleanText(Buffer.concat(pieces));
			assert.ok(isUtf8(once.bytes));
			const twice = cleanText(once.bytes);
			assert.deepEqual(twice.what, []);
			assert.equal(twice.bytes, once.bytes);
		}),
		{ numRuns: 1000 },
	);
});

test("of any string, exactly what is no Unicode is replaced", () => {
	fc.assert(
		fc.property(fc.array(fc.nat({ max: 0xffff })), (units) => {
			const value = String.fromCharCode(...units);
			const text = `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
			assert.equal(JSON.parse(cleaned(text)), value.toWellFormed());
			// JSON.stringify escapes lone surrogates and nothing else of them.
			assert.equal(JSON.parse(cleaned(JSON.stringify(value))), value.toWellFormed());
		}),
		{ numRuns: 500 },
	);
});

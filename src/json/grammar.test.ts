import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { INVALID, jsonText, stringEnd, validEnd } from "./grammar.ts";
import { DEPTH_MAX } from "./scan.ts";
import { changedAt, TOKENS } from "./test-texts.ts";
import { parseOrNone } from "./value.ts";

/** Where the value ends, if the text stands between these bytes; told from its own beginning. */
function endOf(text: string, before = "", after = ""): number {
	const bytes = Buffer.from(before + text + after);
	const start = Buffer.byteLength(before);
	const end = validEnd(jsonText(bytes), start);
	return end === INVALID ? INVALID : end - start;
}

function assertAgrees(text: string): void {
	const isValid = parseOrNone(text) !== undefined;
	const end = endOf(text);
	assert.equal(end === Buffer.byteLength(text), isValid, text);
	if (end !== INVALID) assert.notEqual(parseOrNone(Buffer.from(text).subarray(0, end)), undefined, text);
}

test("what is valid, and what is not", () => {
	const valid = [
		"{}",
		"[]",
		'""',
		"0",
		"-0",
		"1e400",
		"-1.50E+07",
		"true",
		"false",
		"null",
		'{"":[{},[[]],""]}',
		"[ 1 ,\t2\r\n]",
		'{ "a" : 1 }',
	];
	const strings = ['"é€😀\u2028\u007f"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u00aF\\ud800"', '"abc\\"defgh"', '"12345678"'];
	for (const text of [...valid, ...strings])
		for (const after of ["", ",", "}", " x"]) assert.equal(endOf(text, "ab", after), Buffer.byteLength(text), text);
	const broken = ["", " ", "+1", ".5", "01", "1.", "1e", "1e+", "-", "-a", "tru", "True", "nul", "NaN", "'a'", "undefined"];
	const containers = [
		"[1,]",
		"[,1]",
		"[1 2]",
		'{"a"}',
		'{"a":}',
		'{"a":1,}',
		"{a:1}",
		'{"a" 1}',
		"{1:1}",
		"[1}",
		'{"a":1]',
		"[",
		'{"a":1',
		"]",
		"}",
	];
	const quoted = ['"', '"a', '"\\"', '"\\x"', '"\\u12"', '"\\u12g4"', '"\\u"', '"a\nb"', '"abcdefgh\u0000"', '"abc\u001fdefgh"', '"\\'];
	for (const text of [...broken, ...containers, ...quoted]) assert.notEqual(endOf(text), Math.max(1, text.length), text);
});

test("a value ends where it ends, wherever it stands", () => {
	fc.assert(
		fc.property(
			fc.json({ stringUnit: "grapheme" }),
			fc.nat({ max: 9 }),
			fc.constantFrom("", ",", "]", "}", " ", "\n"),
			(text, offset, after) => {
				assert.equal(endOf(text, " ".repeat(offset), after), Buffer.byteLength(text));
				if (/^[[{"]/.test(text))
					for (let cut = 0; cut < text.length; cut++) assert.equal(endOf(text.slice(0, cut), " ".repeat(offset)), INVALID);
			},
		),
	);
});

test("JSON.parse agrees, whatever is put together or changed", () => {
	const tokens = [...TOKENS, '"a"', '"k":', "\\n", "\t", "1", ".", "e", "E+", "true", "é"];
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 12 }), (parts) => assertAgrees(parts.join("").trim())),
		{ numRuns: 5_000 },
	);
	const changed = fc.tuple(fc.json(), fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", ...tokens));
	fc.assert(
		fc.property(changed, ([text, where, removed, token]) => {
			assertAgrees(changedAt(text, where, removed, token).trim());
		}),
		{ numRuns: 3_000 },
	);
});

test("strings end at any place of a word", () => {
	for (let length = 0; length < 20; length++) {
		for (const inner of ["x".repeat(length), `${"x".repeat(length)}\\"`, `\\\\${"é".repeat(length)}`]) {
			const text = `"${inner}"`;
			for (const after of ["", ",", '"""""""""', "\u0000\\"])
				assert.equal(stringEnd(jsonText(Buffer.from(text + after)), 0), Buffer.byteLength(text), text + after);
		}
	}
});

test("the bytes may be a view, and nothing outside of it is read", () => {
	const whole = Buffer.from('xx["abc","d"]"]]]]');
	assert.equal(validEnd(jsonText(whole.subarray(2)), 0), 11);
	for (let end = 2; end < 13; end++) assert.equal(validEnd(jsonText(whole.subarray(2, end)), 0), INVALID);
});

test("nesting is followed up to the limit and not one further, and a million brackets are no trouble", () => {
	const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
	assert.equal(endOf(nested(DEPTH_MAX)), 2 * DEPTH_MAX);
	assert.equal(endOf(nested(DEPTH_MAX + 1)), INVALID);
	assert.equal(endOf('{"a":'.repeat(1_000_000)), INVALID);
	assert.equal(endOf(`[${nested(DEPTH_MAX - 1)},${'{"a":'.repeat(DEPTH_MAX - 1)}1${"}".repeat(DEPTH_MAX - 1)}]`) > 0, true);
});

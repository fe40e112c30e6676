import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BROKEN, CUT, DEEP, readString, type Scan, scanArray, scanObject, skipSpace, skipValue, textOf, trimJson } from "./scan.ts";

const space = fc.constantFrom("", " ", "\n", "\t", "\r\n  ");

/** JSON text of a value with white space anywhere it may stand, and strings escaped in another way than JSON.stringify does. */
function written(value: unknown, gaps: () => string): string {
	const gap = gaps();
	if (typeof value === "string")
		return gap + JSON.stringify(value).replace(/[x-z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`) + gap;
	if (Array.isArray(value)) return `${gap}[${value.map((item) => written(item, gaps)).join(",") || gap}]${gap}`;
	if (typeof value !== "object" || value === null) return gap + JSON.stringify(value) + gap;
	const members = Object.entries(value).map(([key, item]) => `${written(key, gaps)}:${written(item, gaps)}`);
	return `${gap}{${members.join(",") || gap}}${gap}`;
}

const objectText = fc
	.tuple(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 4 }), { noNullPrototype: false }), fc.infiniteStream(space))
	.map(([value, gaps]) => written(value, () => gaps.next().value).trim());

/** What the scan says, as a value: each member's text parsed on its own. */
function membersAsValue(bytes: Uint8Array, { members }: Scan): unknown {
	const whole = members.filter(({ end }) => end !== CUT);
	return Object.fromEntries(whole.map(({ key, start, end }) => [key, JSON.parse(textOf(bytes.subarray(start, end)))]));
}

test("the members of any object, parsed one by one, are what JSON.parse makes of the whole", () => {
	fc.assert(
		fc.property(objectText, (text) => {
			const bytes = Buffer.from(text);
			const scan = scanObject(bytes);
			assert.equal(scan.state, "whole");
			assert.equal(scan.end, bytes.length);
			assert.deepEqual(membersAsValue(bytes, scan), { ...JSON.parse(textOf(bytes)) });
			assert.equal(skipValue(bytes, 0, bytes.length, 1000), bytes.length);
		}),
	);
});

test("an object cut anywhere is cut, and its complete members are those of the whole", () => {
	fc.assert(
		fc.property(objectText, (text) => {
			const bytes = Buffer.from(text);
			const whole = scanObject(bytes).members;
			for (let end = 0; end < bytes.length; end++) {
				// The bytes beyond `end` are still there, and must not be looked at.
				for (const scan of [scanObject(bytes, 0, end), scanObject(bytes.subarray(0, end))]) {
					assert.equal(scan.state, "cut");
					const complete = scan.members.filter((member) => member.end !== CUT);
					assert.deepEqual(complete, whole.slice(0, complete.length));
					assert.ok(scan.members.length - complete.length <= 1);
				}
			}
		}),
		{ numRuns: 40 },
	);
});

const anyBytes = fc.oneof(
	fc.uint8Array({ maxLength: 200 }),
	fc
		.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", "1", "null", "a", " ", '"k":', "\\u", "é"), { maxLength: 60 })
		.map((parts) => Buffer.from(parts.join(""))),
	fc.tuple(objectText, fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
		const bytes = Buffer.from(text);
		bytes[at % bytes.length] = byte;
		return bytes;
	}),
);

test("any bytes are scanned to an end, and what parses as an object is whole", () => {
	fc.assert(
		fc.property(anyBytes, (bytes) => {
			const scan = scanObject(bytes);
			assert.ok(scan.end >= 0 && scan.end <= bytes.length);
			for (const { start, end } of scan.members) assert.ok(end === CUT || (start < end && end <= bytes.length));
			skipValue(bytes, 0, bytes.length, 3);
			scanArray(bytes, 0);
			readString(bytes, 0, bytes.length);
			let parsed: unknown;
			try {
				parsed = JSON.parse(textOf(bytes));
			} catch {
				return;
			}
			if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) assert.equal(scanObject(trimJson(bytes)).state, "whole");
		}),
		{ numRuns: 1000 },
	);
});

test("what cannot be JSON is broken at the place where that is seen", () => {
	const cases: readonly (readonly [text: string, at: number])[] = [
		["[1]", 0],
		["{1:2}", 1],
		['{"a" 1}', 1],
		['{"a":1 "b":2}', 7],
		['{"a":1,}', 7],
		['{"a":}', 1],
		['{"a\u0001":1}', 1],
	];
	for (const [text, at] of cases) {
		const { state, end } = scanObject(Buffer.from(text));
		assert.deepEqual({ text, state, end }, { text, state: "broken", end: at });
	}
	assert.equal(scanObject(Buffer.from("")).state, "cut");
});

test("nesting is refused one level past the limit, and no depth overflows the stack", () => {
	const nested = (depth: number): Buffer => Buffer.from(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
	assert.equal(scanObject(nested(5), 0, undefined, 5).state, "whole");
	assert.equal(scanObject(nested(6), 0, undefined, 5).state, "deep");
	const deep = nested(1_000_000);
	assert.equal(scanObject(deep).state, "deep");
	assert.equal(skipValue(deep, 5, deep.length, Number.POSITIVE_INFINITY), deep.length - 1);
	assert.equal(skipValue(deep, 5, deep.length, 1000), DEEP);
});

test("hostile keys are keys like others", () => {
	const bytes = Buffer.from('{"__proto__":1,"constructor":2,"":3,"\\u005f_proto__":4,"a":5,"a":6,"toString":7}');
	const keys = scanObject(bytes).members.map(({ key }) => key);
	assert.deepEqual(keys, ["__proto__", "constructor", "", "__proto__", "a", "a", "toString"]);
});

test("keys that a cache might confuse are told apart", () => {
	fc.assert(
		fc.property(
			fc.array(fc.oneof(fc.constantFrom("Aa", "BB", "AaBB", "BBAa", "é", "\ufffd", "\n"), fc.string({ unit: "binary" })), {
				maxLength: 30,
			}),
			(keys) => {
				const wellFormed = keys.map((key) => key.toWellFormed());
				const bytes = Buffer.from(`{${wellFormed.map((key) => `${JSON.stringify(key)}:0`).join(",")}}`);
				assert.deepEqual(
					scanObject(bytes).members.map(({ key }) => key),
					wellFormed,
				);
			},
		),
	);
});

test("a number at the end of the text may have been cut", () => {
	assert.equal(scanObject(Buffer.from('{"code":20')).members[0]?.end, CUT);
	assert.equal(skipValue(Buffer.from("20"), 0, 2, 1), CUT);
	assert.equal(skipValue(Buffer.from(","), 0, 1, 1), BROKEN);
});

test("the elements of any array are found, and none of an array that is cut", () => {
	fc.assert(
		fc.property(fc.array(fc.jsonValue({ maxDepth: 3 })), fc.infiniteStream(space), (value, gaps) => {
			const bytes = Buffer.from(written(value, () => gaps.next().value).trim());
			const elements = scanArray(bytes, 0);
			assert.deepEqual(
				elements?.map(([start, end]) => JSON.parse(textOf(bytes, start, end))),
				JSON.parse(textOf(bytes)),
			);
			for (let end = 0; end < bytes.length; end++) assert.equal(scanArray(bytes, 0, end), undefined);
		}),
		{ numRuns: 40 },
	);
});

test("bug: an array was whole if its bracket stood just behind the end", () => {
	assert.equal(scanArray(Buffer.from("[]"), 0, 1), undefined);
	assert.equal(scanArray(Buffer.from("[{}]"), 0, 3), undefined);
});

test("white space is skipped and trimmed, no more of it than JSON has", () => {
	assert.equal(skipSpace(Buffer.from(" \t\r\n1"), 0), 4);
	assert.equal(skipSpace(Buffer.from("   "), 1), 3);
	assert.equal(textOf(trimJson(Buffer.from("\r\n {} \t"))), "{}");
	assert.equal(textOf(trimJson(Buffer.from(" \n"))), "");
	assert.equal(textOf(trimJson(Buffer.from("\u00a01\u00a0"))), "\u00a01\u00a0");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { wholePart } from "./cut-string.ts";

const closed = (text: Uint8Array): unknown => JSON.parse(`${Buffer.from(wholePart(text)).toString()}"`);

test("what is incomplete at the end goes, and nothing else", () => {
	const cases: readonly (readonly [string, string])[] = [
		['"abc', "abc"],
		['"ab\\', "ab"],
		['"ab\\n', "ab\n"],
		['"ab\\\\', "ab\\"],
		['"ab\\u00', "ab"],
		['"ab\\u0026', "ab&"],
		['"ab\\ud83d', "ab"],
		['"ab\\ud83d\\', "ab"],
		['"ab\\ud83d\\ude0', "ab"],
		['"ab\\ud83d\\ude00', "ab😀"],
		['"', ""],
	];
	for (const [text, expected] of cases) assert.equal(closed(Buffer.from(text)), expected, text);
	assert.equal(closed(Buffer.from('"ab😀').subarray(0, 5)), "ab");
});

test("of any string cut anywhere a prefix of the string is left", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), fc.nat(), fc.boolean(), (value, at, escapes) => {
			const json = JSON.stringify(value).slice(0, -1);
			const text = Buffer.from(
				escapes ? json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`) : json,
			);
			const rest = closed(text.subarray(0, 1 + (at % text.length)));
			return typeof rest === "string" && value.startsWith(rest);
		}),
	);
});

test("bytes that are no UTF-8 do not hide a quote or an escape", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
			const text = Buffer.from([0x22, ...bytes.filter((byte) => byte !== 0x22 && byte >= 0x20)]);
			const part = wholePart(text);
			// An odd run of backslashes would swallow the closing quote.
			const run = /\\*$/.exec(Buffer.from(part).toString("latin1"))?.[0].length ?? 0;
			return run % 2 === 0;
		}),
	);
});

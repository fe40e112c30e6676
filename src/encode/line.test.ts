import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { writeByte, writeBytes, writeExact, writeLine, writeText } from "./line.ts";

test("lines of any size stay as they were written, whatever comes after them", () => {
	const part = fc.oneof(
		fc.string({ unit: "grapheme", maxLength: 50 }),
		fc.constantFrom(1, 300_000).chain((size) => fc.constant("é".repeat(size))),
	);
	fc.assert(
		fc.property(fc.array(fc.array(part, { maxLength: 5 }), { maxLength: 20 }), (lines) => {
			const written = lines.map((parts) =>
				writeLine(parts, (line) => {
					for (const text of parts) {
						writeText(line, text);
						writeByte(line, 0x0a);
						writeBytes(line, Buffer.from(text));
					}
				}),
			);
			for (const [i, parts] of lines.entries()) {
				assert.equal(Buffer.from(written[i] as Uint8Array).toString(), parts.map((text) => `${text}\n${text}`).join(""));
			}
		}),
		{ numRuns: 50 },
	);
});

test("a line that could not be finished leaves nothing behind", () => {
	assert.throws(() =>
		writeLine(undefined, (line) => {
			writeText(line, "half");
			throw new Error("stop");
		}),
	);
	assert.equal(Buffer.from(writeLine("whole", writeText)).toString(), "whole");
});

test("bug: line ends of exact text were left where the line moved to a new slab", () => {
	const raw = Buffer.from(`[${"1,\n".repeat(200_000)}1]`);
	const line = Buffer.from(
		writeLine(raw, (to, bytes) => {
			writeText(to, "x".repeat(100));
			writeExact(to, bytes);
		}),
	);
	assert.ok(!line.includes("\n"));
	assert.equal(line.length, raw.length + 100);
});

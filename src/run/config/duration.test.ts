import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.ts";

test("durations are read with their units, alone and in a row", () => {
	const cases = {
		"0s": 0,
		"250ms": 250,
		"10s": 10_000,
		"2m": 120_000,
		"6h": 21_600_000,
		"1d": 86_400_000,
		"1h30m": 5_400_000,
		"90m": 5_400_000,
	};
	for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms, text);
});

test("what has no unit, another unit, or units out of order is no duration", () => {
	for (const text of ["", "10", "1.5h", "-1s", "1 h", "1w", "1m1h", "1s1s", "s", "1S", "١s", " 1s", "1s\n"]) {
		assert.equal(parseDuration(text), undefined, JSON.stringify(text));
	}
});

test("every duration that is written is read again", () => {
	fc.assert(fc.property(fc.integer({ min: 0, max: 999_999 * 86_400_000 }), (ms) => parseDuration(formatDuration(ms)) === ms));
});

test("no text but a duration is taken for one, and none makes it fail", () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom(..."0123456789dhms ".split("")) }), (text) => {
			const ms = parseDuration(text);
			if (ms !== undefined) assert.equal(parseDuration(formatDuration(ms)), ms);
		}),
	);
});

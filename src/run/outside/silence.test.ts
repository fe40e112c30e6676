import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { silenceOf } from "./silence.ts";

const MINUTE = 60_000;

test("silence lasts from the newest event to the watermark", () => {
	const silence = silenceOf({ lastEventMs: 10 * MINUTE, sinceMs: 0, watermarkMs: 25 * MINUTE }, 15 * MINUTE);
	assert.deepEqual(silence, { sinceMs: 10 * MINUTE, silentMs: 15 * MINUTE, isSilent: false });
	assert.equal(silenceOf({ lastEventMs: 10 * MINUTE, sinceMs: 0, watermarkMs: 25 * MINUTE + 1 }, 15 * MINUTE).isSilent, true);
});

test("a cluster that never spoke is silent from where listening began", () => {
	assert.equal(silenceOf({ lastEventMs: undefined, sinceMs: 5 * MINUTE, watermarkMs: 9 * MINUTE }).silentMs, 4 * MINUTE);
});

test("what is not read yet is no silence", () => {
	assert.equal(silenceOf({ lastEventMs: 1, sinceMs: 0, watermarkMs: undefined }, 0).silentMs, 0);
	assert.equal(silenceOf({ lastEventMs: 9 * MINUTE, sinceMs: 0, watermarkMs: 8 * MINUTE }, 0).isSilent, false);
});

test("without a limit nobody is silent; and an event never makes a silence longer", () => {
	const ms = fc.integer({ min: 0, max: 1e12 });
	fc.assert(
		fc.property(ms, ms, ms, ms, (lastEventMs, laterMs, sinceMs, watermarkMs) => {
			assert.equal(silenceOf({ lastEventMs, sinceMs, watermarkMs }).isSilent, false);
			const before = silenceOf({ lastEventMs, sinceMs, watermarkMs });
			const after = silenceOf({ lastEventMs: lastEventMs + laterMs, sinceMs, watermarkMs });
			assert.ok(after.silentMs <= before.silentMs && after.silentMs >= 0);
		}),
	);
});

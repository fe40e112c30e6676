import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { settingsHash } from "./settings-hash.ts";

const reversed = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(reversed);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, member]) => [key, reversed(member)]),
	);
};

test("the order of keys does not matter, and everything else does", () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
			assert.equal(settingsHash(a), settingsHash(reversed(a)));
			// -0 and 0 are the same number in a settings file.
			assert.equal(settingsHash(a) === settingsHash(b), JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
		}),
	);
});

const sorted = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	return Object.entries(value)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([key, member]) => [key, sorted(member)])
		.concat([["map", true]]);
};

test("texts that look like structure are no structure", () => {
	assert.notEqual(settingsHash({ a: '1,"b":2' }), settingsHash({ a: 1, b: 2 }));
	assert.notEqual(settingsHash({ a: "1" }), settingsHash({ a: 1 }));
	assert.notEqual(settingsHash([]), settingsHash({}));
});

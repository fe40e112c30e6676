import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CheckpointKey } from "../contract/checkpoint.ts";
import { objectNameOf, rowNameOf } from "./key.ts";

const TEXT = fc.oneof(
	fc.string({ unit: "binary", maxLength: 8 }),
	fc.constantFrom("", ".", "..", "a", "a/b", "%2F", "~", "\ud800", "\udfff", "\ufffd", "é", "e\u0301", "__proto__"),
	fc.string({ unit: fc.constantFrom("a", "/", "é"), minLength: 60, maxLength: 320 }),
);
const KEY: fc.Arbitrary<CheckpointKey> = fc.record({
	source: TEXT,
	scope: TEXT,
	tier: fc.constantFrom("fast" as const, "memory" as const),
});

test("an object's name is short, safe in every path, and tells its key apart from every other", () => {
	fc.assert(
		fc.property(fc.uniqueArray(KEY, { selector: rowNameOf, maxLength: 30 }), (keys) => {
			const names = keys.map(objectNameOf);
			for (const name of names) {
				assert.match(
					name,
					/^([A-Za-z0-9_~-]|%[0-9A-F]?)([A-Za-z0-9._~%-]*)\/([A-Za-z0-9_~-]|%[0-9A-F]?)([A-Za-z0-9._~%-]*)\/(fast|memory)\.json$/,
				);
				assert.ok(name.length <= 420, name);
			}
			assert.equal(new Set(names).size, keys.length);
		}),
		{ numRuns: 500, seed: 3 },
	);
});

test("what is plain stays as people know it", () => {
	assert.equal(
		objectNameOf({ source: "aws-prod", scope: "123/eu-central-1/x.y", tier: "memory" }),
		"aws-prod/123%2Feu-central-1%2Fx.y/memory.json",
	);
	assert.equal(objectNameOf({ source: "..", scope: ".a", tier: "fast" }), "%2E%2E/%2Ea/fast.json");
});

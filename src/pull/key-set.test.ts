import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKeySet } from "./key-set.ts";

test("it holds what a set holds, whatever is added, and again after packing", () => {
	const ids = fc.array(fc.oneof(fc.string(), fc.nat({ max: 200 }).map(String)), { maxLength: 400 });
	fc.assert(
		fc.property(ids, ids, (first, second) => {
			const plain = new Set<string>();
			const added = (set: ReturnType<typeof createKeySet>, id: string): void => {
				const isNew = !plain.has(id);
				plain.add(id);
				assert.equal(set.add(id), isNew, id);
			};
			const before = createKeySet();
			for (const id of first) added(before, id);
			assert.equal(before.size(), plain.size);
			const after = createKeySet(before.pack(before.size()));
			for (const id of [...first, ...second]) added(after, id);
			assert.equal(after.size(), plain.size);
			assert.equal([...after.keys()].length, plain.size);
		}),
	);
});

test("a hundred thousand ids stay apart", () => {
	const set = createKeySet();
	for (let id = 0; id < 100_000; id++) assert.ok(set.add(String(id)));
	for (let id = 0; id < 100_000; id++) assert.equal(set.add(String(id)), false);
});

test("those that were added first are packed alone", () => {
	const set = createKeySet();
	for (const id of ["a", "b", "c"]) set.add(id);
	const again = createKeySet(set.pack(2));
	assert.deepEqual(
		["a", "b", "c"].map((id) => again.add(id)),
		[false, false, true],
	);
});

/** Pages hold all records in their order, and no more than they may. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { pagesOf } from "./pages.ts";

test("records are paged as they are asked for", () => {
	let made = 0;
	function* records(): Generator<{ id: string; body: Uint8Array }> {
		for (; made < 7; made++) yield { id: String(made), body: new Uint8Array(0) };
	}
	const pages = pagesOf(records(), 3);
	const first = pages.next();
	assert.deepEqual(first.done === true ? [] : first.value.map(({ id }) => id), ["0", "1", "2"]);
	assert.equal(made, 2);
	assert.deepEqual(
		[...pages].map((page) => page.map(({ id }) => id)),
		[["3", "4", "5"], ["6"]],
	);
	assert.deepEqual([...pagesOf([], 3)], []);
});

test("a page ends with the record that fills its bytes", () => {
	const records = [1, 3, 5, 1, 0].map((size, index) => ({ id: String(index), body: new Uint8Array(size) }));
	assert.deepEqual(
		[...pagesOf(records, 3, 4)].map((page) => page.map(({ id }) => id)),
		[["0", "1"], ["2"], ["3", "4"]],
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberEach, rememberTexts, share } from "./remember.ts";

test("of a shared object the result is made once, of any other each time", () => {
	let made = 0;
	const sizeOf = rememberEach((list: readonly number[]) => ({ size: list.length, made: ++made }));
	const shared = share([1, 2]);
	assert.equal(sizeOf(shared), sizeOf(shared));
	const fresh = [1, 2];
	assert.notEqual(sizeOf(fresh), sizeOf(fresh));
	assert.deepEqual(sizeOf([]), { size: 0, made: 4 });
});

test("of texts the latest are remembered, and long ones never", () => {
	let made = 0;
	const numberOf = rememberTexts(() => ++made, 4);
	for (const text of ["a", "b", "c", "d", "a", "e", "a"]) numberOf(text);
	assert.equal(made, 5);
	assert.equal(numberOf("a"), 1);
	for (let i = 0; i < 8; i++) numberOf(`other ${i}`);
	assert.equal(numberOf("a"), made);
	const long = "x".repeat(2_000);
	assert.notEqual(numberOf(long), numberOf(long));
});

test("a flood of long texts leaves room for short ones that are asked for now and then", () => {
	let made = 0;
	const numberOf = rememberTexts(() => ++made);
	const first = numberOf("short");
	for (let i = 0; i < 10_000; i++) {
		numberOf(String(i).padEnd(500, "x"));
		if (i % 100 === 0) assert.equal(numberOf("short"), first);
	}
});

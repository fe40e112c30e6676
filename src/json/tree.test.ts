import assert from "node:assert/strict";
import { test } from "node:test";
import { newTree, place } from "./tree.ts";

/** The tree as parsed JSON. */
const plain = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));

test("values are put at their paths, among what is there", () => {
	const tree = newTree({ a: { b: 1 }, c: "d" });
	place(tree, ["a", "e"], 2);
	place(tree, ["f", "g", "h"], []);
	place(tree, ["c"], "i");
	assert.deepEqual(plain(tree), { a: { b: 1, e: 2 }, c: "i", f: { g: { h: [] } } });
});

test("an object that was given is not written to", () => {
	const given = { b: 1 };
	const tree = newTree({ a: given });
	place(tree, ["a", "c"], 2);
	assert.deepEqual(given, { b: 1 });
});

test("keys that mean something to JavaScript are keys like others", () => {
	const tree = newTree();
	place(tree, ["__proto__", "polluted"], true);
	place(tree, ["constructor", "prototype", "polluted"], true);
	assert.equal(JSON.stringify(tree), '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
	assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("a path through a value that is no object replaces it", () => {
	for (const value of [1, null, "text", ["list"], { raw: Buffer.from("{}") }]) {
		const tree = newTree({ a: value });
		place(tree, ["a", "b"], 1);
		assert.deepEqual(plain(tree), { a: { b: 1 } });
	}
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of settings look like template strings

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { find, plainOf } from "./config-tree.ts";
import { readTree, type TreeNode } from "./yaml-tree.ts";

const faultsOf = (text: string): readonly string[] => readTree(text).faults.map(({ at, text: said }) => `${at.line}:${at.column} ${said}`);

test("values know where they stand, also behind aliases", () => {
	const { root } = readTree('# first\na: &x\n  b: [1, "two"]\nc: *x\n');
	assert.deepEqual(plainOf(root as TreeNode, new Map()), { a: { b: [1, "two"] }, c: { b: [1, "two"] } });
	assert.deepEqual(find(root as TreeNode, ["a", "b", 1]).at, { line: 3, column: 10 });
	assert.deepEqual(find(root as TreeNode, ["a", "b"]).keyAt, { line: 3, column: 3 });
	assert.deepEqual(find(root as TreeNode, ["a", "none"]).at, { line: 2, column: 1 });
});

test("a file that says nothing has neither a root nor a fault", () => {
	for (const text of ["", "\n\n", "# only a comment\n"]) assert.deepEqual(readTree(text), { root: undefined, faults: [] });
});

test("faults say in our words what is wrong and where", () => {
	for (const [text, said] of [
		["a:\n\tb: 1", /^2:1 a tab/],
		["a: 1\nb: [1, 2\nc: 3", /^3:\d+ /],
		["a: 1\n  b: 2", /wrong indentation/],
		["a: b: c", /in quotes/],
		["a: 1\n---\nb: 2", /^2:1 a second document/],
		["a: !!js/function x", /a tag/],
		["? [a, b]\n: 1", /a key must be text/],
		["a: *none", /^1:4 an alias/],
		["a: {b: ${env:NAME}}", /a reference between brackets must be in quotes/],
		["a: [${env:NAME}]", /a reference between brackets must be in quotes/],
		["a: 1\nb: 2\na: 3", /^3:1 a: given twice, first in line 1/],
		["__proto__: 1", /cannot be a key/],
		["a: @b", /in quotes/],
	] as const) {
		assert.match(faultsOf(text)[0] ?? "none", said, text);
	}
});

test("a fault does not quote what stands in the file", () => {
	for (const text of [
		"a: {b: hunter2-hunter2}}",
		"a: *hunter2-hunter2",
		'a: "hunter2-hunter2',
		"!hunter2-hunter2 a: 1",
		"a: b: hunter2-hunter2",
	]) {
		assert.ok(faultsOf(text).length > 0, text);
		assert.ok(!faultsOf(text).join().includes("hunter2"), faultsOf(text).join());
	}
});

test("aliases that multiply, and nesting without end, are faults", () => {
	const bomb = Array.from(
		{ length: 12 },
		(_, i) =>
			`a${i}: &a${i} [${
				i === 0
					? "x"
					: Array(9)
							.fill(`*a${i - 1}`)
							.join(",")
			}]`,
	).join("\n");
	assert.match(faultsOf(bomb)[0] as string, /aliases/);
	assert.match(faultsOf("a: &a [*a]")[0] as string, /nested too deeply/);
	for (const depth of [100, 20_000])
		assert.match(faultsOf(`a: ${"[".repeat(depth)}${"]".repeat(depth)}`)[0] as string, /nested too deeply/);
	assert.match(faultsOf(`- 1\n`.repeat(60_000))[0] as string, /more values/);
});

test("no text makes it throw", () => {
	const unit = fc.constantFrom(..."ab1:-#&*!|>%@`'\"{}[],?~ \n\t".split(""));
	fc.assert(
		fc.property(fc.oneof(fc.string({ unit, maxLength: 60 }), fc.string({ unit: "binary" })), (text) => {
			const { root, faults } = readTree(text);
			for (const { at } of faults) assert.ok(at.line >= 1 && at.column >= 1);
			if (root !== undefined) plainOf(root, new Map());
		}),
		{ numRuns: 1_000 },
	);
});

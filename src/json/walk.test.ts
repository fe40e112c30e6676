import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
	firstOf,
	keyOf,
	latin1Of,
	NONE,
	type Node,
	nextOf,
	ROOT,
	readTree,
	stringOf,
	TREE_DEPTH_MAX,
	type Tree,
	textAt,
	typeOf,
} from "./walk.ts";
import { editBytes, editsInString, editText, removals } from "./walk-edit.ts";

/** What the tree says, put together again; repeated keys as JSON.parse has them, the last wins. */
function parsedOf(tree: Tree, node: Node): unknown {
	const type = typeOf(tree, node);
	if (type === "string") return stringOf(tree, node);
	if (type === "scalar") return JSON.parse(textAt(tree, node));
	const entries: [string, unknown][] = [];
	for (let child = firstOf(tree, node); child !== NONE; child = nextOf(tree, child))
		entries.push([keyOf(tree, child), parsedOf(tree, child)]);
	return type === "array" ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

function treeOf(text: string, isBytes = false): Tree {
	const tree = readTree(isBytes ? latin1Of(Buffer.from(text)) : text, isBytes);
	assert.ok(typeof tree === "object", `${tree}: ${text}`);
	return tree;
}

const spaced = fc
	.tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom("", " ", "\t", "\n\n"))
	.map(([value, indent]) => ` ${JSON.stringify(value, null, indent)}\r\n`);

test("the tree of any JSON text says what JSON.parse says, for characters and for bytes", () => {
	fc.assert(
		fc.property(spaced, fc.boolean(), (text, isBytes) => {
			const tree = treeOf(text, isBytes);
			assert.deepEqual(parsedOf(tree, ROOT), JSON.parse(text));
		}),
	);
});

test("what JSON.parse refuses is broken, and nothing else is", () => {
	const cuts = fc.tuple(spaced, fc.nat(), fc.constantFrom("", "}", '"', ",", "x", "\\", "\u0001")).map(([text, at, put]) => {
		const place = at % (text.length + 1);
		return text.slice(0, place) + put + text.slice(place + 1);
	});
	fc.assert(
		fc.property(cuts, (text) => {
			const isValid = ((): boolean => {
				try {
					JSON.parse(text);
					return true;
				} catch {
					return false;
				}
			})();
			assert.equal(typeof readTree(text, false) === "object", isValid, text);
		}),
		{ numRuns: 500 },
	);
});

test("every repeated key is a member, __proto__ is a key, escapes in keys are resolved, int64 keeps its text", () => {
	const tree = treeOf('{"a":1,"\\u0061":9007199254740993,"__proto__":{"é":"x"}}', true);
	const members: [string, string][] = [];
	for (let node = firstOf(tree, ROOT); node !== NONE; node = nextOf(tree, node)) members.push([keyOf(tree, node), textAt(tree, node)]);
	assert.deepEqual(members, [
		["a", "1"],
		["a", "9007199254740993"],
		["__proto__", '{"é":"x"}'],
	]);
});

test("nesting is followed to its bound and not one level further", () => {
	const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
	assert.equal(typeof readTree(nested(TREE_DEPTH_MAX), false), "object");
	assert.equal(readTree(nested(TREE_DEPTH_MAX + 1), false), "deep");
	assert.equal(readTree("[".repeat(1_000_000), false), "deep");
});

test("a string edited in its value is edited in its text, whatever escapes and bytes surround the place", () => {
	const units = fc
		.array(fc.constantFrom("a", "é", "€", "😀", '"', "\\", "\n", "\u0001", "/"), { maxLength: 8 })
		.map((parts) => parts.join(""));
	const quoted = (text: string): string => JSON.stringify(text).replaceAll("/", "\\/").replaceAll("a", "\\u0061");
	fc.assert(
		fc.property(units, units, units, fc.boolean(), (before, gone, after, isBytes) => {
			const text = `["x",${quoted(before + gone + after)}]`;
			const tree = treeOf(text, isBytes);
			const node = nextOf(tree, firstOf(tree, ROOT));
			const edits = editsInString(tree, node, [{ start: before.length, end: before.length + gone.length, text: '"!"' }]);
			const edited = isBytes ? editBytes(latin1Of(Buffer.from(text)), edits).toString() : editText(text, edits);
			assert.deepEqual(JSON.parse(edited as string), ["x", `${before}"!"${after}`]);
			assert.ok(
				String(edited).startsWith(text.slice(0, 5 + quoted(before).length - 2)) && String(edited).endsWith(`${quoted(after).slice(1)}]`),
			);
		}),
	);
});

test("without edits the same bytes come back; overlapping edits leave nothing of what they cover", () => {
	const bytes = Buffer.from('{"é":1}');
	assert.deepEqual(editBytes(latin1Of(bytes), []), bytes);
	assert.equal(
		editText("abcdef", [
			{ start: 1, end: 4, text: "-" },
			{ start: 2, end: 5, text: "+" },
		]),
		"a-f",
	);
});

test("members are removed with their commas, wherever they stand and however often", () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom("gone", "kept"), { maxLength: 6 }), (keys) => {
			const text = `{ ${keys.map((key, i) => `"${key}" : ${i}`).join(" , ")} }`;
			const tree = treeOf(text);
			const edited = editText(
				text,
				removals(tree, ROOT, (member) => keyOf(tree, member) === "gone"),
			);
			const left = treeOf(edited);
			const values: string[] = [];
			for (let node = firstOf(left, ROOT); node !== NONE; node = nextOf(left, node))
				values.push(`${keyOf(left, node)}${textAt(left, node)}`);
			assert.deepEqual(
				values,
				keys.flatMap((key, i) => (key === "kept" ? [`kept${i}`] : [])),
			);
		}),
	);
});

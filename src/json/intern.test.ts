import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText } from "./grammar.ts";
import { interned, type Made } from "./intern.ts";
import { textOf } from "./scan.ts";

interface Thing extends Made {
	readonly text: string;
	readonly kind: number;
}

/** Kind 1 is long. `made` counts what was made anew. */
function memory(sizeBytes = 100) {
	const counts = { made: 0 };
	const read = interned<Thing>(
		(text, kind) => {
			counts.made++;
			return { text: textOf(text), kind, lengthBytes: text.length, sizeBytes };
		},
		[false, true],
	);
	const readIn = (text: string, kind: number, before = '{"k":', after = "}"): Thing | undefined =>
		read(jsonText(Buffer.from(before + text + after)), Buffer.byteLength(before), kind);
	return { counts, readIn };
}

const LONG = JSON.stringify({ username: "system:serviceaccount:kube-system:deployment-controller", groups: ["a", "b"] });

test("the same text gives the same thing, wherever it stands; another kind, another thing", () => {
	const { counts, readIn } = memory();
	for (const text of ['"get"', '""', "{}", "[]", '{"a":[1,2]}', LONG]) {
		const things = [0, 1].map((kind) => readIn(text, kind));
		for (const [kind, thing] of things.entries()) {
			assert.deepEqual([thing?.text, thing?.kind], [text, kind]);
			assert.equal(readIn(text, kind), thing);
			assert.equal(readIn(text, kind, '{"x":1,"k":', ',"more":"text"}')?.text, text);
		}
		assert.notEqual(things[0], things[1]);
	}
	const known = counts.made;
	for (const text of ['"get"', '{"a":[1,2]}']) readIn(text, 0);
	assert.equal(counts.made, known);
});

test("no text is taken for another that begins as it does, ends as it does, or is cut", () => {
	const { readIn } = memory();
	const zeros = (count: number): string => `1${"0".repeat(count)}`;
	const texts = [
		zeros(70),
		zeros(75),
		'"ab"',
		'"abc"',
		"7",
		"77",
		"7.5",
		"{}",
		'{"a":1}',
		'{"a":1,"b":2}',
		"[1]",
		"[1,1]",
		LONG,
		LONG.replace('"b"', '"c"'),
		`${LONG.slice(0, -1)},"x":1}`,
	];
	for (let round = 0; round < 3; round++)
		for (const text of texts)
			for (const kind of [0, 1]) for (const before of ['{"k":', '{"k": ']) assert.equal(readIn(text, kind, before)?.text, text);
	for (const text of ['"ab', '{"a":1', LONG.slice(0, -1), LONG.slice(0, 70), "tru", "", "]"])
		for (const kind of [0, 1]) assert.equal(readIn(text, kind, '{"k":', ""), undefined, text);
});

test("what is given is always what would be made of the text", () => {
	const { readIn } = memory();
	const value = fc.oneof(
		fc.json({ maxDepth: 2 }),
		fc.stringMatching(/^[ab]{0,9}$/).map((text) => JSON.stringify(text)),
		fc.constant(LONG),
	);
	fc.assert(
		fc.property(fc.array(fc.tuple(value, fc.nat({ max: 1 }), fc.constantFrom(",", "}", ' ,"x":')), { maxLength: 20 }), (asked) => {
			for (const [text, kind, after] of asked) {
				const thing = readIn(text, kind, '{"k":', after);
				assert.deepEqual([thing?.text, thing?.kind], [text, kind]);
			}
		}),
		{ numRuns: 500 },
	);
});

/** How many of these many texts, just read, are still known. */
function knownAfterFlood(count: number, sizeBytes: number, textLength = 10): number {
	const { counts, readIn } = memory(sizeBytes);
	const texts = Array.from({ length: count }, (_, i) => `"${String(i).padStart(textLength, "x")}"`);
	for (const text of texts) readIn(text, 0);
	assert.equal(counts.made, count);
	for (const text of [...texts].reverse()) readIn(text, 0);
	return 2 * count - counts.made;
}

test("a flood is bounded in number and in bytes, and what is long or heavy is not kept", () => {
	const light = knownAfterFlood(20_000, 100);
	assert.ok(light > 1_000 && light <= 4_096, `${light}`);
	const heavy = knownAfterFlood(20_000, 8 * 1024);
	assert.ok(heavy > 500 && heavy <= 1_280, `${heavy}`);
	assert.equal(knownAfterFlood(10, 8 * 1024 + 1), 0);
	assert.equal(knownAfterFlood(10, 100, 1_022), 10);
	assert.equal(knownAfterFlood(10, 100, 1_023), 0);
});

test("what is asked for again and again stays known in a flood", () => {
	const { counts, readIn } = memory();
	const usual = Array.from({ length: 50 }, (_, i) => `"usual ${i}"`);
	for (let i = 0; i < 20_000; i++) {
		readIn(`"once ${i}"`, 0);
		readIn(usual[i % usual.length] as string, 0);
	}
	assert.ok(counts.made < 20_000 + 5 * usual.length, `${counts.made}`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeParts } from "./merge.ts";
import { type Members, sampleEntry } from "./sample-entry.ts";

/** Merges entries that differ in their request. */
function mergeRequests(...requests: readonly string[]): unknown {
	const parts = requests.map((request, index) => {
		const entry = sampleEntry({ split: { uid: "u", index, totalSplits: requests.length } }, { request: "HERE", response: undefined });
		return { index, text: JSON.stringify(entry).replace('"HERE"', request) };
	});
	const { text } = mergeParts(parts);
	return text.slice(text.indexOf('"request":') + 10, text.indexOf(',"requestMetadata"'));
}

const CASES: Readonly<Record<string, readonly [parts: readonly string[], whole: string]>> = {
	"members that are spread over the parts": [['{"a":1}', '{"b":true}', '{"c":null}'], '{"a":1,"b":true,"c":null}'],
	"a string that is cut": [['{"a":"begin-"}', '{"a":"middle-"}', '{"a":"end"}'], '{"a":"begin-middle-end"}'],
	"a string that is cut deep inside": [['{"a":{"b":{"c":"x"}}}', '{"a":{"b":{"c":"y","d":2}}}'], '{"a":{"b":{"c":"xy","d":2}}}'],
	"a list whose places are kept": [['{"a":["foo","ba"]}', '{"a":["","r","baz"]}'], '{"a":["foo","bar","baz"]}'],
	"a list of objects": [['{"a":[{"n":"web","i":"im"}]}', '{"a":[{"i":"age"},{"n":"log"}]}'], '{"a":[{"n":"web","i":"image"},{"n":"log"}]}'],
	"a list whose places are kept by empty objects": [['{"a":[{"n":1}]}', '{"a":[{},{"n":2}]}'], '{"a":[{"n":1},{"n":2}]}'],
	"a number, which no part shares": [['{"a":9007199254740993}', '{"b":1.0}'], '{"a":9007199254740993,"b":1.0}'],
	"a list of such numbers": [['{"a":[1e400]}', '{"a":["",1e401]}'], '{"a":[1e400,1e401]}'],
	"a type in every part": [
		['{"@type":"core.k8s.io/v1.Pod","a":1}', '{"@type":"core.k8s.io/v1.Pod","b":1}'],
		'{"@type":"core.k8s.io/v1.Pod","a":1,"b":1}',
	],
	"a key like __proto__": [['{"__proto__":"x"}', '{"__proto__":"y"}'], '{"__proto__":"xy"}'],
	"a contradiction: the first part counts": [['{"a":1}', '{"a":{"b":1}}'], '{"a":1}'],
	"nothing but fillers": [['{"a":"","b":[]}', '{"a":"","b":[]}'], '{"a":"","b":[]}'],
};

for (const [what, [parts, whole]] of Object.entries(CASES)) {
	test(`merges ${what}`, () => assert.equal(mergeRequests(...parts), whole));
}

test("only bodies and metadata are put together, the rest is the same in every part", () => {
	const part = (index: number, metadata: object): string =>
		JSON.stringify(sampleEntry({ split: { uid: "u", index, totalSplits: 2 } }, { request: undefined, response: undefined, metadata }));
	const parts = [part(0, { a: "x" }), part(1, { a: "y" })].map((text, index) => ({ index, text }));
	const merged = JSON.parse(mergeParts(parts).text) as Members;
	assert.deepEqual(merged, {
		...sampleEntry({ split: { uid: "u", totalSplits: 2 } }, { metadata: { a: "xy" }, request: undefined, response: undefined }),
		protoPayload: merged["protoPayload"],
	});
	assert.deepEqual((merged["protoPayload"] as Members)["metadata"], { a: "xy" });
	assert.equal((merged["protoPayload"] as Members)["methodName"], "io.k8s.core.v1.pods.create");
});

const IDS: readonly (readonly [insertIds: readonly string[], operation: string, whole: string])[] = [
	[["a1b2-0", "a1b2-1"], "a1b2", "a1b2"],
	[["a1b20", "a1b21"], "a1b2", "a1b2"],
	[["w7p1-0", "w7p1-1"], "other", "w7p1"],
	[["w7p10", "w7p11"], "other", "w7p1"],
	[["left", "right"], "other", "left"],
];

test("the whole entry's id is the parts' without the index", () => {
	for (const [ids, id, whole] of IDS) {
		const parts = ids.map((insertId, index) => ({ index, text: JSON.stringify(sampleEntry({ insertId, operation: { id } })) }));
		assert.equal(mergeParts(parts).insertId, whole);
	}
});

/** Cuts a value in two the way that Cloud Logging does: strings between characters, lists and objects by their members. */
function cut(value: unknown, random: () => number): readonly [unknown, unknown] {
	if (typeof value === "string") {
		const at = Math.floor(random() * (value.length + 1));
		return [value.slice(0, at), value.slice(at)];
	}
	if (Array.isArray(value)) {
		const at = Math.floor(random() * value.length);
		const [left, right] = cut(value[at], random);
		return [
			[...value.slice(0, at), left],
			[...value.slice(0, at).map(() => ""), right, ...value.slice(at + 1)],
		];
	}
	if (typeof value !== "object" || value === null) return [value, ""];
	const pairs = Object.entries(value).map(([key, member]) => [key, cut(member, random)] as const);
	const side = (i: 0 | 1): object => Object.fromEntries(pairs.map(([key, halves]) => [key, halves[i]]));
	return [side(0), side(1)];
}

test("whatever is cut in two comes together again", () => {
	const leaf = fc.oneof(fc.string({ unit: "grapheme", minLength: 1 }), fc.integer(), fc.boolean());
	const { body } = fc.letrec((tie) => ({
		body: fc.oneof(
			{ depthSize: "small" },
			leaf,
			fc.array(tie("body"), { minLength: 1 }),
			fc.dictionary(fc.string(), tie("body"), { minKeys: 1 }),
		),
	}));
	fc.assert(
		fc.property(
			fc.dictionary(fc.string(), body, { minKeys: 1 }),
			fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
			(request, stream) => {
				const halves = cut(request, () => stream.next().value as number);
				const parts = halves.map((half, index) => ({ index, text: JSON.stringify(sampleEntry({}, { request: half })) }));
				const merged = JSON.parse(mergeParts(parts).text) as { readonly protoPayload: Members };
				assert.deepEqual(merged.protoPayload["request"], JSON.parse(JSON.stringify(request)));
			},
		),
	);
});

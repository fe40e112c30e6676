import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Join } from "../../src/contract/connector.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { textOf } from "../../src/json/scan.ts";
import { decode } from "./decode.ts";
import { createJoin, JOIN_LIMITS } from "./join.ts";
import { eventOf, type Members, plainOf, sampleEntry } from "./sample-entry.ts";

const TEXT = "begin-middle-end";

/** One of three parts of an entry that creates something large. */
function part(index: number, uid = "u1", members: Members = {}): RawRecord {
	const text = [TEXT.slice(0, 6), TEXT.slice(6, 13), TEXT.slice(13)][index];
	const entry = sampleEntry(
		{
			insertId: `${uid}-${index}`,
			operation: { id: uid, producer: "k8s.io" },
			split: { uid, ...(index > 0 && { index }), totalSplits: 3 },
			...members,
		},
		{ request: { data: { text, [`only-${index}`]: index } }, response: undefined },
	);
	return { id: `${uid}/${index}`, body: Buffer.from(JSON.stringify(entry)) };
}

const PARTS = [part(0), part(1), part(2)];

function addAll(join: Join, records: readonly RawRecord[], seq = 0): readonly RawRecord[] {
	return records.flatMap((record) => join.add(record, seq));
}

test("what is not split passes untouched", () => {
	const join = createJoin();
	for (const text of [
		"",
		"{}",
		'{"split":1}',
		'{"split":{"uid":"u","totalSplits":1}}',
		'{"split":',
		JSON.stringify(sampleEntry({ trace: '"split"' })),
	]) {
		const record = { id: "0", body: Buffer.from(text) };
		assert.deepEqual(join.add(record, 1), [record]);
	}
	assert.equal(join.heldFrom, undefined);
});

test("three parts are one entry, as if it had never been split", () => {
	const join = createJoin();
	const [whole, ...others] = addAll(join, PARTS);
	assert.deepEqual(others, []);
	const decoded = decode(whole as RawRecord);
	assert.ok(decoded.kind === "event");
	assert.deepEqual(plainOf(decoded.event.requestObject ?? {}), { data: { text: TEXT, "only-0": 0, "only-1": 1, "only-2": 2 } });
	assert.equal(decoded.truncated, undefined);
	assert.equal(decoded.envelope.recordId, "u1");
	assert.deepEqual(decoded.identity, eventOf(sampleEntry({ insertId: "u1" })).identity);
	assert.equal(join.heldFrom, undefined);
});

test("parts in any order, among others, give the same entry", () => {
	const alone = { id: "x", body: Buffer.from(JSON.stringify(sampleEntry())) };
	const [whole] = addAll(createJoin(), PARTS);
	const all = [...PARTS, part(0, "u2"), part(1, "u2"), part(2, "u2"), alone];
	fc.assert(
		fc.property(fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(PARTS), (order, again) => {
			const join = createJoin();
			const out = [...addAll(join, again), ...addAll(join, order)];
			const wholes = out.filter(({ id }) => id === "u1");
			assert.ok(wholes.length >= 1);
			for (const record of wholes) assert.deepEqual(record, whole);
			assert.equal(out.filter(({ id }) => id === "u2").length, 1);
			assert.equal(out.filter((record) => record === alone).length, 1);
		}),
	);
});

test("the oldest batch of a held part must not settle", () => {
	const join = createJoin();
	join.add(part(1), 4);
	join.add(part(0, "u2"), 5);
	join.add(part(2), 7);
	assert.equal(join.heldFrom, 4);
	join.add(part(0), 9);
	assert.equal(join.heldFrom, 5);
	addAll(join, [part(1, "u2"), part(2, "u2")], 9);
	assert.equal(join.heldFrom, undefined);
});

test("when the rest never comes, what is there goes on, salvaged", () => {
	const join = createJoin();
	addAll(join, [part(2), part(1)]);
	const [record, ...others] = join.expire(Number.POSITIVE_INFINITY);
	assert.deepEqual(others, []);
	assert.equal(join.heldFrom, undefined);
	const decoded = decode(record as RawRecord);
	assert.ok(decoded.kind === "event");
	assert.equal(decoded.event.user?.username, "dev@example.com");
	assert.deepEqual(decoded.event.objectRef, { resource: "pods", namespace: "shop", name: "web", apiVersion: "v1" });
	assert.equal(decoded.event.requestObject, undefined);
	assert.equal(decoded.truncated?.cutIn, "requestObject");
	assert.notDeepEqual(decoded.identity, eventOf(sampleEntry({ insertId: "u1" })).identity);
});

test("parts wait for a while", () => {
	const join = createJoin({ ...JOIN_LIMITS, heldMs: 100 });
	join.add(part(0), 1);
	assert.deepEqual(join.expire(1_000), []);
	join.add(part(0, "u2"), 2);
	assert.deepEqual(join.expire(1_099), []);
	assert.deepEqual(
		join.expire(1_100).map(({ id }) => id),
		["u1"],
	);
	assert.equal(join.heldFrom, 2);
	assert.deepEqual(
		join.expire(1_199).map(({ id }) => id),
		["u2"],
	);
});

test("a part that comes twice is one part, and one that contradicts its like goes on alone", () => {
	const join = createJoin();
	assert.deepEqual(addAll(join, [part(1), part(1)]), []);
	const [forged] = join.add(part(1, "u1", { severity: "forged" }), 0);
	assert.match(textOf((forged as RawRecord).body), /forged/);
	const decoded = decode(forged as RawRecord);
	assert.ok(decoded.kind === "event" && decoded.truncated !== undefined);
	assert.equal(addAll(join, [part(0), part(2)]).length, 1);
});

test("held sets and bytes are bounded, and the oldest goes on first", () => {
	const join = createJoin({ ...JOIN_LIMITS, heldSetsMax: 2 });
	assert.deepEqual(addAll(join, [part(0, "a"), part(0, "b")]), []);
	assert.deepEqual(
		addAll(join, [part(0, "c")]).map(({ id }) => id),
		["a"],
	);
	const heldBytesMax = part(1, "a").body.length + part(1, "b").body.length;
	const small = createJoin({ ...JOIN_LIMITS, heldBytesMax });
	assert.deepEqual(addAll(small, [part(1, "a"), part(1, "b")]), []);
	assert.deepEqual(
		addAll(small, [part(1, "c")]).map(({ id }) => id),
		["a"],
	);
	assert.equal(addAll(small, [part(0, "d"), part(1, "d"), part(2, "d")]).length, 3);
});

test("a split row is put together as well", () => {
	const row = (index: number, requestJson: string): RawRecord => {
		const { protoPayload, ...entry } = sampleEntry({ insertId: `u-${index}`, split: { uid: "u", index: String(index), totalSplits: "2" } });
		const { request: _, response: _a, ...payload } = protoPayload as Members;
		const text = JSON.stringify({ ...entry, labels: { k8s_io_deprecated: "true" }, protopayload_auditlog: { ...payload, requestJson } });
		return { id: String(index), body: Buffer.from(text) };
	};
	const [whole] = addAll(createJoin(), [row(1, '{"a":"y"}'), row(0, '{"a":"x"}')]);
	const decoded = decode(whole as RawRecord);
	assert.ok(decoded.kind === "event");
	assert.deepEqual(plainOf(decoded.event.requestObject ?? {}), { a: "xy" });
	assert.deepEqual(decoded.event.annotations, { "k8s.io/deprecated": "true" });
	assert.ok(decoded.inferred.includes("annotations"));
});

test("whatever goes in comes out, and nothing is too odd", () => {
	const split = fc.record({
		uid: fc.constantFrom("u", "", 1),
		index: fc.constantFrom(0, 1, 2, -1, 1.5, "1", null),
		totalSplits: fc.constantFrom(0, 1, 2, 3, 1e9, "x"),
	});
	const payload = fc.constantFrom<unknown>({ request: { a: "x" } }, { request: [] }, {}, null, 5);
	const noise = fc.constantFrom("", ",", "}", '{"');
	fc.assert(
		fc.property(fc.array(fc.tuple(split, payload, noise), { maxLength: 12 }), (entries) => {
			const join = createJoin({ ...JOIN_LIMITS, heldSetsMax: 2 });
			const records = entries.map(([one, protoPayload, end], i) => ({
				id: String(i),
				body: Buffer.from(JSON.stringify({ split: one, protoPayload }) + end),
			}));
			const out = [...addAll(join, records), ...join.expire(Number.POSITIVE_INFINITY)];
			assert.ok(out.length <= records.length && (records.length === 0 || out.length > 0));
			for (const record of out) decode(record);
		}),
	);
});

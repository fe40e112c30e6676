import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Connector } from "../contract/connector.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { Origin, RawRecord } from "../contract/record.ts";
import { isShared } from "../json/remember.ts";
import { createOrigins } from "./origins.ts";

type Said = Partial<Origin> | undefined;

const BASE: Origin = { connector: "fake", clusterName: "by the batch", region: "r" };

let resolved = 0;
const CONNECTOR: Connector = {
	name: "fake",
	summary: "",
	forms: [],
	async *frame() {},
	decode: () => ({ kind: "skip", reason: "other-log" }),
	resolve(origin) {
		resolved++;
		return { ...origin, clusterKey: `key of ${origin.clusterName}` };
	},
};

function recordOf(origin: Said): RawRecord {
	return { id: "1", body: Buffer.from("x"), ...(origin === undefined ? {} : { origin }) };
}

function decodedOf(origin: Said): DecodedEvent {
	const event: DecodedEvent = { kind: "event", event: {}, envelope: {}, identity: Buffer.from("x"), inferred: [] };
	return origin === undefined ? event : { ...event, origin };
}

test("a record knows better than its batch, and its content better than both", () => {
	const origins = createOrigins(BASE, CONNECTOR);
	const record = recordOf({ clusterName: "by the record", zone: "z" });
	assert.deepEqual(origins.ofRecord(record), { ...BASE, clusterName: "by the record", zone: "z" });
	assert.equal(origins.ofRecord(recordOf(undefined)), BASE);
	assert.deepEqual(origins.ofEvent(record, decodedOf({ clusterName: "by the content" })), {
		connector: "fake",
		clusterName: "by the content",
		region: "r",
		zone: "z",
		clusterKey: "key of by the content",
	});
});

test("equal origins are one shared object, resolved once", () => {
	const origins = createOrigins(BASE, CONNECTOR);
	const before = resolved;
	const said: readonly (readonly [Said, Said])[] = [
		[undefined, undefined],
		[{ zone: "a" }, undefined],
		[undefined, { zone: "a" }],
		[{ zone: "a" }, { zone: "b" }],
	];
	const rounds = [1, 2, 3].map(() =>
		said.map(([byRecord, byContent]) => origins.ofEvent(recordOf(byRecord && { ...byRecord }), decodedOf(byContent && { ...byContent }))),
	);
	assert.equal(resolved - before, said.length);
	for (const round of rounds) for (const [i, origin] of round.entries()) assert.equal(origin, rounds[0]?.[i]);
	assert.ok(rounds.flat().every(isShared));
});

const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("a", "b", "\ud800", "x".repeat(2_000)));
const partial = fc.option(
	fc.record(
		{ clusterName: text, zone: text, labels: fc.dictionary(fc.oneof(text, fc.constant("__proto__")), text, { noNullPrototype: true }) },
		{ requiredKeys: [] },
	),
	{ nil: undefined },
);

test("whatever is said, and however often it changes, it is what the connector makes of it", () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(partial, partial)), fc.nat({ max: 1_000 }), (said, flood) => {
			const origins = createOrigins(BASE, CONNECTOR);
			for (let i = 0; i < flood; i++) origins.ofEvent(recordOf({ zone: String(i) }), decodedOf(undefined));
			for (const [byRecord, byContent] of [...said, ...said]) {
				const expected = CONNECTOR.resolve({ ...BASE, ...byRecord, ...byContent });
				assert.deepEqual(origins.ofEvent(recordOf(byRecord), decodedOf(byContent)), expected);
			}
		}),
	);
});

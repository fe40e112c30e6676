import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ListedRecord } from "../../src/pull/listing.ts";
import { INGESTION_COLUMN } from "./places.ts";
import { readAnswer } from "./query-answer.ts";
import { framed } from "./test-records.ts";

const TIME = "2026-11-23T10:00:00.1239999Z";

function bodyOf(
	rows: readonly (readonly unknown[])[],
	columns: readonly string[] = ["a", "b", INGESTION_COLUMN],
	rest: object = {},
): Buffer {
	const table = { name: "PrimaryResult", columns: columns.map((name) => ({ name, type: "string" })), rows };
	return Buffer.from(JSON.stringify({ tables: [table], ...rest }));
}

const recordsOf = (body: Uint8Array): readonly ListedRecord[] => [...(readAnswer(body)?.records() ?? [])];
const bodiesOf = (records: readonly { readonly body: Uint8Array }[]): readonly string[] =>
	records.map(({ body }) => Buffer.from(body).toString());

test("a row is a record without our column, which says when it was ingested, down to the millisecond", () => {
	const [record] = recordsOf(bodyOf([["1", { x: 1 }, TIME]]));
	assert.equal(Buffer.from(record?.body ?? []).toString(), '{"a":"1","b":{"x":1}}');
	assert.equal(record?.timeMs, Date.parse("2026-11-23T10:00:00.123Z"));
	assert.equal(record?.loggedTimeMs, record?.timeMs);
});

test("replaying a saved answer gives the same records, and so does one that was asked for without our column", async () => {
	const rows = [
		["1", "x", TIME],
		["2", "", TIME],
	];
	const live = recordsOf(bodyOf(rows));
	const saved = await framed(bodyOf(rows), "logs-query");
	const plain = await framed(
		bodyOf(
			rows.map((row) => row.slice(0, 2)),
			["a", "b"],
		),
		"logs-query",
	);
	assert.deepEqual(bodiesOf(saved), bodiesOf(live));
	assert.deepEqual(bodiesOf(plain), bodiesOf(live));
	assert.deepEqual(
		saved.map(({ loggedTimeMs }) => loggedTimeMs),
		live.map(({ loggedTimeMs }) => loggedTimeMs),
	);
});

test("our column may stand anywhere, also alone", () => {
	assert.deepEqual(bodiesOf(recordsOf(bodyOf([[TIME, "1"]], [INGESTION_COLUMN, "a"]))), ['{"a":"1"}']);
	assert.deepEqual(bodiesOf(recordsOf(bodyOf([["1", TIME, "2"]], ["a", INGESTION_COLUMN, "b"]))), ['{"a":"1","b":"2"}']);
	assert.deepEqual(bodiesOf(recordsOf(bodyOf([[TIME]], [INGESTION_COLUMN]))), ["{}"]);
});

test("ids: the same each time, in any order; different by a tick; twins are told apart by number alone", () => {
	const one = ["1", "x", TIME];
	const tick = ["1", "x", TIME.replace("9Z", "8Z")];
	const ids = (rows: readonly (readonly unknown[])[]): readonly string[] => recordsOf(bodyOf(rows)).map(({ id }) => id);
	assert.deepEqual(ids([one, tick]).toReversed(), ids([tick, one]));
	assert.equal(new Set(ids([one, tick])).size, 2);
	const [first, second, third] = ids([one, one, one]);
	assert.equal(ids([one])[0], first);
	assert.match(first ?? "", /^[\w-]{22}$/);
	assert.equal(second, `${first}.1`);
	assert.equal(third, `${first}.2`);
});

test("digits that JavaScript cannot hold arrive", () => {
	const text = `{"tables":[{"name":"P","columns":[{"name":"n"},{"name":"${INGESTION_COLUMN}"}],"rows":[[9007199254740993,"${TIME}"]]}]}`;
	assert.deepEqual(bodiesOf(recordsOf(Buffer.from(text))), ['{"n":9007199254740993}']);
});

test("partial is what has an error beside its tables", () => {
	assert.equal(readAnswer(bodyOf([]))?.isPartial, false);
	assert.equal(readAnswer(bodyOf([], undefined, { error: { code: "PartialError" } }))?.isPartial, true);
});

test("what is no whole result is none", () => {
	const whole = bodyOf([["1", "2", TIME]]).toString();
	const others = [
		"",
		" ",
		"[]",
		"{}",
		"null",
		'{"tables":[]}',
		'{"tables":"nonsense"}',
		'{"tables":[{}]}',
		'{"tables":[{"columns":[],"rows":[]}]}',
	];
	for (const text of [...others, `${whole}x`, `${whole}${whole}`, "<html></html>"])
		assert.equal(readAnswer(Buffer.from(text)), undefined, text);
	for (let end = 0; end < whole.length; end++) assert.equal(readAnswer(Buffer.from(whole.slice(0, end))), undefined, `cut at ${end}`);
	assert.ok(readAnswer(Buffer.from(` ${whole}\n`)));
});

test("rows that are not as their columns say, or have no ingestion time, are an outage and not skipped", () => {
	for (const rows of [[["1", "2"]], [["1", "2", TIME, "3"]], [["1", "2", ""]], [["1", "2", null]]])
		assert.throws(() => recordsOf(bodyOf(rows)), { code: "SOURCE_UNAVAILABLE" });
	assert.throws(() => recordsOf(Buffer.from(bodyOf([]).toString().replace('"rows":[]', '"rows":[5]'))), { code: "SOURCE_UNAVAILABLE" });
});

test("no bytes make it throw anything else", () => {
	const pieces = fc.constantFrom(
		'{"tables":[',
		'{"columns":[{"name":"a"}],',
		'"rows":[',
		'["1"]',
		"]",
		"}",
		",",
		'"error":1',
		"{",
		"[",
		"5",
		" ",
		"\\",
		'"',
	);
	fc.assert(
		fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
			try {
				recordsOf(Buffer.from(parts.join("")));
			} catch (error) {
				assert.equal((error as { code?: string }).code, "SOURCE_UNAVAILABLE");
			}
		}),
		{ numRuns: 2_000 },
	);
});

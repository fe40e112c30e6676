import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { folderFor } from "../../test/temp-folder.ts";
import { CollectorError } from "../contract/errors.ts";
import type { EncodedEvent, Rejection } from "../contract/sink.ts";
import { openDuckdbSink } from "./sink.ts";
import { answerOf, deliveryOf, eventOf, eventsOf, NEVER, rowsOf, START_MS, send, textEvent, uidOf } from "./test-events.ts";

const SETTLED = { status: "settled", rejected: [] };

test("an event is stored byte for byte, with what people filter on in columns", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	const event = eventOf("x", {
		time_dt: "2026-05-04T09:30:00.000592Z",
		cloud: { provider: "AWS", region: "eu-west-1", account: { uid: "1" } },
	});
	await using sink = await openDuckdbSink(path);
	assert.deepEqual(await send(sink, [event]), SETTLED);
	const [row] = await rowsOf(
		path,
		"SELECT uid, time, time_inferred, cluster, provider, actor, actor_type, groups, src_ips, resource, redacted, event::VARCHAR FROM events",
	);
	const columns = [
		event.uid,
		"2026-05-04T09:30:00.000592Z",
		false,
		"shop",
		"AWS",
		"jane",
		"User",
		["system:authenticated"],
		["203.0.113.7"],
		"pods",
		0,
	];
	assert.deepEqual(row, [...columns, Buffer.from(event.bytes).toString()]);
	assert.deepEqual(sink.facts?.(), { stored: 1, repeated: 0 });
	assert.equal(sink.name, `duckdb:${path}`);
});

test("what was stored is not stored again: in the same run, in the next, in part", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	{
		await using sink = await openDuckdbSink(path);
		await send(sink, eventsOf(0, 100));
		assert.deepEqual(await send(sink, eventsOf(0, 100)), SETTLED);
		assert.deepEqual(sink.facts?.(), { stored: 100, repeated: 100 });
	}
	await using sink = await openDuckdbSink(path);
	await send(sink, eventsOf(50, 150));
	assert.deepEqual(sink.facts?.(), { stored: 50, repeated: 50 });
	assert.deepEqual(await rowsOf(path, "SELECT count(*), count(DISTINCT uid) FROM events"), [[150, 150]]);
});

test("one uid is stored once, in one delivery and in deliveries that are in flight together", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const twice = [eventOf("a"), eventOf("b"), eventOf("a")];
	const results = await Promise.all([
		send(sink, twice),
		send(sink, [eventOf("b"), eventOf("c")]),
		send(sink, eventsOf(0, 10)),
		send(sink, eventsOf(5, 15)),
	]);
	assert.deepEqual(results, [SETTLED, SETTLED, SETTLED, SETTLED]);
	assert.deepEqual(sink.facts?.(), { stored: 18, repeated: 7 });
	assert.deepEqual(await rowsOf(path, "SELECT count(*), count(DISTINCT uid) FROM events"), [[18, 18]]);
});

test("deliveries larger than one load, and more of them than fit into one, all arrive once", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path, { loadEventsMax: 50 });
	const starts = [0, 60, 120, 180, 240, 300];
	await Promise.all(starts.map((from) => send(sink, eventsOf(from, from + 80))));
	assert.deepEqual(await rowsOf(path, "SELECT count(*), count(DISTINCT uid) FROM events"), [[380, 380]]);
	assert.deepEqual(sink.facts?.(), { stored: 380, repeated: 100 });
});

test("an event whose time is the collector's clock is known again at another time", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const inferred = { unmapped: { collector: { inferred: ["time"], time_source: "collector" } } };
	await send(sink, [eventOf("late", inferred), eventOf("other")]);
	await send(sink, [eventOf("late", inferred, START_MS + 86_400_000)]);
	assert.deepEqual(await rowsOf(path, "SELECT time_inferred, count(*) FROM events GROUP BY ALL ORDER BY ALL"), [
		[false, 1],
		[true, 1],
	]);
});

test("a time beyond the milliseconds is taken only where it agrees with them", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const dts = ["2026-05-04T11:30:00.0009999+02:00", "2026-05-04T09:30:00.001Z", "infinity", "no time", "2026-05-04t09:30:00z"];
	await send(
		sink,
		dts.map((time_dt) => eventOf(time_dt, { time_dt })),
	);
	await send(sink, [eventOf("ancient", {}, -8.64e15), eventOf("far", {}, 8.64e15)]);
	const rows = await rowsOf(path, "SELECT time FROM events ORDER BY time");
	const exact = "2026-05-04T09:30:00.000Z";
	assert.deepEqual(rows.flat(), [
		new Date(-8.64e15).toISOString(),
		exact,
		exact,
		exact,
		exact,
		"2026-05-04T09:30:00.000999Z",
		new Date(8.64e15).toISOString(),
	]);
	await send(
		sink,
		dts.map((time_dt) => eventOf(time_dt, { time_dt })),
	);
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 7);
});

test("a huge event is loaded, beyond the memory that others may use", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path, { memoryBytesMax: 64 * 1024 * 1024 });
	const items = Array.from({ length: 200_000 }, (_, i) => ({ name: "x", value: i, labels: { a: "b" } }));
	const huge = eventOf("huge", { api: { operation: "list", response: { data: { items } } } });
	assert.deepEqual(await send(sink, [eventOf(1), huge, eventOf(2)]), SETTLED);
	assert.deepEqual(await rowsOf(path, "SELECT max(strlen(event)), count(*) FROM events"), [[huge.bytes.length, 3]]);
	assert.equal(await answerOf(path, "SELECT current_setting('memory_limit')"), "64.0 MiB");
});

test("odd text is kept as it is", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const names = [
		"nul \0 in it",
		"line \u2028 paragraph \u2029",
		"😀 \u0085 \ufeff",
		"quote ' \" \\ ",
		"\t\n\r\u0001\u001f",
		"%s \\x01 NULL",
		"1e400",
		"",
	];
	const events = names.map((name, i) => eventOf(i, { actor: { user: { name } } }));
	const number = textEvent(
		"number",
		`{"resources":[{"name":"n"}],"big":9007199254740993,"far":1e400,"one":1.0,"__proto__":{"a":1},"a":1,"a":2}`,
	);
	assert.deepEqual(await send(sink, [...events, number]), SETTLED);
	for (const [i, name] of names.entries()) {
		assert.deepEqual(await rowsOf(path, `SELECT actor, event::VARCHAR FROM events WHERE uid = '${uidOf(i)}'`), [
			[name, String(events[i]?.bytes)],
		]);
	}
	assert.equal(await answerOf(path, "SELECT event::VARCHAR FROM events WHERE name = 'n'"), String(number.bytes));
});

function rejectedAt(rejected: readonly Rejection[]): readonly number[] {
	assert.ok(rejected.every(({ error }) => error.code === "SINK_REJECTED" && !/planted/.test(error.message)));
	return rejected.map(({ index }) => index);
}

test("events that cannot be stored are rejected one by one, and all others are stored", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const bad: readonly (string | Uint8Array)[] = [
		"",
		"planted",
		"[]",
		'"planted"',
		'{"planted":',
		'{"a":"\\ud800 planted"}',
		'{"a":"planted\u0001"}',
		'{"a":"planted\u0002"}',
		'{"a":1}\u0001{"b":2}',
		'{"a":1}{"b":2}',
		Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
	];
	const events: EncodedEvent[] = bad.flatMap((text, i) => [eventOf(`good ${i}`), textEvent(`bad ${i}`, text)]);
	events.push({ ...eventOf("uid"), uid: "no uuid" }, { ...eventOf("time"), timeMs: Number.NaN }, eventOf("last"));
	const result = await send(sink, events);
	assert.ok(result.status === "settled");
	assert.deepEqual(rejectedAt(result.rejected), [...bad.map((_, i) => 2 * i + 1), 2 * bad.length, 2 * bad.length + 1]);
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), bad.length + 1);
	assert.deepEqual(sink.facts?.(), { stored: bad.length + 1, repeated: 0 });
});

test("a line's end between tokens is no line's end in the store", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const forged = `{"a":1,\r\n"b":2}\n${uidOf("forged")}\u0001`;
	const result = await send(sink, [textEvent("pretty", '{\n\t"status": "Success",\r\n\t"a": 1\n}'), textEvent("forging", forged)]);
	assert.ok(result.status === "settled");
	assert.deepEqual(rejectedAt(result.rejected), [1]);
	assert.deepEqual(await rowsOf(path, "SELECT uid, status FROM events"), [[uidOf("pretty"), "Success"]]);
});

test("any JSON object is stored as it is, or rejected; nothing else happens", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const member = fc.constantFrom(
		"status",
		"metadata",
		"actor",
		"resources",
		"unmapped",
		"src_endpoint",
		"api",
		"http_request",
		"cloud",
		"user",
		"collector",
		"redactions",
		"groups",
		"time_dt",
	);
	const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
		tree: fc.oneof(
			{ depthSize: "small" },
			fc.string({ unit: "binary" }),
			fc.constantFrom(null, true, -1, 1e21, 0.1, 2 ** 53, "2026-05-04T09:30:00Z", "-infinity"),
			fc.array(tie("tree"), { maxLength: 3 }),
			fc.dictionary(fc.oneof(member, fc.string()), tie("tree"), { maxKeys: 5 }),
		),
	}));
	const objects = fc.array(fc.dictionary(member, tree, { maxKeys: 8 }), { minLength: 1, maxLength: 20 });
	let run = 0;
	await fc.assert(
		fc.asyncProperty(objects, async (values) => {
			run++;
			const events = values.map((value, i) => textEvent(`${run}/${i}`, JSON.stringify(value), START_MS + run));
			const result = await send(sink, events);
			assert.ok(result.status === "settled");
			const stored = new Map(
				(await rowsOf(path, `SELECT uid, event::VARCHAR FROM events WHERE epoch_ms(time) = ${START_MS + run}`)) as [string, string][],
			);
			const rejected = new Set(rejectedAt(result.rejected));
			for (const [i, { uid, bytes }] of events.entries()) assert.equal(stored.get(uid), rejected.has(i) ? undefined : String(bytes));
			// Only what DuckDB's parser has something against: a lone surrogate.
			for (const i of rejected) assert.match(String(events[i]?.bytes), /\\ud[89a-f]/);
		}),
		{ numRuns: 10 },
	);
});

test("a path may have quotes and blanks, and a folder that is not there yet", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, "it's a 'folder' {é,a}]", "year=2026", 'my "store" 100%.duckdb');
	{
		await using sink = await openDuckdbSink(path);
		await send(sink, eventsOf(0, 3));
	}
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 3);
	await assert.rejects(openDuckdbSink(join(folder, "what?.duckdb")), {
		code: "CONFIG_INVALID",
		message: /takes \* \? and \[ in a path for a pattern/,
	});
});

test("everything the store writes is its owner's only, and nothing is left lying about", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, "store.duckdb");
	const others = (): readonly string[] => readdirSync(folder).filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
	{
		await using sink = await openDuckdbSink(path);
		for (let i = 0; i < 3; i++) {
			await send(sink, eventsOf(i * 10, i * 10 + 10));
			assert.deepEqual(others(), []);
			assert.deepEqual(readdirSync(`${path}.staging`), []);
		}
		assert.ok(existsSync(`${path}.wal`));
	}
	assert.deepEqual(readdirSync(folder), ["store.duckdb"]);
	assert.deepEqual(others(), []);
});

test("what a dead owner left in the staging folder is removed, and nothing else", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	const folder = `${path}.staging`;
	mkdirSync(folder);
	for (const name of ["load-00000000-0000-0000-0000-000000000000", "duckdb_temp_storage_S32K-0.tmp", "notes"])
		writeFileSync(join(folder, name), "");
	await using _sink = await openDuckdbSink(path);
	assert.deepEqual(readdirSync(`${path}.staging`), ["notes"]);
});

test("a store that cannot be written is a retry, and taken up again when it can", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	await send(sink, eventsOf(0, 5));
	rmSync(`${path}.staging`, { recursive: true });
	writeFileSync(`${path}.staging`, "in the way");
	const result = await send(sink, eventsOf(3, 8));
	assert.ok(result.status === "retry" && result.error.code === "SINK_UNAVAILABLE");
	assert.match(result.error.message, /^cannot write .*store\.duckdb: a file stands where a folder is needed/);
	assert.equal((await send(sink, eventsOf(3, 8))).status, "retry");
	rmSync(`${path}.staging`);
	assert.deepEqual(await send(sink, eventsOf(3, 8)), SETTLED);
	assert.deepEqual(await rowsOf(path, "SELECT count(*), count(DISTINCT uid) FROM events"), [[8, 8]]);
});

test("a delivery that waits when the signal fires is handed back, one under way is seen through", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path, { loadEventsMax: 10 });
	const stop = new AbortController();
	const sent = [send(sink, eventsOf(0, 10), stop.signal), send(sink, eventsOf(10, 20), stop.signal), send(sink, eventsOf(20, 30))];
	await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
	stop.abort();
	const [first, second, third] = await Promise.all(sent);
	assert.deepEqual([first, third], [SETTLED, SETTLED]);
	assert.ok(second?.status === "retry" && second.error instanceof CollectorError);
	assert.equal((await send(sink, eventsOf(30, 40), stop.signal)).status, "retry");
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 20);
});

test("disposing waits for what is under way; after it nothing is taken", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	const sink = await openDuckdbSink(path);
	const sent = send(sink, eventsOf(0, 10));
	await sink[Symbol.asyncDispose]();
	assert.deepEqual(await sent, SETTLED);
	assert.equal((await send(sink, eventsOf(10, 20))).status, "retry");
	assert.deepEqual(await sink.send(deliveryOf([]), NEVER), SETTLED);
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 10);
});

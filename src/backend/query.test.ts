import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import { runQuery } from "./query.ts";
import { openDuckdbSink } from "./sink.ts";
import { openStore } from "./store.ts";
import { answerOf, eventsOf, rowsOf, send, textEvent } from "./test-events.ts";

async function filledStore(context: TestContext): Promise<string> {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	await send(sink, [...eventsOf(0, 10), textEvent("exact", '{"a":9007199254740993,"b":[1.0,{"__proto__":1e400}],"status":"Success"}')]);
	return path;
}

const refuses = (path: string, sql: string, message: RegExp): Promise<void> =>
	assert.rejects(rowsOf(path, sql), (error: Error & { code?: string }) => {
		assert.equal(error.code, "CONFIG_INVALID", sql);
		assert.match(error.message, message, sql);
		assert.doesNotMatch(error.message, /\n|Stack Trace|LINE \d/, sql);
		return true;
	});

test("values are what JSON.stringify takes: exact numbers, times in RFC 3339", async (context) => {
	const path = await filledStore(context);
	await using _reader = await openStore(path, { readOnly: true });
	const answerTo = async (sql: string): Promise<string> => JSON.stringify((await rowsOf(path, `SELECT ${sql}`))[0]);
	assert.equal(
		await answerTo("count(*), sum(1), 9007199254740993, 12345678901234567890123::HUGEINT FROM events"),
		'[11,11,"9007199254740993","12345678901234567890123"]',
	);
	assert.equal(
		await answerTo("1.5, 123456789012345.25::DECIMAL(18,2), 0.5::DOUBLE, 'nan'::DOUBLE, true, NULL"),
		'[1.5,"123456789012345.25",0.5,"NaN",true,null]',
	);
	assert.equal(
		await answerTo("TIMESTAMP '2026-05-04 09:30:00.25', TIMESTAMP '1969-12-31 23:59:59.999999'"),
		'["2026-05-04T09:30:00.250Z","1969-12-31T23:59:59.999999Z"]',
	);
	assert.equal(
		await answerTo("TIMESTAMPTZ '2026-05-04 09:30:00+02', TIMESTAMP_NS '2026-05-04 09:30:00.000000001'"),
		'["2026-05-04T07:30:00.000Z","2026-05-04T09:30:00.000000001Z"]',
	);
	assert.equal(
		await answerTo("TIMESTAMP 'infinity', DATE '2026-05-04', TIME '09:30:00', INTERVAL 90 SECOND"),
		'["infinity","2026-05-04","09:30:00","00:01:30"]',
	);
	assert.equal(
		await answerTo("uid, [uid], {'a': [TIMESTAMP '2026-01-01']} FROM events WHERE actor IS NULL").then((text) =>
			text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "UID"),
		),
		'["UID",["UID"],{"a":["2026-01-01T00:00:00.000Z"]}]',
	);
	assert.equal(
		await answerTo("event, [event->'$.b[0]'], event->>'$.status' FROM events WHERE actor IS NULL"),
		'[{"a":9007199254740993,"b":[1.0,{"__proto__":1e400}],"status":"Success"},[1.0],"Success"]',
	);
});

test("columns have names and types; rows come in pages, up to the limit", async (context) => {
	const path = await filledStore(context);
	const result = await runQuery(path, "SELECT i, '{}'::JSON AS j, ['x'] AS list FROM range(5000) t(i)", { limit: 3000 });
	assert.deepEqual(result.columns, [
		{ name: "i", type: "BIGINT" },
		{ name: "j", type: "JSON" },
		{ name: "list", type: "VARCHAR[]" },
	]);
	const pages = await Array.fromAsync(result.rows);
	assert.ok(pages.length > 1);
	assert.deepEqual(pages.flat().at(-1), [2999, {}, ["x"]]);
	assert.equal(result.wasCut(), true);
	for (const [limit, rows, wasCut] of [
		[5000, 5000, false],
		[0, 0, true],
		[4096, 4096, true],
		[9999, 5000, false],
	] as const) {
		const other = await runQuery(path, "FROM range(5000)", { limit });
		assert.equal((await Array.fromAsync(other.rows)).flat().length, rows);
		assert.equal(other.wasCut(), wasCut);
	}
});

test("questions of every kind are answered", async (context) => {
	const path = await filledStore(context);
	await using _reader = await openStore(path, { readOnly: true });
	const questions = [
		"FROM events",
		"TABLE failures;",
		"SHOW TABLES",
		"DESCRIBE events",
		"SUMMARIZE events",
		"EXPLAIN SELECT 1",
		"explain analyze SELECT count(*) FROM events",
		"EXPLAIN (FORMAT JSON) SELECT 1",
		"PRAGMA table_info('events')",
		"VALUES (1)",
		"-- why\nWITH RECURSIVE a AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM a WHERE i < 5) FROM a",
		"FROM duckdb_columns()",
		"SELECT unnest(groups), * EXCLUDE (event) FROM events",
		"PIVOT events ON status IN ('Success', 'Failure') USING count(*) GROUP BY actor",
	];
	for (const sql of questions) assert.ok((await rowsOf(path, sql)).length >= (sql.startsWith("TABLE") ? 0 : 1), sql);
});

const WRITES = [
	"INSERT INTO events SELECT * FROM events",
	"DELETE FROM events",
	"DELETE FROM events RETURNING uid",
	"UPDATE events SET actor = 'x'",
	"EXPLAIN ANALYZE DELETE FROM events",
	"explain (analyze) DELETE FROM events",
	"CREATE TABLE t (a INTEGER)",
	"CREATE TEMP TABLE t (a INTEGER)",
	"DROP VIEW failures",
	"ALTER TABLE events DROP actor",
	"ATTACH ':memory:' AS other",
	"COPY events TO 'out.csv'",
	"EXPORT DATABASE 'out'",
	"SET memory_limit = '99GB'",
	"SET enable_external_access = true",
	"PRAGMA memory_limit = '99GB'",
	"PRAGMA enable_profiling",
	"INSTALL httpfs",
	"LOAD json",
	"CHECKPOINT",
	"CALL force_checkpoint()",
	"BEGIN",
	"COMMIT",
	"USE memory",
	"PREPARE p AS SELECT 1",
];

test("whatever is no question is refused, from outside and in the owner's own process", async (context) => {
	const path = await filledStore(context);
	{
		await using _reader = await openStore(path, { readOnly: true });
		for (const sql of WRITES) await refuses(path, sql, /^the store is read-only here: ask with SELECT/);
	}
	await using _owner = await openStore(path);
	for (const sql of WRITES) await refuses(path, sql, /^the store is read-only here: ask with SELECT/);
	await refuses(path, "SELECT 1; DELETE FROM events", /^(?:one statement at a time|the store is read-only here)/);
	await refuses(path, "PRAGMA version; DELETE FROM events", /^one statement at a time$/);
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 11);
});

test("a question cannot read anything but the store", async (context) => {
	const path = await filledStore(context);
	await using _owner = await openStore(path);
	const tables = [
		"read_text('/etc/passwd')",
		`"read_blob"/**/('${path}')`,
		"read_csv('/etc/passwd')",
		"read_json_auto('/etc/passwd')",
		"parquet_scan('x.parquet')",
		"glob('/etc/*')",
		"sniff_csv('/etc/passwd')",
		"query('SELECT 1')",
		"'/etc/passwd'",
		"'data.csv'",
		`'${path}'`,
		"(SELECT * FROM events, LATERAL (FROM read_text(events.name)))",
	];
	for (const table of tables) {
		for (const sql of [
			`SELECT * FROM ${table}`,
			`EXPLAIN SELECT * FROM ${table}`,
			`DESCRIBE SELECT * FROM ${table}`,
			`SELECT (SELECT count(*) FROM ${table})`,
		]) {
			await refuses(path, sql, /^a query may read the store only: not (?:with \w+\(\)|another file)$/);
		}
	}
});

test("a fault in the question is told in one line", async (context) => {
	const path = await filledStore(context);
	await refuses(path, "SELEC 1", /^the query failed: syntax error at or near "SELEC"$/);
	await refuses(path, "SELECT nope FROM events", /^the query failed: Binder Error: Referenced column "nope" not found in FROM clause!/);
	await refuses(path, "FROM nothing", /^the query failed: Catalog Error: Table with name nothing does not exist!/);
	await refuses(path, "SELECT 'x'::INTEGER", /^the query failed: Conversion Error: Could not convert string 'x' to INT32$/);
	for (const sql of ["", "  \n", "-- nothing", ";"]) await refuses(path, sql, /^the query is empty$/);
	await assert.rejects(runQuery(join(path, "..", "none"), "SELECT 1"), { code: "CONFIG_INVALID", message: /there is no store yet/ });
});

test("a question that fails midway fails: it does not end early", async (context) => {
	const path = await filledStore(context);
	const sql = "SELECT CASE WHEN i > 100000 THEN error('too far') ELSE i::VARCHAR END FROM range(200000) t(i)";
	const result = await runQuery(path, sql);
	let rows = 0;
	await assert.rejects(
		async () => {
			for await (const page of result.rows) rows += page.length;
		},
		{ code: "CONFIG_INVALID", message: "the query failed: Invalid Input Error: too far" },
	);
	assert.ok(rows > 0 && rows <= 100_001);
});

test("a question is stopped by the signal: before it, while it is worked out, and while it is read", async (context) => {
	const path = await filledStore(context);
	const stopped = { code: "SINK_UNAVAILABLE", message: "the query was stopped" };
	await assert.rejects(runQuery(path, "SELECT 1", { signal: AbortSignal.abort() }), stopped);
	const endless = "SELECT count(*) FROM range(1000000) a(i), range(1000000) b(j) WHERE hash(i, j) = 1";
	await assert.rejects(runQuery(path, endless, { signal: AbortSignal.timeout(50) }), stopped);
	const stop = new AbortController();
	const result = await runQuery(path, "FROM range(100000000)", { signal: stop.signal });
	await assert.rejects(async () => {
		for await (const _page of result.rows) stop.abort();
	}, stopped);
	await (await openStore(path))[Symbol.asyncDispose]();
});

test("a sort that does not fit in memory goes to disk, and leaves nothing there", async (context) => {
	const path = await filledStore(context);
	await using store = await openStore(path, { readOnly: true, memoryBytesMax: 40 * 1024 * 1024, threads: 1 });
	assert.ok(existsSync(store.folder as string));
	const rows = await rowsOf(
		path,
		"SELECT i FROM (SELECT i, repeat(i::VARCHAR, 20) AS s FROM range(400000) t(i) ORDER BY s) ORDER BY hash(i) LIMIT 1",
	);
	assert.equal(rows.length, 1);
	await store[Symbol.asyncDispose]();
	assert.ok(!existsSync(store.folder as string));
});

test("several questions are answered side by side, also while events come in", async (context) => {
	const path = await filledStore(context);
	await using sink = await openDuckdbSink(path);
	const counts = await Promise.all([
		send(sink, eventsOf(10, 500)),
		...Array.from({ length: 5 }, () => answerOf(path, "SELECT count(*) FROM events")),
	]);
	assert.ok(counts.slice(1).every((count) => count === 11 || count === 501));
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 501);
});

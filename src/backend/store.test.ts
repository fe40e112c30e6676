import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import { runQuery } from "./query.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import { openDuckdbSink } from "./sink.ts";
import { openStore } from "./store.ts";
import { answerOf, eventsOf, rowsOf, send, startProgram } from "./test-events.ts";

const refuses = (path: string, code: string, message: RegExp, readOnly = false): Promise<void> =>
	assert.rejects(openStore(path, { readOnly }), { code, message });

/** Opens a store in another process, tells how that went, and holds on to it. */
const holder = (path: string, options: string): string => `
	const { openStore } = await import(at("./store.ts"));
	const line = await openStore(${JSON.stringify(path)}, ${options}).then(() => "open", (error) => error.message);
	process.stdout.write(line + "\\n");
	setInterval(() => {}, 1000);
`;

async function openElsewhere(
	context: TestContext,
	path: string,
	options = "{}",
): Promise<{ readonly said: string; kill(): Promise<void> }> {
	const program = startProgram(context, holder(path, options));
	return { said: (await program.lines.next()).value, kill: program.kill };
}

async function filledStore(context: TestContext): Promise<string> {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	await send(sink, eventsOf(0, 20));
	return path;
}

test("a store in use elsewhere is refused with the process that has it, until that is gone", async (context) => {
	const path = await filledStore(context);
	const { said, kill } = await openElsewhere(context, path);
	assert.equal(said, "open");
	const inUse = /store\.duckdb: it is in use by process \d+: stop that first, or name another path$/;
	await refuses(path, "SINK_UNAVAILABLE", inUse);
	await refuses(path, "SINK_UNAVAILABLE", inUse, true);
	await kill();
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 20);
});

test("our own store stays locked, whatever is asked of it meanwhile", async (context) => {
	const path = await filledStore(context);
	await using _store = await openStore(path);
	for (const table of [`read_blob('${path}')`, `read_text('${path}.wal')`, `'${path}'`, `read_csv('${path}.staging/x')`]) {
		await assert.rejects(rowsOf(path, `SELECT * FROM ${table}`), { message: /^a query may read the store only/ });
	}
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 20);
	const { said } = await openElsewhere(context, path);
	assert.match(said, new RegExp(`in use by process ${process.pid}:`));
});

test("a store is let go of when it is closed, even with an answer that was not read to its end", async (context) => {
	const path = await filledStore(context);
	const store = await openStore(path);
	const result = await runQuery(path, "SELECT * FROM range(100000)");
	for await (const page of result.rows) {
		assert.ok(page.length > 0);
		break;
	}
	const unread = await runQuery(path, "SELECT * FROM range(100000)");
	await store[Symbol.asyncDispose]();
	const { said } = await openElsewhere(context, path);
	assert.equal(said, "open");
	await assert.rejects(Array.fromAsync(unread.rows), { code: "SINK_UNAVAILABLE", message: /closed meanwhile/ });
});

test("one process owns a store once, by whatever name, and may read it meanwhile", async (context) => {
	const path = await filledStore(context);
	const link = join(folderFor(context), "link.duckdb");
	symlinkSync(path, link);
	const store = await openStore(path);
	const twice = /this process has it open already$/;
	await refuses(path, "CONFIG_INVALID", twice);
	await refuses(link, "CONFIG_INVALID", twice);
	assert.equal(await answerOf(link, "SELECT count(*) FROM events"), 20);
	assert.equal(await answerOf(path, "SELECT count(*) FROM events"), 20);
	await store[Symbol.asyncDispose]();
	await store[Symbol.asyncDispose]();
	await using again = await openStore(link);
	assert.equal(again.realPath, store.realPath);
});

test("readers of one process share a store, and the last one closes it", async (context) => {
	const path = await filledStore(context);
	const first = await openStore(path, { readOnly: true });
	const second = await openStore(path, { readOnly: true });
	await first[Symbol.asyncDispose]();
	await first[Symbol.asyncDispose]();
	await refuses(path, "CONFIG_INVALID", /open already/);
	const lease = await second.lease();
	assert.equal((await lease.use((connection) => connection.runAndReadAll("FROM events"))).currentRowCount, 20);
	await second[Symbol.asyncDispose]();
	await (await openStore(path))[Symbol.asyncDispose]();
});

test("what is no store is refused, and left as it is", async (context) => {
	const folder = join(folderFor(context), "Extension of Corrupt version number ENOSPC");
	mkdirSync(folder);
	const fileOf = (name: string, content: string | Buffer): string => {
		writeFileSync(join(folder, name), content);
		return join(folder, name);
	};
	const text = fileOf("text", "some notes\n".repeat(500));
	for (const readOnly of [false, true]) {
		await refuses(text, "CONFIG_INVALID", /it is not a DuckDB file: name another path$/, readOnly);
		await refuses(fileOf("sqlite", `SQLite format 3\0${"x".repeat(5000)}`), "CONFIG_INVALID", /not a DuckDB file/, readOnly);
		await refuses(fileOf("empty", ""), "CONFIG_INVALID", /not a DuckDB file/, readOnly);
		await refuses(folder, "CONFIG_INVALID", /it is a folder: name a file$/, readOnly);
	}
	await refuses(join(text, "below.duckdb"), "CONFIG_INVALID", /a file stands where a folder is needed/);
	await refuses(join(folder, "none"), "CONFIG_INVALID", /there is no store yet: collect or replay into it first$/, true);
	assert.equal(readFileSync(text, "utf8"), "some notes\n".repeat(500));
});

/** DuckDB's checksum of a header block; a file with a wrong one is damaged, not new. */
function withStorageVersion(file: Buffer, version: bigint): Buffer {
	const changed = Buffer.from(file);
	changed.writeBigUInt64LE(version, 12);
	let sum = 5381n;
	for (let at = 8; at < 4096; at += 8) sum ^= BigInt.asUintN(64, changed.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
	changed.writeBigUInt64LE(sum, 0);
	return changed;
}

test("a file of a newer DuckDB and a damaged one are told apart", async (context) => {
	const path = await filledStore(context);
	const file = readFileSync(path);
	writeFileSync(path, withStorageVersion(file, 9999n));
	await refuses(path, "CONFIG_INVALID", /made by a newer version of DuckDB: update kube-audit/);
	writeFileSync(
		path,
		file.map((byte, i) => (i < 4096 ? byte : byte ^ 0x55)),
	);
	await refuses(path, "CONFIG_INVALID", /it is damaged: move it away and replay into a new one$/);
	writeFileSync(path, file.subarray(0, 20_000));
	await refuses(path, "CONFIG_INVALID", /it is damaged/, true);
});

test("a store of another version, and somebody's own database, are refused", async (context) => {
	const { DuckDBInstance } = await import("@duckdb/node-api");
	const folder = folderFor(context);
	const databaseOf = async (name: string, ...statements: readonly string[]): Promise<string> => {
		const path = join(folder, name);
		const instance = await DuckDBInstance.fromCache(path);
		const connection = await instance.connect();
		for (const sql of statements) await connection.run(sql);
		connection.closeSync();
		instance.closeSync();
		return path;
	};
	const meta = "CREATE TABLE meta (key VARCHAR, value VARCHAR)";
	const versioned = (version: number | string): Promise<string> =>
		databaseOf(`v${version}`, meta, `INSERT INTO meta VALUES ('schema_version', '${version}')`);
	const stores: readonly (readonly [path: string, message: RegExp])[] = [
		[await versioned(SCHEMA_VERSION + 1), /made by a newer version of kube-audit: update/],
		[await versioned(0), /made by an older version of kube-audit \(schema 0, now/],
		[await versioned("x"), /no store of kube-audit/],
		[await databaseOf("other", "CREATE TABLE mine (a INTEGER)"), /no store of kube-audit/],
		[await databaseOf("alike", "CREATE TABLE meta (a INTEGER)"), /no store of kube-audit/],
	];
	for (const [path, message] of stores) {
		await refuses(path, "CONFIG_INVALID", message);
		await refuses(path, "CONFIG_INVALID", message, true);
	}
});

test("a database without tables becomes a store: its maker may have died early", async (context) => {
	const { DuckDBInstance } = await import("@duckdb/node-api");
	const path = join(folderFor(context), "early.duckdb");
	(await DuckDBInstance.fromCache(path)).closeSync();
	await (await openStore(path))[Symbol.asyncDispose]();
	assert.equal(await answerOf(path, "SELECT value FROM meta WHERE key = 'schema_version'"), String(SCHEMA_VERSION));
});

test("a folder for loads that is a file is told", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	writeFileSync(`${path}.staging`, "in the way");
	await refuses(path, "CONFIG_INVALID", /a file stands where a folder is needed/);
});

/** Replay into the embedded store and query it, as a user does. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { kubeAudit } from "./program.ts";
import { parseLines, tempFolder } from "./replay-kit.ts";

const AUDIT_LOG = "fixtures/kubernetes/plain.raw.jsonl";
const EVENTS = 14;

async function rows(store: string, sql: string): Promise<readonly Record<string, unknown>[]> {
	const { code, stdout, stderr } = await kubeAudit(["query", "--store", store, "--json", sql]);
	assert.equal(code, 0, stderr);
	return parseLines(stdout);
}

test("replaying twice adds nothing, and queries see each event once", async () => {
	using folder = tempFolder();
	const store = join(folder.path, "new", "store.duckdb");
	const args = ["replay", AUDIT_LOG, "--cluster", "prod", "--to", `duckdb:${store}`, "--json"];
	const first = JSON.parse((await kubeAudit(args)).stdout) as { sinks: Record<string, unknown> };
	const again = JSON.parse((await kubeAudit(args)).stdout) as { sinks: Record<string, unknown> };
	assert.deepEqual(first.sinks[`duckdb:${store}`], { stored: EVENTS, repeated: 0 });
	assert.deepEqual(again.sinks[`duckdb:${store}`], { stored: 0, repeated: EVENTS });
	assert.deepEqual(await rows(store, "SELECT count(*) AS n, count(DISTINCT uid) AS uids, min(cluster) AS cluster FROM events"), [
		{ n: EVENTS, uids: EVENTS, cluster: "prod" },
	]);
	const [exec] = await rows(store, "SELECT actor, resource, name FROM exec");
	assert.equal(exec?.["resource"], "pods/exec");
	const table = await kubeAudit([
		"query",
		"--store",
		store,
		"SELECT operation, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC, operation",
	]);
	assert.match(table.stdout, /operation.*n.*\n[\s\S]*create/);
	assert.match(table.stderr, /rows?\n$/);
});

test("a store that another process holds is one line that says what to do", async () => {
	using folder = tempFolder();
	const store = join(folder.path, "store.duckdb");
	await kubeAudit(["replay", AUDIT_LOG, "--to", `duckdb:${store}`, "-q"]);
	const holder = spawn(process.execPath, [
		"--input-type=module",
		"-e",
		`const { openDuckdbSink } = await import(${JSON.stringify(new URL("../src/backend/sink.ts", import.meta.url).href)});
		globalThis.sink = await openDuckdbSink(${JSON.stringify(store)});
		console.log("held");
		setInterval(() => {}, 1000);`,
	]);
	try {
		await once(holder.stdout, "data");
		for (const args of [
			["replay", AUDIT_LOG, "--to", `duckdb:${store}`, "-q"],
			["query", "--store", store, "SELECT 1"],
		]) {
			const ended = await kubeAudit(args);
			assert.match(ended.stderr, /^kube-audit: [^\n]*(locked|held|in use|another process)[^\n]*\n$/);
			assert.ok(ended.code === 2 || ended.code === 3);
		}
	} finally {
		holder.kill();
	}
});

const WRONG: readonly (readonly [what: string, sql: string, says: RegExp])[] = [
	["a mistake in the SQL", "SELEC 1", /syntax error/i],
	["a table that does not exist", "SELECT * FROM nothing", /nothing/],
	["a statement that writes", "DELETE FROM events", /read|SELECT|write/i],
	["a look at other files", "SELECT * FROM read_text('/etc/hostname')", /may read the store only/],
];

test("what queries may not or cannot do is one line, and the store stays as it is", async () => {
	using folder = tempFolder();
	const store = join(folder.path, "store.duckdb");
	await kubeAudit(["replay", AUDIT_LOG, "--to", `duckdb:${store}`, "-q"]);
	for (const [what, sql, says] of WRONG) {
		const ended = await kubeAudit(["query", "--store", store, sql]);
		assert.match(ended.stderr, says, what);
		assert.match(ended.stderr, /^kube-audit: [^\n]+\n$/, what);
		assert.equal(ended.code, 2, what);
	}
	assert.deepEqual(await rows(store, "SELECT count(*) AS n FROM events"), [{ n: EVENTS }]);
});

test("a store that is missing, or none", async () => {
	using folder = tempFolder();
	const missing = await kubeAudit(["query", "--store", join(folder.path, "no.duckdb"), "SELECT 1"]);
	assert.match(missing.stderr, /^kube-audit: [^\n]+no\.duckdb[^\n]*\n$/);
	assert.equal(missing.code, 2);
	const other = join(folder.path, "other.duckdb");
	writeFileSync(other, "this is no store, but long enough to look like one".repeat(100));
	const ended = await kubeAudit(["query", "--store", other, "SELECT 1"]);
	assert.match(ended.stderr, /^kube-audit: [^\n]+\n$/);
	assert.equal(ended.code, 2);
});

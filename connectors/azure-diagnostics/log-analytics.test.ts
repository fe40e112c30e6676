import assert from "node:assert/strict";
import { test } from "node:test";
import type { Listed } from "../../src/pull/listing.ts";
import { seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Client, QueryRequest } from "./client.ts";
import { createList } from "./log-analytics.ts";
import { MODEL_CLUSTER, MODEL_WORKSPACE, type ModelWorkspace } from "./model.ts";
import { REFUSALS, restError } from "./model-reply.ts";
import type { TableName } from "./tables.ts";
import { HOUR_MS, LAST_DAY, NOW_MS, planted, SIGNAL, type World, worldOf } from "./test-service.ts";

const OTHER_CLUSTER = MODEL_CLUSTER.replace("shop", "mill");

function workspace(...names: readonly TableName[]): { workspaces: readonly ModelWorkspace[] } {
	const tables = Object.fromEntries(names.map((name) => [name, "analytics" as const]));
	return { workspaces: [{ id: MODEL_WORKSPACE, tables }] };
}

/** Notes what is asked. */
function watched({ options: { client } }: World): Client & { readonly asked: QueryRequest[] } {
	const asked: QueryRequest[] = [];
	const query: Client["query"] = (request, signal) => {
		asked.push(request);
		return client.query(request, signal);
	};
	return { ...client, asked, query };
}

async function kinds({ options, clock }: World, window = LAST_DAY): Promise<readonly Listed["kind"][]> {
	const found: Listed["kind"][] = [];
	await clock.run(
		(async () => {
			for await (const { kind } of createList({ ...options, scope: { name: MODEL_WORKSPACE } })(window, SIGNAL)) found.push(kind);
		})(),
	);
	return found;
}

test("a window's ends are both inside", async () => {
	const world = worldOf(workspace("AKSAudit"));
	for (const [serial, offsetMs] of Object.entries({ before: -1, first: 0, last: 1_000, after: 1_001 }))
		world.model.plant(planted(serial, NOW_MS - HOUR_MS + offsetMs));
	assert.deepEqual(await world.list({ fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS - HOUR_MS + 1_000 }), ["first", "last"]);
	assert.deepEqual(await world.list({ fromMs: NOW_MS - HOUR_MS + 0.5, toMs: NOW_MS - HOUR_MS + 999.5 }), ["first", "last"]);
});

test("rows of all tables come, each with the moment that it is asked for again by", async () => {
	const world = worldOf(workspace("AKSAudit", "ArcK8sAudit", "AzureDiagnostics"));
	const serials = ["a", "b", "c"];
	for (const [server, serial] of serials.entries()) world.model.plant(planted(serial, NOW_MS - HOUR_MS - server, { server }));
	const records = await world.records(LAST_DAY);
	assert.deepEqual((await world.list(LAST_DAY)).toSorted(), serials);
	for (const { id, timeMs } of records) {
		const [again] = await world.records({ fromMs: timeMs, toMs: timeMs });
		assert.deepEqual([again?.id, again?.timeMs], [id, timeMs]);
	}
});

test("ids stay while other rows come, and equal rows all count", async () => {
	const world = worldOf(workspace("AKSAudit"));
	const twin = planted("twin");
	const row = { TenantId: "t", AuditId: "twin", Type: "AKSAudit", _ResourceId: MODEL_CLUSTER };
	const put = (visibleAtMs: number): void =>
		world.model.put({
			workspaceId: MODEL_WORKSPACE,
			table: "AKSAudit",
			row,
			timeGeneratedMs: twin.timeMs,
			ingestedMs: twin.takenInMs,
			ticks: 5,
			visibleAtMs,
		});
	put(NOW_MS - 1);
	const [first] = await world.records(LAST_DAY);
	put(NOW_MS - 1);
	world.model.plant(planted("other", twin.takenInMs - 5));
	const ids = (await world.records(LAST_DAY)).map(({ id }) => id);
	assert.equal(new Set(ids).size, 3);
	assert.ok(ids.includes(first?.id as string));
});

test("only the clusters of the settings are asked for, whatever the case of their ids", async () => {
	const world = worldOf(workspace("AKSAudit", "AzureDiagnostics"), { resourceIds: [OTHER_CLUSTER.toUpperCase()] });
	for (const [server, table] of (["AKSAudit", "AzureDiagnostics"] as const).entries()) {
		world.model.plant(planted(`shop-${server}`), { table });
		world.model.plant(planted(`mill-${server}`), { table, resourceId: OTHER_CLUSTER });
	}
	assert.deepEqual(await world.list(LAST_DAY), ["mill-0", "mill-1"]);
});

test("an Admin table is read where it has clusters that the whole table has not", async () => {
	const world = worldOf(workspace("AKSAudit", "AKSAuditAdmin"));
	const { model } = world;
	model.plant(planted("both"), { table: "AKSAudit" });
	model.plant(planted("both"), { table: "AKSAuditAdmin" });
	assert.deepEqual(await world.list(LAST_DAY), ["both"]);
	model.plant(planted("admin-only"), { table: "AKSAuditAdmin", resourceId: OTHER_CLUSTER });
	assert.deepEqual((await world.list(LAST_DAY)).toSorted(), ["admin-only", "both", "both"]);
	assert.deepEqual(await worldOf(workspace("AKSAuditAdmin")).list(LAST_DAY), []);
	const named = worldOf(workspace("AKSAudit", "AKSAuditAdmin"), { tables: ["AKSAuditAdmin"] });
	named.model.plant(planted("named"), { table: "AKSAuditAdmin" });
	assert.deepEqual(await named.list(LAST_DAY), ["named"]);
});

test("what is partial, near a limit or too many bytes is too much", async () => {
	const rows = (world: World, count: number): World => {
		for (let i = 0; i < count; i++) world.model.plant(planted(`s-${i}`, NOW_MS - HOUR_MS + i));
		return world;
	};
	assert.deepEqual(await kinds(rows(worldOf(workspace("AKSAudit"), { limits: { answerRowsMax: 10 } }), 8)), ["page"]);
	assert.deepEqual(await kinds(rows(worldOf(workspace("AKSAudit"), { limits: { answerRowsMax: 10 } }), 9)), ["too-much"]);
	assert.deepEqual(await kinds(rows(worldOf(workspace("AKSAudit"), { limits: { answerBytesMax: 6_000 } }), 8)), ["too-much"]);
	assert.deepEqual(await kinds(rows(worldOf({ ...workspace("AKSAudit"), rowsMax: 7 }), 8)), ["too-much"]);
	assert.deepEqual(await kinds(rows(worldOf({ ...workspace("AKSAudit"), bytesMax: 4_000 }), 8)), ["too-much"]);
	assert.deepEqual(await kinds(rows(worldOf({ ...workspace("AKSAudit"), partialRate: 1 }), 1)), ["too-much"]);
});

test("a moment with too many rows is read in parts, none lost and none twice", async () => {
	for (const table of ["AKSAudit", "AzureDiagnostics"] as const) {
		const world = worldOf({ ...workspace(table), rowsMax: 40 });
		const atMs = NOW_MS - HOUR_MS;
		const serials = Array.from({ length: 500 }, (_, i) => `s-${i}`);
		for (const serial of serials) world.model.plant(planted(serial, atMs));
		assert.deepEqual(await kinds(world), ["too-much"]);
		const found = await world.list({ fromMs: atMs, toMs: atMs });
		assert.deepEqual(found.toSorted(), serials.toSorted());
	}
});

test("a moment that cannot be divided is an outage that says what to do", async () => {
	const world = worldOf(workspace("AKSAudit"), { limits: { answerBytesMax: 5_000 } });
	const atMs = NOW_MS - HOUR_MS;
	world.model.plant(planted("large", atMs, { text: planted("large").text.replace("settings", "x".repeat(6_000)) }));
	await assert.rejects(world.list({ fromMs: atMs, toMs: atMs }), { code: "SOURCE_UNAVAILABLE", message: /raise limits\.answerBytesMax/ });
});

test("times far from ingestion are in the timespan; a Basic table's is narrow, since it is charged for", async () => {
	const tables = { AKSAudit: "analytics", ArcK8sAudit: "basic" } as const;
	const world = worldOf({ workspaces: [{ id: MODEL_WORKSPACE, tables }] });
	const atMs = NOW_MS - HOUR_MS;
	const [early, future] = [atMs - 47 * HOUR_MS, atMs + 23 * HOUR_MS];
	world.model.plant(planted("early", atMs, { timeMs: early }), { table: "AKSAudit" });
	world.model.plant(planted("future", atMs, { timeMs: future }), { table: "AKSAudit" });
	world.model.plant(planted("searched", atMs), { table: "ArcK8sAudit" });
	const client = watched(world);
	assert.deepEqual((await world.list({ fromMs: atMs, toMs: atMs }, client)).toSorted(), ["early", "future", "searched"]);
	const searches = client.asked.filter(({ plan }) => plan === "basic");
	assert.ok(searches.length > 0);
	for (const { timespan } of searches) assert.equal(timespan.toMs - timespan.fromMs, 3 * HOUR_MS);
});

test("transient faults are tried again in place; every call is asked for by the same rules", async () => {
	for (let seed = 0; seed < 30; seed++) {
		const faults = seededFaults(randomOf(seed), {
			throttle: 0.1,
			unavailable: 0.1,
			reset: 0.05,
			timeout: 0.05,
			garbled: 0.1,
			"expired-credentials": 0.05,
		});
		const world = worldOf({ faults, random: randomOf(seed) });
		for (let server = 0; server < 20; server++) world.model.plant(planted(`s-${server}`, NOW_MS - server * 1_000, { server }));
		const found = await world.list({ fromMs: NOW_MS - 60_000, toMs: NOW_MS });
		assert.equal(new Set(found).size, 20, `seed ${seed}`);
	}
});

test("a query that takes the service too long is made smaller, but for a short window that is an outage", async () => {
	const world = worldOf(workspace("AKSAudit"));
	const query: Client["query"] = (request, signal) =>
		request.query.includes("take 0") ? world.options.client.query(request, signal) : Promise.reject(restError(REFUSALS.tooLong()));
	const client = { ...world.options.client, query };
	await assert.rejects(world.list(LAST_DAY, client), /too-much/);
	await assert.rejects(world.list({ fromMs: NOW_MS - 1_000, toMs: NOW_MS }, client), { code: "SOURCE_UNAVAILABLE" });
});

test("neither an empty body nor status 204 is taken for no events", async () => {
	const world = worldOf(workspace("AKSAudit"));
	const saying = (status: "ok" | "no-content"): Client => ({
		...world.options.client,
		async query(request, signal) {
			if (request.query.includes("take 0")) return world.options.client.query(request, signal);
			return { status, body: new Uint8Array(0) };
		},
	});
	await assert.rejects(world.list(LAST_DAY, saying("ok")), { code: "SOURCE_UNAVAILABLE" });
	await assert.rejects(world.list(LAST_DAY, saying("no-content")), { code: "CONFIG_INVALID", message: /is empty/ });
});

test("pages are short, and say when the service answered", async () => {
	const world = worldOf({ ...workspace("AKSAudit"), skewMs: 5_432 });
	for (let i = 0; i < 1_500; i++) world.model.plant(planted(`s-${i}`, NOW_MS - HOUR_MS + i));
	const pages: Listed[] = [];
	const list = createList({ ...world.options, scope: { name: MODEL_WORKSPACE } });
	await world.clock.run(
		(async () => {
			for await (const listed of list(LAST_DAY, SIGNAL)) pages.push(listed);
		})(),
	);
	assert.deepEqual(
		pages.map((page) => page.kind === "page" && [page.records.length, page.servedAtMs]),
		[
			[1_000, NOW_MS + 5_000],
			[500, NOW_MS + 5_000],
		],
	);
});

test("the signal ends a listing with its reason", async () => {
	const stop = new AbortController();
	const world = worldOf({ ...workspace("AKSAudit"), faults: () => "timeout" });
	const list = createList({ ...world.options, scope: { name: MODEL_WORKSPACE } });
	const reading = (async () => {
		for await (const _ of list(LAST_DAY, stop.signal));
	})();
	stop.abort(new Error("stopped"));
	await assert.rejects(world.clock.run(reading), /stopped/);
});

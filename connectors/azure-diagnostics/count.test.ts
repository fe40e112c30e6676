/** Counts of Log Analytics agree with what a reading lists, whatever tables there are and however little an answer may hold. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { type Client, connect } from "./client.ts";
import { countRows } from "./count.ts";
import { MODEL_CLUSTER, MODEL_WORKSPACE, type ModelOptions, type ModelWorkspace } from "./model.ts";
import { okReply } from "./model-reply.ts";
import { serveSimulator } from "./simulator.ts";
import type { TableName } from "./tables.ts";
import { HOUR_MS, NOW_MS, planted, SIGNAL, settingsOf, type World, worldOf } from "./test-service.ts";

const BIN_MS = 300_000;
const STRETCH = { fromMs: NOW_MS - 6 * HOUR_MS, untilMs: NOW_MS - HOUR_MS, binMs: BIN_MS };
const OTHER_CLUSTER = MODEL_CLUSTER.replace("shop", "mill");

function worldWith(tables: ModelWorkspace["tables"], options: Partial<ModelOptions> = {}, settings: object = {}): World {
	return worldOf({ workspaces: [{ id: MODEL_WORKSPACE, tables }], ...options }, settings);
}

function count({ options, clock }: World, client: Client = options.client, signal = SIGNAL) {
	return clock.run(countRows({ ...options, client, scope: { name: MODEL_WORKSPACE } }, STRETCH, signal));
}

/** What a reading would list of the stretch, by bin. */
async function listed(world: World): Promise<Map<number, number>> {
	const counts = new Map<number, number>();
	for (const { timeMs } of await world.records({ fromMs: STRETCH.fromMs, toMs: STRETCH.untilMs - 1 })) {
		const bin = Math.floor(timeMs / BIN_MS) * BIN_MS;
		counts.set(bin, (counts.get(bin) ?? 0) + 1);
	}
	return counts;
}

const sorted = (counts: ReadonlyMap<number, number>) => [...counts].sort(([a], [b]) => a - b);

/** Rows before, in and after the stretch, of both clusters, in every table. */
function fill({ model }: World, tables: readonly TableName[], rows = 200): void {
	const random = randomOf(3);
	for (let i = 0; i < rows; i++) {
		const takenInMs = NOW_MS - Math.floor(random() * 7 * HOUR_MS);
		const place = { table: tables[i % tables.length] as TableName, resourceId: random() < 0.5 ? MODEL_CLUSTER : OTHER_CLUSTER };
		model.plant(planted(`s${i}`, takenInMs), place);
	}
}

test("rows are counted as they are listed, by their ingestion time, of all tables together", async () => {
	const tables = { AKSAudit: "analytics", ArcK8sAudit: "basic", AzureDiagnostics: "analytics" } as const;
	const world = worldWith(tables);
	fill(world, Object.keys(tables) as TableName[]);
	for (const offsetMs of [-1, 0, BIN_MS - 1, BIN_MS]) world.model.plant(planted(`edge${offsetMs}`, STRETCH.fromMs + offsetMs));
	world.model.plant(planted("after", STRETCH.untilMs));
	const counts = await count(world);
	assert.deepEqual(sorted(counts), sorted(await listed(world)));
	assert.ok(counts.size > 40);
	const one = worldWith(tables, {}, { resourceIds: [OTHER_CLUSTER] });
	fill(one, Object.keys(tables) as TableName[]);
	assert.deepEqual(sorted(await count(one)), sorted(await listed(one)));
});

test("a cluster's writes are not counted twice, and those of one that only sends them are", async () => {
	const world = worldWith({ AKSAudit: "analytics", AKSAuditAdmin: "analytics" });
	const at = STRETCH.fromMs + 1;
	for (const [serial, table, resourceId] of [
		["a", "AKSAudit", MODEL_CLUSTER],
		["a", "AKSAuditAdmin", MODEL_CLUSTER],
		["b", "AKSAuditAdmin", OTHER_CLUSTER],
	] as const)
		world.model.plant(planted(serial, at), { table, resourceId });
	assert.deepEqual(await count(world), new Map([[STRETCH.fromMs, 2]]));
});

test("what is too much for one answer is counted in halves; what cannot be halved is an error", async () => {
	const world = worldWith({ AKSAudit: "analytics" }, { rowsMax: 7 });
	fill(world, ["AKSAudit"], 300);
	const whole = worldWith({ AKSAudit: "analytics" });
	fill(whole, ["AKSAudit"], 300);
	assert.deepEqual(sorted(await count(world)), sorted(await listed(whole)));
	const narrow = worldWith({ AKSAudit: "analytics" }, { partialRate: 0, rowsMax: 0 });
	fill(narrow, ["AKSAudit"]);
	await assert.rejects(count(narrow), { code: "SOURCE_UNAVAILABLE" });
});

test("faults change no count, and a denied table is named", async () => {
	const faults = seededFaults(randomOf(9), { throttle: 0.15, unavailable: 0.15, garbled: 0.2, reset: 0.1, timeout: 0.05 });
	const world = worldWith({ AKSAudit: "analytics", AzureDiagnostics: "analytics" }, { faults });
	const calm = worldWith({ AKSAudit: "analytics", AzureDiagnostics: "analytics" });
	for (const each of [world, calm]) fill(each, ["AKSAudit", "AzureDiagnostics"]);
	assert.deepEqual(sorted(await count(world)), sorted(await listed(calm)));
	await assert.rejects(count(worldWith({ AKSAudit: "analytics" }, { faults: () => "denied" })), {
		code: "ACCESS_DENIED",
		message: /Microsoft\.OperationalInsights\/workspaces\/query\/AKSAudit\/read/,
	});
});

for (const text of ["", "now 1 x", "2026-11-23T11:00:00Z", "2026-11-23T11:00:00Z -1 /x", "2026-11-23T11:00:00Z 1e3 /x"]) {
	test(`a count that is none: ${JSON.stringify(text)}`, async () => {
		const world = worldWith({ AKSAudit: "analytics" });
		const { client } = world.options;
		const body = okReply(`{"tables":[{"columns":[{"name":"kube_audit_count","type":"string"}],"rows":[${JSON.stringify([text])}]}]}`).body;
		const query: Client["query"] = async (request, signal) =>
			request.query.includes("kube_audit_count") ? { status: "ok", body } : client.query(request, signal);
		await assert.rejects(count(world, { ...client, query }), { code: "SOURCE_UNAVAILABLE" });
	});
}

test("Microsoft's SDK brings the same counts over the wire", async () => {
	const world = worldWith({ AKSAudit: "analytics", ArcK8sAudit: "basic" });
	fill(world, ["AKSAudit", "ArcK8sAudit"]);
	await using simulator = await serveSimulator({ model: world.model, token: "t" });
	const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + HOUR_MS }) };
	await using client = await connect(settingsOf({ endpoint: simulator.endpoint }), { credential });
	const counts = await countRows({ ...world.options, client, scope: { name: MODEL_WORKSPACE } }, STRETCH, SIGNAL);
	assert.deepEqual(sorted(counts), sorted(await listed(world)));
});

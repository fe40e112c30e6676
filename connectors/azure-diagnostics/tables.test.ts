import assert from "node:assert/strict";
import { test } from "node:test";
import { seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { createAsk } from "./ask.ts";
import { scopes } from "./log-analytics.ts";
import { MODEL_CLUSTER, MODEL_WORKSPACE, type ModelWorkspace } from "./model.ts";
import { createTables, type Table } from "./tables.ts";
import { SIGNAL, type World, worldOf } from "./test-service.ts";

const workspace = (changes: Partial<ModelWorkspace>): { workspaces: readonly ModelWorkspace[] } => ({
	workspaces: [{ id: MODEL_WORKSPACE, tables: {}, ...changes }],
});

function tablesOf(world: World): () => Promise<readonly Table[]> {
	const { options, settings, clock } = world;
	const ask = createAsk({ ...options, workspaceId: MODEL_WORKSPACE, limits: settings.limits });
	const tables = createTables({ ask, clock, workspaceId: MODEL_WORKSPACE, named: settings.tables });
	return () => clock.run(tables(SIGNAL));
}

test("the tables that exist are found, each with its plan, and an Admin table with the one that may cover it", async () => {
	const world = worldOf(workspace({ tables: { AKSAudit: "basic", AKSAuditAdmin: "analytics", ArcK8sAuditAdmin: "analytics" } }));
	assert.deepEqual(await tablesOf(world)(), [
		{ name: "AKSAudit", plan: "basic" },
		{ name: "AKSAuditAdmin", plan: "analytics", whole: { name: "AKSAudit", plan: "basic" } },
		{ name: "ArcK8sAuditAdmin", plan: "analytics" },
	]);
});

test("what was found is kept for some minutes, and then looked at again", async () => {
	const tables: ModelWorkspace["tables"] = { AKSAudit: "analytics" };
	const world = worldOf(workspace({ tables }));
	const find = tablesOf(world);
	await find();
	const calls = world.model.calls();
	Object.assign(tables, { AzureDiagnostics: "analytics" });
	assert.equal((await find()).length, 1);
	assert.equal(world.model.calls(), calls);
	await world.clock.run(world.clock.wait(300_000));
	assert.equal((await find()).length, 2);
});

test("a table that is denied is left out, unless it is named or the only one", async () => {
	const tables = { AKSAudit: "analytics", AzureDiagnostics: "analytics" } as const;
	const denied = ["AzureDiagnostics"] as const;
	assert.deepEqual(await tablesOf(worldOf(workspace({ tables, denied })))(), [{ name: "AKSAudit", plan: "analytics" }]);
	const named = worldOf(workspace({ tables, denied }), { tables: ["AKSAudit", "AzureDiagnostics"] });
	await assert.rejects(tablesOf(named)(), { code: "ACCESS_DENIED", message: /query\/AzureDiagnostics\/read/ });
	const all = worldOf(workspace({ tables, denied: ["AKSAudit", "AzureDiagnostics"] }));
	await assert.rejects(tablesOf(all)(), { code: "ACCESS_DENIED", message: /query\/AKSAudit\/read/ });
});

test("named tables must exist, and each is read for itself", async () => {
	const tables = { AKSAudit: "analytics", AKSAuditAdmin: "analytics" } as const;
	const both = worldOf(workspace({ tables }), { tables: ["AKSAudit", "AKSAuditAdmin"] });
	assert.ok((await tablesOf(both)()).every(({ whole }) => whole === undefined));
	const other = worldOf(workspace({ tables }), { tables: ["ArcK8sAudit"] });
	await assert.rejects(tablesOf(other)(), { code: "CONFIG_INVALID", message: /no table ArcK8sAudit/ });
});

test("faults on the way are no reason to miss a table", async () => {
	const tables = { AKSAudit: "analytics", AKSAuditAdmin: "basic" } as const;
	const faults = seededFaults(randomOf(3), { throttle: 0.2, unavailable: 0.1, reset: 0.1, garbled: 0.1 });
	for (let turn = 0; turn < 20; turn++) {
		const found = await tablesOf(worldOf({ ...workspace({ tables }), faults, random: randomOf(turn) }))();
		assert.deepEqual(
			found.map(({ name, plan }) => [name, plan]),
			[
				["AKSAudit", "analytics"],
				["AKSAuditAdmin", "basic"],
			],
		);
	}
});

test("a scope is a workspace; a source of one cluster has that cluster's origin", async () => {
	const other = "99999999-2222-3333-4444-555555555555";
	const workspaces = [MODEL_WORKSPACE, other].map((id) => ({ id, tables: { AKSAudit: "analytics" } as const }));
	const all = worldOf({ workspaces }, { workspaces: [MODEL_WORKSPACE.toUpperCase(), other, MODEL_WORKSPACE] });
	assert.deepEqual(await all.clock.run(scopes(all.options, SIGNAL)), [
		{ name: MODEL_WORKSPACE, origin: { connector: "azure-diagnostics" } },
		{ name: other, origin: { connector: "azure-diagnostics" } },
	]);
	const one = worldOf({ workspaces }, { resourceIds: [MODEL_CLUSTER.toUpperCase()] });
	const [scope] = await one.clock.run(scopes(one.options, SIGNAL));
	assert.equal(scope?.origin.clusterKey, MODEL_CLUSTER);
	assert.equal(scope?.origin.clusterName, "shop");
});

test("a workspace that does not exist, has nothing, or no audit table is told so at the start", async () => {
	const cases: readonly (readonly [Partial<ModelWorkspace>, RegExp])[] = [
		[{ id: "99999999-2222-3333-4444-555555555555" }, /was not found/],
		[{ isEmpty: true }, /is empty/],
		[{ tables: {} }, /has no table AKSAudit, AKSAuditAdmin/],
	];
	for (const [changes, message] of cases) {
		const { options, clock } = worldOf(workspace(changes));
		await assert.rejects(clock.run(scopes(options, SIGNAL)), { code: "CONFIG_INVALID", message });
	}
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type FaultRates, NO_FAULTS, seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { QueryAnswer, QueryRequest } from "./client.ts";
import { collectorErrorOf } from "./client-error.ts";
import { rowsQuery } from "./kql.ts";
import { MODEL_WORKSPACE } from "./model.ts";
import { HOUR_MS, LAST_DAY, NOW_MS, planted, SIGNAL, worldOf } from "./test-service.ts";

const DAY_MS = 24 * HOUR_MS;
const REQUEST: QueryRequest = {
	workspaceId: MODEL_WORKSPACE,
	plan: "analytics",
	query: rowsQuery({ table: "AKSAudit", window: { fromMs: 0, toMs: NOW_MS + DAY_MS } }),
	timespan: { fromMs: 0, toMs: NOW_MS + 10 * DAY_MS },
	serverTimeoutSeconds: 60,
	bytesMax: 1_000_000,
};

test("a row is hidden until it is visible, and then comes in its place, maybe before others that were shown", async () => {
	const world = worldOf();
	world.model.plant(planted("shown", NOW_MS - 1_000));
	world.model.plant(planted("late", NOW_MS - 2_000, { visibleAtMs: NOW_MS + 500 }));
	assert.deepEqual(await world.list(LAST_DAY), ["shown"]);
	await world.clock.run(world.clock.wait(500));
	assert.deepEqual(await world.list(LAST_DAY), ["late", "shown"]);
});

test("the service's clock decides, and its whole seconds are told", async () => {
	const world = worldOf({ skewMs: 1_234 });
	world.model.plant(planted("ahead", NOW_MS + 1_000));
	const answer = await world.options.client.query(REQUEST, SIGNAL);
	assert.ok(Buffer.from(answer.body).includes("ahead"));
	assert.equal(answer.servedAtMs, NOW_MS + 1_000);
});

test("TimeGenerated limits a query, and is replaced where it is too far from receipt", async () => {
	const world = worldOf();
	world.model.plant(planted("old", NOW_MS - HOUR_MS, { timeMs: NOW_MS - 3 * DAY_MS }));
	world.model.plant(planted("recent", NOW_MS - HOUR_MS, { timeMs: NOW_MS - DAY_MS }));
	const timespan = { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS };
	const { body } = await world.options.client.query({ ...REQUEST, timespan }, SIGNAL);
	assert.match(Buffer.from(body).toString(), /"old"/);
	assert.doesNotMatch(Buffer.from(body).toString(), /"recent"/);
});

test("what is older than the retention is gone", async () => {
	const world = worldOf({ retentionMs: DAY_MS });
	world.model.plant(planted("gone", NOW_MS - DAY_MS - 1));
	world.model.plant(planted("kept", NOW_MS - DAY_MS));
	assert.deepEqual(await world.list({ fromMs: 0, toMs: NOW_MS }), ["kept"]);
});

test("more calls than the quota are refused until half a minute has passed", async () => {
	const { model, clock, options } = worldOf({ per30Seconds: 3 });
	const ask = (): Promise<QueryAnswer> => options.client.query(REQUEST, SIGNAL);
	for (let i = 0; i < 3; i++) await ask();
	const error = await ask().catch((thrown: unknown) => collectorErrorOf(thrown, {}));
	assert.deepEqual([(error as { code?: string }).code, (error as { retryAfterMs?: number }).retryAfterMs], ["SOURCE_THROTTLED", 30_000]);
	await clock.run(clock.wait(30_000));
	assert.equal((await ask()).status, "ok");
	assert.equal(model.calls(), 5);
});

test("each fault is thrown, or resolved, as the SDK would", async () => {
	const codeOf = async (rates: FaultRates): Promise<string> => {
		const { clock, options } = worldOf({ faults: seededFaults(randomOf(1), rates) });
		const outcome = clock.run(options.client.query(REQUEST, SIGNAL));
		return outcome.then(
			({ status }) => status,
			(error: unknown) => collectorErrorOf(error, {}).code,
		);
	};
	assert.equal(await codeOf({ throttle: 1 }), "SOURCE_THROTTLED");
	assert.equal(await codeOf({ unavailable: 1 }), "SOURCE_UNAVAILABLE");
	assert.equal(await codeOf({ reset: 1 }), "SOURCE_UNAVAILABLE");
	assert.equal(await codeOf({ timeout: 1 }), "SOURCE_UNAVAILABLE");
	assert.equal(await codeOf({ "expired-credentials": 1 }), "SOURCE_UNAVAILABLE");
	assert.equal(await codeOf({ denied: 1 }), "ACCESS_DENIED");
	assert.equal(await codeOf({ garbled: 1 }), "ok");
	assert.equal(await codeOf({ "bad-token": 1 }), "ok");
});

test("a call that gets no answer takes its time on the clock", async () => {
	const { clock, options } = worldOf({ faults: () => "timeout", timeoutMs: 12_000 });
	await assert.rejects(clock.run(options.client.query(REQUEST, SIGNAL)), { name: "TimeoutError" });
	assert.equal(clock.now(), NOW_MS + 12_000);
});

test("a seed repeats everything", async () => {
	const run = async (seed: number): Promise<readonly string[]> => {
		const random = randomOf(seed);
		const faults = seededFaults(random, { throttle: 0.2, unavailable: 0.2, garbled: 0.2 });
		const { model, options } = worldOf({ random, faults, partialRate: 0.5 });
		for (let i = 0; i < 20; i++) model.plant(planted(`s-${i}`, NOW_MS - i));
		const said: string[] = [];
		for (let i = 0; i < 20; i++)
			said.push(
				await options.client.query(REQUEST, SIGNAL).then(
					({ body }) => Buffer.from(body).toString(),
					(error: unknown) => String(error),
				),
			);
		return said;
	};
	assert.deepEqual(await run(5), await run(5));
	assert.notDeepEqual(await run(5), await run(6));
});

test("plans, tables and rights are kept apart as the service keeps them", async () => {
	const tables = { AKSAudit: "basic", AzureDiagnostics: "analytics" } as const;
	const { options } = worldOf({ faults: NO_FAULTS, workspaces: [{ id: MODEL_WORKSPACE, tables, denied: ["AzureDiagnostics"] }] });
	const refusal = async (changes: Partial<QueryRequest>): Promise<unknown> =>
		options.client.query({ ...REQUEST, ...changes }, SIGNAL).then(
			({ status }) => status,
			(error: { code?: string }) => error.code,
		);
	assert.equal(await refusal({}), "BadArgumentError");
	assert.equal(await refusal({ plan: "basic" }), "ok");
	assert.equal(await refusal({ query: "AzureDiagnostics\n| take 0" }), "InsufficientAccessError");
	assert.equal(await refusal({ query: "print 1" }), "BadArgumentError");
	assert.equal(await refusal({ workspaceId: "other" }), "PathNotFoundError");
});

/** Counts of Logs Insights: bins, permissions, faults, garbage; and the loop that they set to work. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reconciled } from "../../src/contract/connector.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import { type Faults, seededFaults } from "../../src/simulation/faults.ts";
import { eventText } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Answer, Client } from "./client.ts";
import { countEvents } from "./count.ts";
import type { ModelOptions } from "./model.ts";
import { createPulls } from "./pulls.ts";
import { attemptOf, HOUR_MS, modelOf, NOW_MS, once, SCOPE, SIGNAL, serialOf, settingsOf } from "./test-service.ts";

const BIN_MS = 300_000;
const STRETCH = { fromMs: NOW_MS - HOUR_MS, untilMs: NOW_MS - HOUR_MS / 2, binMs: BIN_MS };

function worldOf(options: Partial<ModelOptions> = {}) {
	const world = modelOf(options);
	const count = (signal = SIGNAL, client = world.model.client(), attempt = attemptOf(world.clock)) =>
		world.clock.run(countEvents({ client, attempt, scope: SCOPE, clock: world.clock }, STRETCH, signal));
	return { ...world, count };
}

function plantAt({ model }: ReturnType<typeof worldOf>, ...timesMs: readonly number[]): void {
	for (const timeMs of timesMs)
		model.plant({ serial: "s", text: eventText("s", timeMs), timeMs, takenInMs: timeMs, visibleAtMs: 0, server: 0 });
}

test("events are counted by their time, none before the stretch, none after it, and of audit streams alone", async () => {
	const world = worldOf();
	const { fromMs, untilMs } = STRETCH;
	plantAt(world, fromMs - 1, fromMs, fromMs + BIN_MS - 1, fromMs + BIN_MS, untilMs - 1, untilMs, untilMs + 500);
	world.model.put({ logStreamName: "kube-apiserver-1", timestamp: fromMs, message: "klog" });
	assert.deepEqual(
		await world.count(),
		new Map([
			[fromMs, 2],
			[fromMs + BIN_MS, 1],
			[untilMs - BIN_MS, 1],
		]),
	);
});

test("a stretch without an event has no bins", async () => {
	assert.deepEqual(await worldOf().count(), new Map());
});

for (const permission of ["StartQuery", "GetQueryResults"]) {
	test(`without logs:${permission} the permission is named`, async () => {
		const { count } = worldOf({ faults: (operation) => (operation === permission ? "denied" : undefined) });
		await assert.rejects(count(), {
			code: "ACCESS_DENIED",
			message: new RegExp(`^the permission logs:${permission} on arn:\\S+ is missing: grant it to the identity in use$`),
		});
	});
}

test("a query that fails is no count", async () => {
	const { count } = worldOf({ oddities: { failedQuery: 1 } });
	await assert.rejects(count(), { code: "SOURCE_UNAVAILABLE", message: /the query of Logs Insights on .* ended as Failed/ });
});

test("throttled, garbled, timed out: asked again, and the count is the same", async () => {
	const faults: Faults = seededFaults(randomOf(5), { throttle: 0.2, unavailable: 0.1, garbled: 0.2, timeout: 0.1, reset: 0.1 });
	const world = worldOf({ faults });
	plantAt(world, STRETCH.fromMs, STRETCH.fromMs + 1);
	for (let i = 0; i < 10; i++) assert.deepEqual(await world.count(), new Map([[STRETCH.fromMs, 2]]));
});

const COMPLETE = { status: "Complete", results: [] };
const row = (bin: string, records: string) => [
	{ field: "bin(5m)", value: bin },
	{ field: "records", value: records },
];
const NONSENSE: readonly (readonly [what: string, start: unknown, results: unknown])[] = [
	["no id", {}, COMPLETE],
	["an id that is none", { queryId: 7 }, COMPLETE],
	["no status", { queryId: "q" }, { results: [] }],
	["no results", { queryId: "q" }, { status: "Complete" }],
	["rows that are none", { queryId: "q" }, { status: "Complete", results: ["x"] }],
	["fields that are none", { queryId: "q" }, { status: "Complete", results: [[null]] }],
	["a bin that is no time", { queryId: "q" }, { status: "Complete", results: [row("now", "1")] }],
	["no bin", { queryId: "q" }, { status: "Complete", results: [[{ field: "records", value: "1" }]] }],
	["a count that is none", { queryId: "q" }, { status: "Complete", results: [row("2026-11-23 11:00:00.000", "many")] }],
	["an empty count", { queryId: "q" }, { status: "Complete", results: [row("2026-11-23 11:00:00.000", "")] }],
	["less than nothing", { queryId: "q" }, { status: "Complete", results: [row("2026-11-23 11:00:00.000", "-1")] }],
	["a status of another world", { queryId: "q" }, { status: "Gone fishing", results: [] }],
];

for (const [what, start, results] of NONSENSE) {
	test(`an answer that is none: ${what}`, async () => {
		const { count, model } = worldOf();
		const client: Client = {
			...model.client(),
			startQuery: async () => start as Answer,
			getQueryResults: async () => results as Answer,
		};
		await assert.rejects(count(SIGNAL, client, once), { code: "SOURCE_UNAVAILABLE" });
	});
}

test("a query that never ends is given up, and a stop ends the waiting at once", async () => {
	const { count, clock } = worldOf({ limits: { queryMs: 10 * HOUR_MS } });
	await assert.rejects(count(), { code: "SOURCE_UNAVAILABLE", message: /has not ended after 20 minutes/ });
	const stop = new AbortController();
	const reason = new Error("stop");
	void clock.wait(60_000).then(() => stop.abort(reason));
	await assert.rejects(count(stop.signal), reason);
	assert.equal(clock.waiting(), 0);
});

test("an event that comes half a day late is found by the count, and delivered", async () => {
	const { clock, model } = modelOf();
	const pulls = createPulls({ clock, connect: async () => model.client() });
	const timeMs = NOW_MS + HOUR_MS;
	for (const [serial, shownAfterMs] of [
		["at once", 1_000],
		["late", 14 * HOUR_MS],
	] as const)
		model.plant({ serial, text: eventText(serial, timeMs), timeMs, takenInMs: timeMs, visibleAtMs: timeMs + shownAfterMs, server: 0 });
	const stop = new AbortController();
	const outcomes: Reconciled[] = [];
	const serials: string[] = [];
	const host = { signal: stop.signal, clock, random: () => 0.5, log() {}, meter: NO_METER };
	const settings = settingsOf();
	const batches = pulls.read({
		settings,
		scope: SCOPE,
		saved: new Map(),
		startMs: NOW_MS,
		timing: { intervalMs: 600_000, intervalMaxMs: 600_000 },
		until: "stopped",
		host,
		reconcile: {
			everyMs: 24 * HOUR_MS,
			delayMs: HOUR_MS,
			count: async (stretch, binMs, signal) =>
				(await pulls.count?.({ settings, scope: SCOPE, ...stretch, binMs, host: { ...host, signal } })) ?? new Map(),
			failed: (error) => assert.fail(error as Error),
			reconciled: (outcome) => void outcomes.push(outcome),
		},
	});
	const all = async (): Promise<void> => {
		for await (const batch of batches) {
			serials.push(...(batch.records as Parameters<typeof serialOf>[0][]).map(serialOf));
			await batch.settle({ failed: [] });
		}
	};
	await clock.run(Promise.all([all(), clock.wait(27 * HOUR_MS).then(() => stop.abort())]));
	assert.deepEqual(
		outcomes.map(({ expected, delivered, found, missing }) => [expected, delivered, found, missing]),
		[[2, 1, 1, 0]],
	);
	assert.deepEqual([...new Set(serials)].sort(), ["at once", "late"]);
});

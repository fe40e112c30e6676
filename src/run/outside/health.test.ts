import assert from "node:assert/strict";
import { test } from "node:test";
import { type Failure, healthOf, type SourceView, stillMaxMs } from "./health.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
/** 10 polls of 30 s, or twice the overlap of 2 min: five minutes. */
const LIMIT_MS = 300_000;

function view(over: Partial<SourceView> = {}): SourceView {
	return {
		source: "eks",
		connector: "aws-cloudwatch",
		scope: "prod",
		state: "running",
		stateSinceMs: NOW_MS - 3_600_000,
		progressAtMs: NOW_MS - 1_000,
		watermarkMs: NOW_MS - 20_000,
		hasPolled: true,
		pollIntervalMs: 30_000,
		overlapMs: 120_000,
		...over,
	};
}

const UNREACHABLE: Failure = { code: "SOURCE_UNAVAILABLE", action: "retry", text: "the service does not answer" };
const DENIED: Failure = { code: "ACCESS_DENIED", action: "park", text: "needs logs:FilterLogEvents" };
const CONFLICT: Failure = { code: "CHECKPOINT_CONFLICT", action: "stop-source", text: "somebody else saved" };
const still = (more: Partial<SourceView> = {}) => view({ progressAtMs: NOW_MS - LIMIT_MS - 1, ...more });

test("the limit is ten polls or two overlaps, whichever is longer", () => {
	assert.equal(stillMaxMs({ pollIntervalMs: 30_000, overlapMs: 120_000 }), 300_000);
	assert.equal(stillMaxMs({ pollIntervalMs: 30_000, overlapMs: 600_000 }), 1_200_000);
});

test("a source that gets on is alive and ready, and says how far it is", () => {
	const health = healthOf([view()], NOW_MS);
	assert.deepEqual(health, {
		alive: true,
		ready: true,
		sources: [
			{
				source: "eks",
				connector: "aws-cloudwatch",
				scope: "prod",
				state: "running",
				watermark: "2026-11-23T11:59:40.000Z",
				lagSeconds: 20,
			},
		],
	});
});

test("a watermark that lags far behind, but moves, is alive: it catches up", () => {
	assert.equal(healthOf([view({ watermarkMs: NOW_MS - 86_400_000 })], NOW_MS).alive, true);
});

test("one that stands still for longer than the limit is not alive, and no moment earlier", () => {
	assert.equal(healthOf([view({ progressAtMs: NOW_MS - LIMIT_MS })], NOW_MS).alive, true);
	const { alive, ready, sources } = healthOf([still(), view()], NOW_MS);
	assert.deepEqual([alive, ready], [false, false]);
	assert.equal(sources[0]?.problem, "no progress for 300 s, longer than the 300 s allowed");
	assert.equal(sources[1]?.problem, undefined);
});

test("the limit of a source is its own", () => {
	assert.equal(healthOf([still({ overlapMs: 600_000 })], NOW_MS).alive, true);
});

test("parked for access denied: alive for however long, since restarting would not help, but not ready, and it says why", () => {
	const parked = still({ state: "parked", failure: DENIED, hasPolled: false });
	const { alive, ready, sources } = healthOf([parked], NOW_MS);
	assert.deepEqual([alive, ready], [true, false]);
	assert.equal(sources[0]?.problem, "ACCESS_DENIED: needs logs:FilterLogEvents; tried again every few minutes; restarting would not help");
	const again = still({ state: "running", stateSinceMs: NOW_MS - 1_000, failure: DENIED });
	assert.deepEqual([healthOf([again], NOW_MS).alive, healthOf([again], NOW_MS).ready], [true, false], "while it tries again");
});

test("after being parked it may hang like any other", () => {
	const hung = still({ state: "running", stateSinceMs: NOW_MS - LIMIT_MS - 1, failure: DENIED });
	assert.equal(healthOf([hung], NOW_MS).alive, false);
});

test("a service that cannot be reached: a restart would stop the sources that go on, so only alone it is not alive", () => {
	for (const state of ["waiting", "running"] as const) {
		const failing = still({ state, stateSinceMs: NOW_MS - 1_000, failure: UNREACHABLE });
		assert.equal(healthOf([failing], NOW_MS).alive, false, "nothing gets on");
		assert.equal(healthOf([failing, still({ state: "parked", failure: DENIED })], NOW_MS).alive, false, "nothing gets on");
		const { alive, ready, sources } = healthOf([failing, view({ source: "gke" })], NOW_MS);
		assert.deepEqual([alive, ready], [true, false]);
		assert.equal(sources[0]?.problem, "SOURCE_UNAVAILABLE: the service does not answer; trying again");
	}
});

test("a short failure changes nothing", () => {
	const { alive, ready } = healthOf([view({ state: "waiting", failure: UNREACHABLE })], NOW_MS);
	assert.deepEqual([alive, ready], [true, true]);
});

test("ready only once every source has completed its first poll", () => {
	const first = healthOf([view(), view({ source: "gke", hasPolled: false })], NOW_MS);
	assert.deepEqual([first.alive, first.ready], [true, false]);
	assert.equal(first.sources[1]?.problem, "the first poll is not complete yet");
	const { scope: _, ...searching } = view({ hasPolled: false });
	const search = healthOf([searching], NOW_MS);
	assert.deepEqual([search.ready, search.sources[0]?.problem], [false, "still looking for what to read"]);
	assert.deepEqual([healthOf([], NOW_MS).alive, healthOf([], NOW_MS).ready], [true, false], "nothing has begun");
});

test("stopped by a conflict: not ready, but a restart would only fight on", () => {
	const { alive, ready, sources } = healthOf([still({ state: "stopped", failure: CONFLICT })], NOW_MS);
	assert.deepEqual([alive, ready], [true, false]);
	assert.match(sources[0]?.problem ?? "", /^CHECKPOINT_CONFLICT: somebody else saved; stopped/);
});

test("stopped by a fault of ours: after the limit a restart is worth it", () => {
	const bug = (sinceMs: number) => healthOf([view({ state: "stopped", failure: { text: "x" }, stateSinceMs: NOW_MS - sinceMs })], NOW_MS);
	assert.equal(bug(LIMIT_MS).alive, true);
	assert.equal(bug(LIMIT_MS + 1).alive, false);
	assert.equal(bug(0).ready, false);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connector, Scope } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Sink } from "../../contract/sink.ts";
import type { SourcePlan } from "../source-runner.ts";
import { createLookout } from "./lookout.ts";
import type { SilenceFact } from "./silence-event.ts";
import { clusterOrigin, decodedAt, encodedAt, preparedAt, samplesOf, valueIn } from "./test-shown.ts";

const START_MS = Date.parse("2026-11-23T12:00:00Z");
const MINUTE = 60_000;
const PLAN: SourcePlan = {
	id: "eks",
	connector: { name: "aws-cloudwatch" } as Connector,
	settings: {},
	labels: {},
	startMs: START_MS,
	timing: {},
	until: "stopped",
};
const AT_PROD = { source: "eks", connector: "aws-cloudwatch", cluster: "arn:prod" };
const scopeOf = (name: string, origin = clusterOrigin(name)): Scope => ({ name, origin });

/** A lookout whose clock moves by hand. */
function world() {
	let nowMs = START_MS;
	const told: SilenceFact[] = [];
	const lookout = createLookout({
		now: () => nowMs,
		redact: (text) => text.replaceAll("hunter2", "***"),
		silenceAfterMs: (source) => (source === "eks" ? 15 * MINUTE : undefined),
		onSilence: (fact) => told.push(fact),
	});
	return {
		lookout,
		told,
		pass(ms: number): number {
			nowMs += ms;
			return nowMs;
		},
		shown: async (name: string, labels: Readonly<Record<string, string>> = AT_PROD) => valueIn(await lookout.metrics.text(), name, labels),
	};
}

/** One scope that runs, as runScope opens it. */
function running(world_ = world()) {
	const scope = scopeOf("prod");
	const watch = world_.lookout.watch(PLAN, scope);
	const meter = world_.lookout.meterOf(PLAN, scope.origin);
	const observer = world_.lookout.observerOf(PLAN, scope);
	watch.state({ kind: "running" });
	return { ...world_, scope, watch, meter, observer };
}

test("the watermark that is shown is the one that is settled, not the one that is read", async () => {
	const { watch, meter, shown, pass } = running();
	meter.gauge("watermark_seconds", START_MS / 1000);
	assert.equal(await shown("watermark_seconds"), undefined);
	watch.settled(START_MS - 10_000);
	pass(5_000);
	assert.equal(await shown("watermark_lag_seconds"), 15);
});

test("how far an earlier run came is shown before anything is settled", async () => {
	const { watch, shown, lookout } = running();
	watch.resumed(START_MS - 3_600_000);
	assert.equal(await shown("watermark_lag_seconds"), 3_600);
	assert.equal(lookout.health().ready, false, "that is no poll");
});

test("ready once the search is over and every scope has settled its first poll", () => {
	const { lookout } = world();
	assert.equal(lookout.health().ready, false);
	const search = lookout.watch(PLAN, undefined);
	assert.deepEqual([lookout.health().ready, lookout.health().sources.length], [false, 1]);
	search.ended();
	const watches = [lookout.watch(PLAN, scopeOf("a")), lookout.watch(PLAN, scopeOf("b"))];
	watches[0]?.settled(START_MS);
	assert.equal(lookout.health().ready, false);
	watches[1]?.settled(START_MS);
	assert.equal(lookout.health().ready, true);
});

test("a watermark that is saved again and again but does not move is no progress; one that moves is", () => {
	const { watch, lookout, pass } = running();
	for (let i = 0; i < 12; i++) watch.settled(START_MS + pass(30_000) - START_MS);
	assert.equal(lookout.health().alive, true);
	const stuckAtMs = pass(0);
	for (let i = 0; i < 11; i++) {
		pass(30_000);
		watch.settled(stuckAtMs);
	}
	assert.equal(lookout.health().alive, false);
	watch.settled(pass(1_000));
	assert.equal(lookout.health().alive, true);
});

test("a window that takes an hour is alive as long as sinks take what is in it", async () => {
	const { lookout, pass } = running();
	const bare: Sink = { name: "s", send: async () => ({ status: "settled", rejected: [] }), async [Symbol.asyncDispose]() {} };
	const sink = lookout.sink(bare);
	const send = (partition: string) =>
		sink.send({ events: [encodedAt(1)], source: "eks", partition, firstSeq: 1, attempt: 1 }, AbortSignal.any([]));
	for (let i = 0; i < 20; i++) {
		pass(3 * MINUTE);
		await send("prod");
		assert.equal(lookout.health().alive, true);
	}
	pass(6 * MINUTE);
	await send("another");
	assert.equal(lookout.health().alive, false);
});

test("the limit follows the overlap as it grows", () => {
	const { lookout, meter, pass } = running();
	pass(6 * MINUTE);
	assert.equal(lookout.health().alive, false);
	meter.gauge("overlap_seconds", 600);
	assert.equal(lookout.health().alive, true);
});

test("states are shown by source, with what it fails with, until it gets on again", async () => {
	const { watch, shown, lookout } = running();
	const error = new CollectorError("ACCESS_DENIED", "needs logs:FilterLogEvents, token hunter2");
	watch.state({ kind: "parked", error, waitMs: 600_000 });
	assert.equal(await shown("source_state", { ...AT_PROD, state: "parked" }), 1);
	assert.equal(await shown("source_state", { ...AT_PROD, state: "running" }), 0);
	assert.equal(await shown("source_failing", { ...AT_PROD, code: "ACCESS_DENIED" }), 1);
	assert.match(lookout.health().sources[0]?.problem ?? "", /^ACCESS_DENIED: needs logs:FilterLogEvents, token \*\*\*;/);
	watch.state({ kind: "running" });
	assert.equal(await shown("source_failing", { ...AT_PROD, code: "ACCESS_DENIED" }), 1, "it only tries again");
	watch.settled(START_MS);
	assert.equal(await shown("source_failing", { ...AT_PROD, code: "ACCESS_DENIED" }), undefined);
	assert.equal(await shown("source_failures_total", { ...AT_PROD, code: "ACCESS_DENIED" }), 1);
});

test("of a fault of ours nothing is told but that it is one", () => {
	const { watch, lookout } = running();
	watch.state({ kind: "stopped", error: new Error("secret record content") });
	assert.ok(!JSON.stringify(lookout.health()).includes("content"));
	assert.equal(lookout.health().ready, false);
});

test("a scope that has ended is shown no more, and one that begins anew takes its place", async () => {
	const { watch, lookout, shown, scope } = running();
	watch.settled(START_MS - MINUTE);
	const again = lookout.watch(PLAN, { ...scope });
	assert.equal(lookout.health().sources.length, 1);
	watch.ended();
	assert.equal(lookout.health().sources.length, 1, "the end of the one before it is not its own");
	assert.equal(await shown("watermark_seconds"), undefined);
	again.ended();
	assert.deepEqual(lookout.health().sources, []);
	assert.equal(await shown("source_state", { ...AT_PROD, state: "running" }), undefined);
});

test("sources that come and go for months leave nothing behind", async () => {
	const { lookout } = world();
	const linesAfter = async (times: number): Promise<number> => {
		for (let i = 0; i < times; i++) {
			lookout.watch(PLAN, undefined).ended();
			lookout.meterOf(PLAN, { connector: "aws-cloudwatch" });
			const scope = scopeOf("prod");
			const watch = lookout.watch(PLAN, scope);
			lookout.meterOf(PLAN, scope.origin).gauge("overlap_seconds", 1);
			lookout.observerOf(PLAN, scope);
			watch.settled(START_MS);
			watch.ended();
		}
		return samplesOf(await lookout.metrics.text()).filter(({ name }) => name.startsWith("kube_audit_")).length;
	};
	assert.equal(await linesAfter(1), await linesAfter(500));
});

test("a cluster that falls silent is told of once, and once when it speaks again", async () => {
	const { watch, observer, told, shown, scope } = running();
	const speak = (ms: number) => observer.event(decodedAt(ms), scope.origin, preparedAt(ms));
	speak(START_MS - MINUTE);
	watch.settled(START_MS - MINUTE);
	watch.settled(START_MS + 14 * MINUTE);
	assert.deepEqual(told, []);
	assert.equal(await shown("cluster_silent"), 0);
	for (const minutes of [15, 16, 30]) watch.settled(START_MS + minutes * MINUTE);
	const silent = { kind: "silent", source: "eks", origin: scope.origin, sinceMs: START_MS - MINUTE, untilMs: START_MS + 15 * MINUTE };
	assert.deepEqual(told, [silent]);
	assert.equal(await shown("cluster_silent"), 1);
	assert.equal(await shown("silent_seconds"), 31 * 60);
});

test("a cluster that speaks again is told of with the time of its first new event", async () => {
	const { watch, observer, told, scope, pass, shown } = running();
	watch.settled(START_MS);
	watch.settled(START_MS + 20 * MINUTE);
	pass(21 * MINUTE);
	observer.event(decodedAt(START_MS), scope.origin, preparedAt(START_MS + 20.5 * MINUTE));
	watch.settled(START_MS + 21 * MINUTE);
	assert.deepEqual(
		told.map(({ kind, sinceMs, untilMs }) => [kind, sinceMs, untilMs]),
		[
			["silent", START_MS, START_MS + 20 * MINUTE],
			["speaking", START_MS, START_MS + 20.5 * MINUTE],
		],
	);
	assert.equal(await shown("silent_seconds"), 30);
});

test("one silent cluster among others of the same project is told of by its own name", () => {
	const { lookout, told, pass } = world();
	const scope = scopeOf("project", { connector: "gcp-cloud-logging" });
	const watch = lookout.watch(PLAN, scope);
	const observer = lookout.observerOf(PLAN, scope);
	const speak = (name: string, ms: number) => observer.event(decodedAt(ms), clusterOrigin(name), preparedAt(ms));
	speak("quiet", START_MS);
	for (let i = 0; i < 5; i++) {
		const nowMs = pass(5 * MINUTE);
		speak("loud", nowMs);
		watch.settled(nowMs);
	}
	assert.deepEqual(
		told.map(({ kind, origin }) => [kind, origin.clusterName]),
		[["silent", "quiet"]],
	);
});

test("a source that cannot be read makes no cluster silent", async () => {
	const { watch, told, pass, shown } = running();
	watch.settled(START_MS);
	watch.state({ kind: "waiting", error: new CollectorError("SOURCE_UNAVAILABLE", "down"), waitMs: 1 });
	pass(86_400_000);
	watch.settled(START_MS);
	assert.deepEqual(told, []);
	assert.equal(await shown("silent_seconds"), 0);
	assert.equal(await shown("watermark_lag_seconds"), 86_400);
});

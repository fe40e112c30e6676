import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryCheckpoints } from "../../checkpoint/memory.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { SendResult, Sink } from "../../contract/sink.ts";
import { createGate } from "../../pipeline/gate.ts";
import { measuredGate, measuredSink, measuredStore, startCheckpointCounts } from "./measured.ts";
import { createMetrics } from "./metrics.ts";
import { encodedAt, valueIn } from "./test-shown.ts";

const NOW_MS = 1_700_000_000_000;
const events = [encodedAt(1, 100), encodedAt(2, 10), encodedAt(3, 1)];
const signal = new AbortController().signal;

/** Sends the three events, one send for each answer; an answer that is an error is thrown. */
async function sent(answers: readonly (SendResult | Error)[]) {
	let nowMs = NOW_MS;
	const metrics = createMetrics({ now: () => nowMs });
	const taken: string[] = [];
	let next = 0;
	const bare: Sink = {
		name: "bare",
		async send() {
			nowMs += 300;
			const answer = answers[next++] as SendResult | Error;
			if (answer instanceof Error) throw answer;
			return answer;
		},
		facts: () => ({ stored: 3 }),
		async [Symbol.asyncDispose]() {
			taken.push("disposed");
		},
	};
	const sink = measuredSink(bare, { metrics, now: () => nowMs, name: "lake", taken: (...of) => taken.push(of.join("/")) });
	for (const i of answers.keys())
		await sink.send({ events, source: "eks", partition: "p", firstSeq: 0, attempt: i + 1 }, signal).catch(() => {});
	const text = await metrics.text();
	return { sink, taken, shown: (name: string, more = {}) => valueIn(text, name, { source: "eks", sink: "lake", ...more }) };
}

const error = new CollectorError("SINK_REJECTED", "no");

test("what a sink took, refused and left is counted apart", async () => {
	const { shown, taken } = await sent([
		{ status: "settled", rejected: [] },
		{ status: "settled", rejected: [{ index: 0, error }] },
		{ status: "partial", rejected: [{ index: 1, error }], retry: [0] },
	]);
	assert.equal(shown("events_forwarded_total"), 3 + 2 + 1);
	assert.equal(shown("bytes_forwarded_total"), 111 + 11 + 1);
	assert.equal(shown("events_rejected_total", { code: "SINK_REJECTED" }), 2);
	assert.equal(shown("sends_retried_total"), 2);
	assert.deepEqual(taken, ["eks/p", "eks/p", "eks/p"]);
});

test("what a sink does not take is no progress, and nothing is forwarded", async () => {
	const { shown, taken } = await sent([
		{ status: "retry", error: new CollectorError("SINK_THROTTLED", "slower") },
		{ status: "unclear", rejectedCount: 1 },
		{ status: "partial", rejected: [], retry: [0, 1, 2] },
		new Error("a bug"),
	]);
	assert.equal(shown("events_forwarded_total"), 0);
	assert.equal(shown("bytes_forwarded_total"), 0);
	assert.equal(shown("sends_failed_total", { code: "SINK_THROTTLED" }), 1);
	assert.equal(shown("events_rejected_total", { code: "SINK_REJECTED" }), 3, "all of them go to quarantine");
	assert.deepEqual(taken, []);
});

test("the time of every send is shown, also of one that throws", async () => {
	const { shown } = await sent([{ status: "settled", rejected: [] }, new Error("a bug")]);
	assert.equal(shown("send_seconds_count"), 2);
	assert.equal(shown("send_seconds_bucket", { le: "0.5" }), 2);
	assert.equal(shown("send_seconds_bucket", { le: "0.25" }), 0);
});

test("a measured sink is the sink in all else", async () => {
	const { sink, taken } = await sent([]);
	assert.equal(sink.name, "bare");
	assert.deepEqual(sink.facts?.(), { stored: 3 });
	await sink[Symbol.asyncDispose]();
	assert.deepEqual(taken, ["disposed"]);
});

test("a store's saves and conflicts are counted by source", async () => {
	const metrics = createMetrics({ now: () => NOW_MS });
	startCheckpointCounts(metrics, "eks");
	const store = measuredStore(createMemoryCheckpoints(), metrics);
	const key = { source: "eks", scope: "p", tier: "fast" } as const;
	assert.equal(valueIn(await metrics.text(), "checkpoints_failed_total", { code: "CHECKPOINT_CONFLICT" }), 0);
	const version = await store.save(key, { v: 1 }, undefined);
	await store.save(key, { v: 1 }, version);
	await assert.rejects(store.save(key, { v: 1 }, version), { code: "CHECKPOINT_CONFLICT" });
	const text = await metrics.text();
	assert.equal(valueIn(text, "checkpoints_saved_total", { source: "eks" }), 2);
	assert.equal(valueIn(text, "checkpoints_failed_total", { source: "eks", code: "CHECKPOINT_CONFLICT" }), 1);
	assert.deepEqual((await store.load(key))?.cursor, { v: 1 });
});

test("a gate shows what is inside, not what waits before it", async () => {
	const metrics = createMetrics({ now: () => NOW_MS });
	const gate = measuredGate(createGate({ batchesMax: 1, bytesMax: 100 }), metrics);
	const inside = async () => [valueIn(await metrics.text(), "in_flight_batches"), valueIn(await metrics.text(), "in_flight_bytes")];
	assert.deepEqual(await inside(), [0, 0]);
	await gate.enter(70);
	const second = gate.enter(5);
	assert.deepEqual(await inside(), [1, 70]);
	gate.leave(70);
	await second;
	assert.deepEqual(await inside(), [1, 5]);
});

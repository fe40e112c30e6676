import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../contract/errors.ts";
import type { SendResult } from "../contract/sink.ts";
import { createQueue, type Slice } from "./queue.ts";
import { deliveryOf, NEVER, textEvent } from "./test-events.ts";

const STOPPED: SendResult = { status: "retry", error: new CollectorError("SINK_UNAVAILABLE", "stopped") };
const delivery = (name: string, count: number): ReturnType<typeof deliveryOf> =>
	deliveryOf(Array.from({ length: count }, (_, i) => textEvent(`${name}/${i}`, `${name}/${i}`.padEnd(10))));
const textsOf = (slices: readonly Slice[]): readonly string[] =>
	slices.flatMap(({ events }) => events.map(({ bytes }) => String(bytes).trim()));

test("every event is given out once, in order, in loads within the limits", async () => {
	const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 12 });
	const bounds = fc.record({
		eventsMax: fc.integer({ min: 1, max: 40 }),
		bytesMax: fc.integer({ min: 1, max: 400 }),
		eventsBest: fc.integer({ min: 1, max: 10 }),
	});
	await fc.assert(
		fc.asyncProperty(sizes, bounds, async (counts, limits) => {
			const queue = createQueue();
			const sent = counts.map((count, i) => queue.add(delivery(String(i), count), NEVER, STOPPED));
			const given: string[] = [];
			for (let slices = queue.take(limits); slices.length > 0; slices = queue.take(limits)) {
				const texts = textsOf(slices);
				assert.ok(texts.length <= limits.eventsMax && (texts.length === 1 || texts.length * 10 <= limits.bytesMax));
				assert.ok(texts.length < limits.eventsBest || texts.length % limits.eventsBest === 0);
				given.push(...texts);
				for (const { done } of slices) done([]);
			}
			assert.deepEqual(
				given,
				counts.flatMap((count, i) => Array.from({ length: count }, (_, j) => `${i}/${j}`)),
			);
			for (const result of await Promise.all(sent)) assert.deepEqual(result, { status: "settled", rejected: [] });
		}),
	);
});

test("a delivery of several loads tells of all its rejections, by their place in it", async () => {
	const queue = createQueue();
	const sent = queue.add(delivery("a", 5), NEVER, STOPPED);
	const error = new CollectorError("SINK_REJECTED", "no");
	for (let i = 0; i < 3; i++)
		for (const { done } of queue.take({ eventsMax: 2, bytesMax: 1000, eventsBest: 1 })) done([{ index: 0, error }]);
	const result = await sent;
	assert.ok(result.status === "settled");
	assert.deepEqual(
		result.rejected.map(({ index }) => index),
		[0, 2, 4],
	);
});

test("a delivery of which a load failed is handed back whole, and the rest of it not given out", async () => {
	const queue = createQueue();
	const limits = { eventsMax: 2, bytesMax: 1000, eventsBest: 1 };
	const sent = queue.add(delivery("a", 5), NEVER, STOPPED);
	void queue.add(delivery("b", 1), NEVER, STOPPED);
	for (const { done } of queue.take(limits)) done([]);
	for (const { fail } of queue.take(limits)) fail(STOPPED);
	assert.equal(await sent, STOPPED);
	assert.deepEqual(textsOf(queue.take(limits)), ["b/0"]);
});

test("the signal takes back what was not begun", async () => {
	const queue = createQueue();
	const stop = new AbortController();
	const begun = queue.add(delivery("a", 3), stop.signal, STOPPED);
	const waiting = queue.add(delivery("b", 3), stop.signal, STOPPED);
	const [first] = queue.take({ eventsMax: 2, bytesMax: 1000, eventsBest: 1 });
	stop.abort();
	assert.equal(await waiting, STOPPED);
	const rest = queue.take({ eventsMax: 9, bytesMax: 1000, eventsBest: 1 });
	assert.deepEqual(textsOf(rest), ["a/2"]);
	for (const slice of [first as Slice, ...rest]) slice.done([]);
	assert.deepEqual(await begun, { status: "settled", rejected: [] });
});

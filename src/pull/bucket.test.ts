import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../simulation/fake-clock.ts";
import { createBucket } from "./bucket.ts";

/** Seconds at which that many calls may be made, one after the other. */
async function timesOf(calls: number, throttledAt: readonly number[] = []): Promise<readonly number[]> {
	const clock = createFakeClock(0);
	const bucket = createBucket(clock, { perSecond: 2, burst: 2 });
	const times: number[] = [];
	const all = async (): Promise<void> => {
		for (let call = 0; call < calls; call++) {
			await bucket.take();
			times.push(clock.now() / 1000);
			if (throttledAt.includes(call)) bucket.throttled();
		}
	};
	await clock.run(all());
	return times;
}

test("calls keep to the rate after a burst", async () => {
	assert.deepEqual(await timesOf(6), [0, 0, 0.5, 1, 1.5, 2]);
});

test("a call that was throttled halves the rate, and it comes back bit by bit", async () => {
	const times = await timesOf(200, [2]);
	const gap = (at: number): number => (times[at] as number) - (times[at - 1] as number);
	assert.ok(gap(4) > 0.9, `${gap(4)} s right after`);
	assert.ok(gap(199) < 0.52, `${gap(199)} s at last`);
	for (let call = 5; call < 200; call++) assert.ok(gap(call) <= gap(call - 1) + 0.01);
});

test("those who wait are served in turn, and one who gives up holds up nobody", async () => {
	const clock = createFakeClock(0);
	const bucket = createBucket(clock, { perSecond: 1, burst: 1 });
	const served: string[] = [];
	const stop = new AbortController();
	const take = (name: string, signal?: AbortSignal): Promise<void> =>
		bucket.take(signal).then(
			() => void served.push(`${name} at ${clock.now()}`),
			() => void served.push(`${name} gave up`),
		);
	const all = [take("a"), take("b", stop.signal), take("c")];
	stop.abort();
	await clock.run(Promise.all(all));
	assert.deepEqual(served, ["a at 0", "b gave up", "c at 1000"]);
});

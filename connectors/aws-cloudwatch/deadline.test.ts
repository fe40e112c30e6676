/** A call is bounded whatever it waits for, and leaves nothing behind when it is over. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { within } from "./deadline.ts";

const never = new Promise<never>(() => {});

test("gives what the call gives, and throws what it throws", async () => {
	const { signal } = new AbortController();
	assert.equal(await within(1000, signal, async () => 5), 5);
	await assert.rejects(
		within(1000, signal, () => Promise.reject(new Error("no"))),
		/no/,
	);
	assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("ends with a TimeoutError, and tells the call", async () => {
	let inner: AbortSignal | undefined;
	const work = within(10, new AbortController().signal, (signal) => {
		inner = signal;
		return never;
	});
	await assert.rejects(work, { name: "TimeoutError" });
	assert.equal(inner?.aborted, true);
});

test("ends with the reason of an abort, during the call and before it", async () => {
	const stop = new AbortController();
	const reason = new Error("stop");
	const work = within(60_000, stop.signal, () => never);
	stop.abort(reason);
	await assert.rejects(work, reason);
	await assert.rejects(
		within(60_000, stop.signal, () => assert.fail("it was called")),
		reason,
	);
	assert.equal(getEventListeners(stop.signal, "abort").length, 0);
});

/** The model keeps to what is known of the service: order, bounds, tokens, quotas, retention. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededFaults } from "../../src/simulation/faults.ts";
import { eventText } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Answer } from "./client.ts";
import { decode } from "./decode.ts";
import type { Model } from "./model.ts";
import { ALL, GROUP, HOUR_MS, modelOf, NOW_MS, plantMany, REGION, recordsOf, SIGNAL } from "./test-service.ts";

const STREAM = "kube-apiserver-audit-0";
const REQUEST = { region: REGION, logGroup: GROUP, logStreamNamePrefix: STREAM, startTime: 0, endTime: ALL.toMs };

function ask(model: Model, changes: object = {}): Promise<Answer> {
	return model.client().filterLogEvents({ ...REQUEST, ...changes }, SIGNAL);
}

const put = (model: Model, message: string, timestamp: number, changes: object = {}): string | undefined =>
	model.put({ logStreamName: STREAM, timestamp, message, ...changes });
const messages = ({ events }: Answer): readonly string[] => (events ?? []).map(({ message }) => message);

test("events lie in the order of their time, then of their intake, and twins have ids of their own", async () => {
	const { model } = modelOf();
	put(model, "c", NOW_MS, { ingestionTime: NOW_MS + 2, visibleAtMs: 0 });
	put(model, "a", NOW_MS - 1);
	put(model, "b", NOW_MS, { ingestionTime: NOW_MS + 1, visibleAtMs: 0 });
	put(model, "d", NOW_MS, { ingestionTime: NOW_MS + 2, visibleAtMs: 0 });
	const answer = await ask(model);
	assert.deepEqual(messages(answer), ["a", "b", "c", "d"]);
	assert.equal(new Set(answer.events?.map(({ eventId }) => eventId)).size, 4);
	assert.match(answer.events?.[0]?.eventId ?? "", /^\d{56}$/);
});

test("both ends of a range are in it", async () => {
	const { model } = modelOf();
	for (const at of [1, 2, 3, 4]) put(model, String(at), NOW_MS + at);
	assert.deepEqual(messages(await ask(model, { startTime: NOW_MS + 2, endTime: NOW_MS + 3 })), ["2", "3"]);
});

test("a page has at most so many events, and at most so many bytes", async () => {
	const { model } = modelOf({ limits: { pageEventsMax: 3, pageBytesMax: 100 } });
	for (const [at, text] of ["a", "b", "c".repeat(60), "d".repeat(500), "e"].entries()) put(model, text, NOW_MS + at);
	const sizes: number[] = [];
	for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
		const answer = await ask(model, token === undefined ? {} : { nextToken: token });
		sizes.push(answer.events?.length ?? -1);
		token = answer.nextToken;
	}
	assert.deepEqual(sizes, [2, 1, 1, 1]);
	assert.equal((await ask(model, { limit: 1 })).events?.length, 1);
});

test("a token is a position: what becomes visible behind it is not given, what does before it is", async () => {
	const { model } = modelOf({ limits: { pageEventsMax: 2 } });
	for (const at of [1, 3, 5]) put(model, String(at), NOW_MS + at);
	const first = await ask(model);
	put(model, "2", NOW_MS + 2);
	put(model, "4", NOW_MS + 4);
	assert.deepEqual(messages(first), ["1", "3"]);
	assert.deepEqual(messages(await ask(model, { nextToken: first.nextToken })), ["4", "5"]);
});

test("a token is good for its own question, and for a day", async () => {
	const { clock, model } = modelOf({ limits: { pageEventsMax: 1 } });
	plantMany(model, 3);
	const { nextToken } = await ask(model, { logStreamNamePrefix: "" });
	const refused = { name: "InvalidParameterException", message: "The specified nextToken is invalid." };
	await assert.rejects(ask(model, { nextToken }), refused);
	await assert.rejects(ask(model, { nextToken: "nonsense" }), refused);
	await clock.run(clock.wait(24 * HOUR_MS - 1));
	assert.equal((await ask(model, { logStreamNamePrefix: "", nextToken })).events?.length, 1);
	await clock.run(clock.wait(1));
	await assert.rejects(ask(model, { logStreamNamePrefix: "", nextToken }), refused);
});

test("the quota of the Region is shared by all clients, and is there again in the next second", async () => {
	const { clock, model } = modelOf();
	for (let i = 0; i < 5; i++) await ask(model);
	await assert.rejects(ask(model), { name: "ThrottlingException" });
	await model.client().describeLogGroups({ region: REGION, logGroupNamePrefix: "/" }, SIGNAL);
	await clock.run(clock.wait(1000));
	await ask(model);
});

test("what is too old or too far ahead is not taken in", () => {
	const { model } = modelOf({ groups: [{ name: GROUP, region: REGION, account: "123456789012", retentionInDays: 3 }] });
	assert.equal(put(model, "", NOW_MS - 72 * HOUR_MS - 1), undefined);
	assert.equal(put(model, "", NOW_MS + 2 * HOUR_MS + 1), undefined);
	assert.ok(put(model, "", NOW_MS - 72 * HOUR_MS));
	assert.ok(put(model, "", NOW_MS + 2 * HOUR_MS));
});

test("after its retention an event is gone", async () => {
	const { clock, model } = modelOf({ groups: [{ name: GROUP, region: REGION, account: "123456789012", retentionInDays: 1 }] });
	put(model, "old", NOW_MS - 1000);
	put(model, "new", NOW_MS);
	await clock.run(clock.wait(24 * HOUR_MS));
	assert.deepEqual(messages(await ask(model)), ["new"]);
});

test("an event that is too large arrives cut, and still says who did what", async () => {
	const { model } = modelOf({ limits: { eventBytesMax: 1000 } });
	const text = eventText("large", NOW_MS, 5000);
	model.plant({ serial: "large", text, timeMs: NOW_MS, takenInMs: NOW_MS, visibleAtMs: NOW_MS, server: 0 });
	const [record] = await recordsOf(model.client());
	const decoded = record && decode(record);
	assert.ok(decoded?.kind === "event");
	assert.equal(decoded.event.auditID, "large");
	assert.equal(decoded.truncated?.sizeBytes, 1000);
});

test("the service's clock is its own, and tells whole seconds", async () => {
	const { clock, model } = modelOf({ skewMs: 5500 });
	await clock.run(clock.wait(700));
	assert.equal((await ask(model)).servedAtMs, NOW_MS + 6000);
	assert.equal(model.now(), NOW_MS + 6200);
});

test("a timeout takes its time", async () => {
	const { clock, model } = modelOf({ faults: () => "timeout" });
	await assert.rejects(clock.run(ask(model)), { name: "TimeoutError" });
	assert.equal(clock.now(), NOW_MS + 60_000);
});

test("a seed repeats", async () => {
	async function run(): Promise<string> {
		const random = randomOf(5);
		const rates = { throttle: 0.2, unavailable: 0.2, garbled: 0.2 };
		const { model } = modelOf({
			random,
			faults: seededFaults(random, rates),
			limits: { pageEventsMax: 3, callsPerSecond: 1000 },
			oddities: { empty: 0.3, short: 0.5 },
		});
		plantMany(model, 20);
		const seen: unknown[] = [];
		for (let i = 0; i < 40; i++) seen.push(await ask(model).catch(({ name, message }) => [name, message]));
		return JSON.stringify(seen);
	}
	assert.equal(await run(), await run());
});

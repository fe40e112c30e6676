import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFakeClock } from "../../src/simulation/fake-clock.ts";
import { seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { EntriesPage, ListRequest } from "./client.ts";
import { decode } from "./decode.ts";
import { parseQuery } from "./logging-query.ts";
import { createModel, isRefusal, type Model } from "./model.ts";
import { indexedEntry } from "./model-entry.ts";
import { createEntryIndex } from "./model-index.ts";
import { createList } from "./poll.ts";
import { listRequest } from "./query.ts";
import { sampleEntry } from "./sample-entry.ts";
import { ALL, listed, modelOf, planted, RESOURCE, START_MS, serialsOf, settingsOf, untilGood } from "./test-service.ts";

const SIGNAL = new AbortController().signal;
const HOUR_MS = 3_600_000;

function modelAt(nowMs: number, options: object = {}) {
	const clock = createFakeClock(nowMs);
	return { clock, model: createModel({ clock, random: randomOf(1), callsPerMinute: 1e9, ...options }) };
}

const request = (members: Partial<ListRequest> = {}, window = ALL): ListRequest => ({
	...listRequest(RESOURCE, window, settingsOf(), 10),
	...members,
});

function pageOf(model: Model, asked: ListRequest = request()): EntriesPage {
	const answer = model.answer(asked);
	assert.ok(typeof answer === "object" && !isRefusal(answer), JSON.stringify(answer));
	return answer;
}

function refusalOf(model: Model, asked: ListRequest = request()): string {
	const answer = model.answer(asked);
	return typeof answer === "object" && isRefusal(answer) ? answer.rpc : "none";
}

test("a planted event is found again by its serial, as an event", () => {
	const { model } = modelAt(START_MS + 1_000);
	assert.equal(model.plant(planted("serial-1", START_MS)), true);
	const [record] = pageOf(model).entries;
	assert.ok(record !== undefined);
	const decoded = decode(record);
	assert.ok(decoded.kind === "event");
	assert.equal(decoded.event.auditID, "serial-1");
	assert.equal(decoded.envelope.recordId, "serial-1");
	assert.deepEqual(decoded.event.objectRef, { resource: "configmaps", namespace: "default", name: "settings", apiVersion: "v1" });
	assert.equal(decoded.event.user?.username, "system:serviceaccount:default:planter");
	assert.equal(decoded.event.verb, "update");
	assert.equal(decoded.origin?.clusterKey, "//container.googleapis.com/projects/example/locations/europe-west4/clusters/simulated");
	assert.equal(record.timeMs, START_MS);
});

test("an entry shows from its time on, is listed where it arrived, and in the order of when it happened", async () => {
	const { model, clock } = modelAt(START_MS + 10_000);
	model.plant(planted("late", START_MS + 1_000, { takenInMs: START_MS + 9_000, visibleAtMs: START_MS + 20_000 }));
	model.plant(planted("next", START_MS + 2_000));
	model.plant(planted("early", START_MS + 7_200_000, { takenInMs: START_MS + 3_000, visibleAtMs: START_MS + 3_000 }));
	assert.deepEqual(serialsOf(pageOf(model).entries), ["next", "early"]);
	await clock.run(clock.wait(10_000));
	assert.deepEqual(serialsOf(pageOf(model).entries), ["late", "next", "early"]);
	const arrived = { fromMs: START_MS + 9_000, toMs: START_MS + 9_000 };
	assert.deepEqual(serialsOf(pageOf(model, request({}, arrived)).entries), ["late"]);
});

test("twins of one millisecond are two, and copies are one in one answer", () => {
	const { model } = modelAt(START_MS + 60_000);
	for (const serial of ["b", "a"]) model.plant(planted(serial, START_MS));
	const copy = Buffer.from(
		JSON.stringify(
			sampleEntry({
				insertId: "c",
				logName: `${RESOURCE}/logs/cloudaudit.googleapis.com%2Factivity`,
				timestamp: "2026-11-23T12:00:00Z",
				receiveTimestamp: "2026-11-23T12:00:01Z",
			}),
		),
	);
	for (let i = 0; i < 2; i++) assert.equal(model.put(copy), true);
	assert.deepEqual(serialsOf(pageOf(model).entries).toSorted(), ["a", "b", "c"]);
	assert.deepEqual(serialsOf(pageOf(model, request({ pageSize: 1 })).entries), ["c"]);
	const first = pageOf(model, request({ pageSize: 1 }));
	const second = pageOf(model, request({ pageSize: 1, pageToken: first.nextPageToken ?? "" }));
	assert.notDeepEqual(serialsOf(second.entries), ["c"]);
});

test("a token is a position: what shows behind it is not returned", async () => {
	const { model, clock } = modelAt(START_MS + 60_000);
	for (const i of [1, 2, 3, 4]) model.plant(planted(`s${i}`, START_MS + i, i === 1 ? { visibleAtMs: START_MS + 61_000 } : {}));
	const first = pageOf(model, request({ pageSize: 2 }));
	assert.deepEqual(serialsOf(first.entries), ["s2", "s3"]);
	await clock.run(clock.wait(1_000));
	model.plant(planted("s5", START_MS + 5));
	model.plant(planted("s0", START_MS));
	assert.deepEqual(serialsOf(pageOf(model, request({ pageSize: 2, pageToken: first.nextPageToken ?? "" })).entries), ["s4", "s5"]);
	assert.deepEqual(serialsOf(pageOf(model, request({ pageSize: 10 })).entries), ["s0", "s1", "s2", "s3", "s4", "s5"]);
});

test("tokens are refused with other parameters, once they are old, and if they are none", async () => {
	const { model, clock } = modelAt(START_MS + 60_000, { tokenLifeMs: HOUR_MS });
	for (const i of [1, 2, 3]) model.plant(planted(`s${i}`, START_MS + i));
	const pageToken = pageOf(model, request({ pageSize: 1 })).nextPageToken ?? "";
	assert.equal(refusalOf(model, request({ pageSize: 2, pageToken })), "INVALID_ARGUMENT");
	assert.equal(refusalOf(model, request({ pageSize: 1, filter: "", pageToken })), "INVALID_ARGUMENT");
	assert.equal(refusalOf(model, request({ pageToken: "made up" })), "INVALID_ARGUMENT");
	assert.equal(refusalOf(model, request({ pageSize: 1, pageToken })), "none");
	await clock.run(clock.wait(HOUR_MS));
	assert.equal(refusalOf(model, request({ pageSize: 1, pageToken })), "INVALID_ARGUMENT");
});

test("the service's limits", async () => {
	const { model, clock } = modelAt(START_MS, { callsPerMinute: 2, resources: new Set([RESOURCE, "folders/1"]) });
	assert.equal(refusalOf(model), "none");
	assert.equal(refusalOf(model), "none");
	assert.equal(refusalOf(model), "RESOURCE_EXHAUSTED");
	assert.equal(refusalOf(model, request({ resourceNames: ["folders/1"] })), "none");
	await clock.run(clock.wait(60_000));
	assert.equal(refusalOf(model), "none");
	const bad: readonly Partial<ListRequest>[] = [
		{ resourceNames: [] },
		{ pageSize: 1_001 },
		{ pageSize: -1 },
		{ orderBy: "insertId" },
		{ filter: "(" },
		{ filter: " ".repeat(20_001) },
	];
	const { model: other } = modelAt(START_MS, { resources: new Set([RESOURCE]) });
	for (const members of bad) assert.equal(refusalOf(other, request(members)), "INVALID_ARGUMENT", JSON.stringify(members).slice(0, 80));
	assert.equal(refusalOf(other, request({ resourceNames: ["projects/none"] })), "NOT_FOUND");
});

test("entries that are too old or too far ahead are not stored, and old ones go", async () => {
	const { model, clock } = modelAt(START_MS, { retentionMs: 2 * HOUR_MS });
	assert.equal(model.plant(planted("old", START_MS - 3 * HOUR_MS, { takenInMs: START_MS })), false);
	assert.equal(model.plant(planted("ahead", START_MS + 25 * HOUR_MS, { takenInMs: START_MS })), false);
	assert.equal(model.plant(planted("good", START_MS)), true);
	assert.equal(model.put(Buffer.from("{}")), false);
	assert.equal(pageOf(model).entries.length, 1);
	await clock.run(clock.wait(2 * HOUR_MS + 1_000));
	assert.equal(pageOf(model).entries.length, 0);
	model.forget(START_MS + 1);
	assert.equal(model.size, 0);
});

test("resources are apart, and views hold what is put into them", () => {
	const { model } = modelAt(START_MS + 1_000);
	const view = "projects/hub/locations/global/buckets/audit/views/all";
	model.plant(planted("a", START_MS));
	model.plant(planted("b", START_MS), "folders/1");
	model.plant(planted("c", START_MS), view);
	const found = (resource: string): readonly string[] => serialsOf(pageOf(model, request({ resourceNames: [resource] })).entries);
	assert.deepEqual([found(RESOURCE), found("folders/1"), found(view), found("projects/hub")], [["a"], ["b"], ["c"], ["c"]]);
});

test("whatever the pages and the faults, a listing that comes through has everything that showed when it began", async () => {
	await fc.assert(
		fc.asyncProperty(fc.nat(1e6), fc.integer({ min: 10, max: 60 }), fc.constantFrom(0, 0.3, 0.6), async (seed, pageEntriesMax, rate) => {
			const random = randomOf(seed);
			const faults = seededFaults(randomOf(seed + 1), {
				throttle: 0.05,
				unavailable: 0.05,
				reset: 0.05,
				timeout: 0.05,
				garbled: 0.05,
				"bad-token": 0.02,
				"expired-credentials": 0.05,
			});
			const model = modelOf(100, { random, faults, emptyPageRate: rate, partPageRate: rate });
			for (const transport of ["rest", "grpc"] as const) {
				const list = createList({
					client: model.client(transport),
					attempt: untilGood,
					resource: RESOURCE,
					settings: settingsOf({ pageEntriesMax }),
				});
				const serials = serialsOf(await listed(list));
				assert.equal(serials.length, 100);
				assert.equal(new Set(serials).size, 100);
				assert.deepEqual(serials, serials.toSorted());
			}
		}),
		{ numRuns: 30 },
	);
});

test("a fault that takes its time takes it on the clock", async () => {
	const { model, clock } = modelAt(START_MS, { faults: () => "timeout", timeoutMs: 5_000 });
	await assert.rejects(clock.run(model.client().listEntries(request(), SIGNAL)), { code: "TimeoutError" });
	assert.equal(clock.now(), START_MS + 5_000);
});

test("a seed repeats everything", async () => {
	const run = async (): Promise<readonly unknown[]> => {
		const random = randomOf(5);
		const model = modelOf(50, { random, emptyPageRate: 0.5, partPageRate: 0.5 });
		const client = model.client();
		const pages: unknown[] = [];
		let pageToken: string | undefined;
		do {
			const page = await client.listEntries(request(pageToken === undefined ? {} : { pageToken }), SIGNAL);
			pages.push(
				page.entries.map(({ body }) => Buffer.from(body).toString()),
				page.nextPageToken,
			);
			pageToken = page.nextPageToken;
		} while (pageToken !== undefined);
		return pages;
	};
	assert.deepEqual(await run(), await run());
});

test("sorted once or looked for on the way, the same is found", () => {
	fc.assert(
		fc.property(
			fc.array(fc.record({ at: fc.nat(5_000), late: fc.nat(5_000), hidden: fc.nat(5_000) }), { maxLength: 40 }),
			fc.nat(10_000),
			(plans, nowMs) => {
				const [sorting, walking] = [createEntryIndex(), createEntryIndex(0)];
				const { filter } = request({}, { fromMs: START_MS + 1_000, toMs: START_MS + 6_000 });
				const query = parseQuery(filter) ?? assert.fail();
				const idsOf = (index: typeof sorting): readonly string[] =>
					[...index.list({ resources: [RESOURCE], filter, query }, START_MS + nowMs)].map(({ record }) => record.id);
				plans.forEach(({ at, late, hidden }, number) => {
					const times = {
						timestamp: new Date(START_MS + at).toISOString(),
						receiveTimestamp: new Date(START_MS + at + late).toISOString(),
					};
					const text = JSON.stringify(
						sampleEntry({ ...times, insertId: `i${number % 7}`, logName: `${RESOURCE}/logs/cloudaudit.googleapis.com%2Factivity` }),
					);
					const entry = indexedEntry(Buffer.from(text), { number, visibleAtMs: START_MS + at + late + hidden });
					assert.ok(entry !== undefined);
					for (const index of [sorting, walking]) index.put(entry);
					assert.deepEqual(idsOf(sorting), idsOf(walking));
				});
			},
		),
	);
});

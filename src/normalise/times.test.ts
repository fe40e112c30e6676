import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NOW_MS, ORIGINS, ocsfOf } from "./test-events.ts";
import { readTime } from "./times.ts";

const at = (text: string): number => Date.parse(text);

test("every shape of timestamp that sources write", () => {
	const table: readonly (readonly [text: string, ms: number, dt: string])[] = [
		["2026-05-04T09:30:00.141592Z", at("2026-05-04T09:30:00.141Z"), "2026-05-04T09:30:00.141592Z"],
		["2026-05-04T09:30:00Z", at("2026-05-04T09:30:00Z"), "2026-05-04T09:30:00Z"],
		["2026-05-04T09:30:00.999999999Z", at("2026-05-04T09:30:00.999Z"), "2026-05-04T09:30:00.999999999Z"],
		["2026-05-04T11:30:00.5+02:00", at("2026-05-04T09:30:00.5Z"), "2026-05-04T11:30:00.5+02:00"],
		["2026-05-04t09:30:00z", at("2026-05-04T09:30:00Z"), "2026-05-04t09:30:00z"],
		["2026-05-04T09:30:00.1", at("2026-05-04T09:30:00.1Z"), "2026-05-04T09:30:00.1"],
		["2026-05-04 09:30:00.141592000", at("2026-05-04T09:30:00.141Z"), "2026-05-04T09:30:00.141592000Z"],
		["2026-05-04 09:30:00.1 UTC", at("2026-05-04T09:30:00.1Z"), "2026-05-04T09:30:00.1Z"],
		["2026-05-04 11:30:00+02:00", at("2026-05-04T09:30:00Z"), "2026-05-04T11:30:00+02:00"],
		["1969-12-31T23:59:59.9999Z", -1, "1969-12-31T23:59:59.9999Z"],
		["0001-01-01T00:00:00Z", at("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z"],
	];
	for (const [text, ms, dt] of table) assert.deepEqual(readTime(text), { ms, dt, verbatim: dt === text }, text);
});

test("what is no timestamp", () => {
	const texts = [
		"",
		"now",
		"1777887000",
		"2026-05-04",
		"2026-13-04T09:30:00Z",
		"2016-12-31T23:59:60Z",
		"2026-05-04T09:30:00Z\n",
		" 2026-05-04T09:30:00Z",
	];
	for (const text of [undefined, ...texts]) assert.equal(readTime(text), undefined, text);
});

test("the time is the stage's; the request's is the start", () => {
	const event = ocsfOf({});
	assert.deepEqual(
		[event.time, event.time_dt, event.end_time, event.start_time, event.start_time_dt, event.duration],
		[1777887000141, "2026-05-04T09:30:00.141592Z", 1777887000141, 1777887000100, "2026-05-04T09:30:00.100000Z", 41],
	);
	assert.equal(event.metadata.original_time, "2026-05-04T09:30:00.141592Z");
	assert.equal(event.unmapped?.collector, undefined);
});

test("a duration is not below zero", () => {
	assert.equal(ocsfOf({ stageTimestamp: "2026-05-04T09:29:00Z" }).duration, 0);
});

test("without the stage's time: the next best, and it is said which", () => {
	const none = { stageTimestamp: undefined, requestReceivedTimestamp: undefined };
	const old = "2017-09-11T19:55:05Z";
	const logged = { envelope: { loggedTime: "2026-05-04T09:30:07Z" } };
	const table: readonly (readonly [changes: object, more: object, source: string, dt: string])[] = [
		[{ stageTimestamp: "?" }, logged, "requestReceivedTimestamp", "2026-05-04T09:30:00.100000Z"],
		[{ ...none, timestamp: old, metadata: { creationTimestamp: "2018-01-01T00:00:00Z" } }, logged, "timestamp", old],
		[{ ...none, metadata: { creationTimestamp: old } }, logged, "metadata.creationTimestamp", old],
		[{ ...none, metadata: null, timestamp: 5 }, logged, "envelope", "2026-05-04T09:30:07Z"],
		[{ ...none, metadata: [old] }, {}, "collector", new Date(NOW_MS).toISOString()],
	];
	for (const [changes, more, source, dt] of table) {
		const event = ocsfOf(changes, ORIGINS.eks, more);
		assert.deepEqual([event.time, event.time_dt, event.end_time, event.duration], [at(dt), dt, undefined, undefined], source);
		assert.deepEqual({ ...event.unmapped?.collector }, { inferred: ["time"], time_source: source });
	}
});

test("a time that is not as OCSF wants it is kept as it was", () => {
	const requestReceivedTimestamp = "2026-05-04 09:30:00.1";
	const { start_time_dt, unmapped } = ocsfOf({ requestReceivedTimestamp });
	assert.equal(start_time_dt, "2026-05-04T09:30:00.1Z");
	assert.equal(unmapped?.audit?.["requestReceivedTimestamp"], requestReceivedTimestamp);
	const odd = ocsfOf({ requestReceivedTimestamp: "soon" });
	assert.deepEqual([odd.start_time, odd.duration, odd.unmapped?.audit?.["requestReceivedTimestamp"]], [undefined, undefined, "soon"]);
});

test("when the log service took it in", () => {
	const logged = (loggedTime: string): unknown[] => {
		const { metadata, unmapped } = ocsfOf({}, ORIGINS.eks, { envelope: { loggedTime } });
		return [metadata.logged_time, metadata.logged_time_dt, unmapped?.collector?.["logged_time"]];
	};
	assert.deepEqual(logged("2026-05-04T09:30:07.1Z"), [at("2026-05-04T09:30:07.1Z"), "2026-05-04T09:30:07.1Z", undefined]);
	assert.deepEqual(logged("2026-05-04 09:30:07"), [at("2026-05-04T09:30:07Z"), "2026-05-04T09:30:07Z", "2026-05-04 09:30:07"]);
	assert.deepEqual(logged("later"), [undefined, undefined, "later"]);
});

test("any strict time in UTC is what Date.parse says", () => {
	const part = (max: number, length = 2) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(length, "0"));
	const fraction = fc.oneof(
		fc.constant(""),
		fc.integer({ min: 0, max: 999_999_999 }).map((value) => `.${value}`),
	);
	fc.assert(
		fc.property(
			part(9999, 4),
			part(13),
			part(32),
			part(25),
			part(61),
			part(61),
			fraction,
			(year, month, day, hour, minute, second, rest) => {
				const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${rest}Z`;
				const ms = Date.parse(text);
				assert.equal(readTime(text)?.ms, Number.isNaN(ms) ? undefined : ms, text);
			},
		),
		{ numRuns: 2_000 },
	);
});

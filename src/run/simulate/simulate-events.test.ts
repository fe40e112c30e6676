import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { endlessly, movedTimes, plantedOf, sampleEvents } from "./simulate-events.ts";

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const HOUR_MS = 3_600_000;

test("moved times keep their order, end at the newest, and lie within 12 hours", () => {
	const times = fc.array(fc.integer({ min: 0, max: NOW_MS }), { minLength: 1, maxLength: 200 }).map((all) => all.toSorted((a, b) => a - b));
	fc.assert(
		fc.property(times, (sorted) => {
			const moved = movedTimes(sorted, NOW_MS);
			assert.equal(moved.length, sorted.length);
			assert.equal(moved.at(-1), NOW_MS);
			assert.deepEqual(
				moved,
				moved.toSorted((a, b) => a - b),
			);
			assert.ok(NOW_MS - (moved[0] as number) <= 12 * HOUR_MS);
		}),
	);
});

test("what lies within 12 hours keeps its distances", () => {
	assert.deepEqual(movedTimes([0, 5, 5, 11 * HOUR_MS], NOW_MS), [
		NOW_MS - 11 * HOUR_MS,
		NOW_MS - 11 * HOUR_MS + 5,
		NOW_MS - 11 * HOUR_MS + 5,
		NOW_MS,
	]);
});

test("longer pauses are cut to a minute", () => {
	assert.deepEqual(movedTimes([0, 30_000, 20 * HOUR_MS], NOW_MS), [NOW_MS - 90_000, NOW_MS - 60_000, NOW_MS]);
});

test("a planted event is the fixture's, moved: its id, its duration, its microseconds", () => {
	const event = {
		auditID: "id-1",
		verb: "get",
		requestReceivedTimestamp: "2020-01-01T00:00:00.000123Z",
		stageTimestamp: "2020-01-01T00:00:01.500456Z",
	};
	const planted = plantedOf({ event, timeMs: Date.parse("2020-01-01T00:00:01.500Z") }, NOW_MS);
	assert.deepEqual([planted.serial, planted.timeMs, planted.visibleAtMs], ["id-1", NOW_MS, NOW_MS]);
	assert.deepEqual(JSON.parse(planted.text), {
		kind: "Event",
		apiVersion: "audit.k8s.io/v1",
		auditID: "id-1",
		verb: "get",
		requestReceivedTimestamp: "2026-11-23T11:59:58.500123Z",
		stageTimestamp: "2026-11-23T12:00:00.000456Z",
	});
});

test("in a circle events come in order, with ids of their own in each round that stages of a request share", () => {
	const [first, other] = sampleEvents();
	assert.ok(first && other);
	const next = endlessly([first, first, other]);
	const rounds = Array.from({ length: 6 }, (_, i) => next(NOW_MS + i).serial);
	assert.equal(rounds[0], rounds[1]);
	assert.equal(rounds[3], rounds[4]);
	assert.equal(new Set([...rounds, first.event.auditID, other.event.auditID]).size, 6);
});

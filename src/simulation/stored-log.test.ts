import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createStoredLog, type Stored } from "./stored-log.ts";

const entry = fc.record({ timeMs: fc.nat(50), visibleAtMs: fc.nat(100) });

test("a listing gives what is visible in the window, in order, whatever the order of arrival; pages add up to it", () => {
	fc.assert(
		fc.property(fc.array(entry), fc.nat(50), fc.nat(50), fc.nat(100), fc.integer({ min: 1, max: 5 }), (all, from, to, now, pageSize) => {
			const log = createStoredLog<number>();
			const stored = all.map((each, i): Stored<number> => ({ ...each, entry: i, order: String(i).padStart(5, "0") }));
			for (const each of stored) log.put(each);
			const expected = stored
				.filter(({ timeMs, visibleAtMs }) => timeMs >= from && timeMs <= to && visibleAtMs <= now)
				.sort((a, b) => a.timeMs - b.timeMs || (a.order < b.order ? -1 : 1));
			assert.deepEqual([...log.list(from, to, now)], expected);
			const paged: Stored<number>[] = [];
			for (;;) {
				const page = [...log.list(from, to, now, paged.at(-1))].slice(0, pageSize);
				if (page.length === 0) break;
				paged.push(...page);
			}
			assert.deepEqual(paged, expected);
		}),
	);
});

test("what retention drops is gone", () => {
	const log = createStoredLog<number>();
	for (const timeMs of [1, 2, 3]) log.put({ entry: timeMs, timeMs, order: "", visibleAtMs: 0 });
	log.forget(2);
	assert.deepEqual(
		[...log.list(0, 9, 9)].map(({ timeMs }) => timeMs),
		[2, 3],
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Counts, Reconciled, Stretch } from "../contract/connector.ts";
import { NO_METER } from "../contract/meter.ts";
import type { Cursor, Tier } from "../contract/record.ts";
import { createFakeClock } from "../simulation/fake-clock.ts";
import type { ListedRecord } from "./listing.ts";
import { pull } from "./pull.ts";
import type { PullRequest } from "./state.ts";
import { DEFAULT_TIMING } from "./timing.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.UTC(2026, 0, 5);

interface StoredRecord {
	readonly id: string;
	readonly timeMs: number;
	/** From then on the service lists it; absent: at once. */
	readonly shownMs?: number;
	/** The service counts it, and never lists it. */
	readonly isHidden?: boolean;
}

interface Lived {
	readonly ids: readonly string[];
	readonly outcomes: readonly Reconciled[];
	readonly failures: readonly unknown[];
	readonly asked: readonly Stretch[];
	readonly saved: ReadonlyMap<Tier, Cursor>;
	readonly endedMs: number;
	/** Minutes of which a digest was kept. */
	readonly digests: number;
}

interface Life {
	readonly startMs?: number;
	readonly hours: number;
	readonly saved?: ReadonlyMap<Tier, Cursor>;
	readonly retentionMs?: number;
	/** Instead of the service's true answer; `calls`: how often it was asked before. */
	count?(truth: () => Counts, calls: number, signal: AbortSignal, wait: (ms: number) => Promise<void>): Promise<Counts>;
	readonly isOff?: boolean;
}

const EVERY = 24 * HOUR;
const DELAY = HOUR;

/** Reads a service for some hours; every batch is settled as it comes. */
async function live(records: readonly StoredRecord[], life: Life): Promise<Lived> {
	const { startMs = BEGIN, hours, saved = new Map(), retentionMs } = life;
	const clock = createFakeClock(startMs);
	const stop = new AbortController();
	const lived = { ids: [] as string[], outcomes: [] as Reconciled[], failures: [] as unknown[], asked: [] as Stretch[] };
	const kept = new Map(saved);
	const shown = (fromMs: number, untilMs: number): readonly StoredRecord[] =>
		records.filter(({ timeMs, shownMs = timeMs }) => timeMs >= fromMs && timeMs < untilMs && shownMs <= clock.now());
	const { signal } = stop;
	const request: PullRequest = {
		scope: { name: "scope", origin: { connector: "test" }, ...(retentionMs === undefined ? {} : { retentionMs }) },
		saved: kept,
		startMs,
		until: "stopped",
		host: { signal, clock, random: () => 0.5, log() {}, meter: NO_METER },
		timing: { ...DEFAULT_TIMING, intervalMs: 5 * MINUTE, intervalMaxMs: 5 * MINUTE },
		signal,
		async *list({ fromMs, toMs }) {
			const listed = shown(fromMs, toMs + 1).filter(({ isHidden }) => isHidden !== true);
			const page = listed.map(({ id, timeMs }): ListedRecord => ({ id, timeMs, body: new Uint8Array(0) }));
			yield { kind: "page", records: page, servedAtMs: clock.now() };
		},
		reconcile: {
			everyMs: EVERY,
			delayMs: DELAY,
			async count(stretch, binMs, ending) {
				lived.asked.push(stretch);
				const truth = (): Counts => {
					const counts = new Map<number, number>();
					for (const { timeMs } of shown(stretch.fromMs, stretch.untilMs)) {
						const bin = Math.floor(timeMs / binMs) * binMs;
						counts.set(bin, (counts.get(bin) ?? 0) + 1);
					}
					return counts;
				};
				return life.count === undefined ? truth() : life.count(truth, lived.asked.length - 1, ending, (ms) => clock.wait(ms, ending));
			},
			reconciled: (outcome) => void lived.outcomes.push(outcome),
			failed: (error) => void lived.failures.push(error),
		},
	};
	const { reconcile: _, ...without } = request;
	const all = async (): Promise<void> => {
		for await (const batch of pull(life.isOff === true ? without : request)) {
			lived.ids.push(...batch.records.map(({ id }) => id));
			await batch.settle({ failed: [] });
			if (batch.cursor !== undefined) kept.set("fast", batch.cursor);
			const memory = batch.memory?.();
			if (memory !== undefined) kept.set("memory", memory);
		}
	};
	const end = clock.wait(hours * HOUR).then(() => stop.abort());
	await clock.run(Promise.all([all(), end]));
	assert.equal(clock.waiting(), 0, "nothing is waited for any more");
	const { seen } = kept.get("memory") as unknown as { seen: { bins: readonly unknown[] } };
	return { ...lived, saved: kept, endedMs: clock.now(), digests: seen.bins.length };
}

/** One each quarter of an hour. */
const many = (hours: number, startMs = BEGIN): readonly StoredRecord[] =>
	Array.from({ length: hours * 4 }, (_, i) => ({ id: `${startMs}-${i}`, timeMs: startMs + i * 15 * MINUTE + 7_000 }));

const totals = ({ expected, delivered, found, missing }: Reconciled) => ({ expected, delivered, found, missing });

test("what was seen is what the service counts: a day at a time, an hour behind, no moment twice and none left out", async () => {
	const lived = await live(many(80), { hours: 80 });
	assert.deepEqual(lived.outcomes.map(totals), Array(3).fill({ expected: 96, delivered: 96, found: 0, missing: 0 }));
	const [first, second, third] = lived.outcomes;
	assert.deepEqual([second?.fromMs, third?.fromMs], [first?.untilMs, second?.untilMs]);
	assert.deepEqual([first?.fromMs, first?.gaps], [BEGIN + 5 * MINUTE, []]);
	assert.equal(lived.ids.length, new Set(lived.ids).size);
});

test("what came later than any sweep looks back is found by the count, and only its bin is read again", async () => {
	const late = { id: "late", timeMs: BEGIN + 3 * HOUR + 21_000, shownMs: BEGIN + 20 * HOUR };
	const lived = await live([...many(30), late], { hours: 30 });
	assert.deepEqual(lived.outcomes.map(totals), [{ expected: 97, delivered: 96, found: 1, missing: 0 }]);
	assert.equal(lived.ids.filter((id) => id === "late").length, 1);
	assert.equal(lived.ids.length - new Set(lived.ids).size, 1, "the minute's other record comes again");
});

test("what the service counts and never lists is missing, and told with its bins", async () => {
	const hidden = [20, 3, 3.05].map((hours) => ({ id: `hidden-${hours}`, timeMs: BEGIN + hours * HOUR + 6 * MINUTE, isHidden: true }));
	const { outcomes } = await live([...many(30), ...hidden], { hours: 30 });
	const at = (hours: number, minutes: number): number => BEGIN + hours * HOUR + minutes * MINUTE;
	assert.deepEqual(outcomes.map(totals), [{ expected: 99, delivered: 96, found: 0, missing: 3 }]);
	assert.deepEqual(outcomes[0]?.gaps, [
		{ fromMs: at(3, 5), untilMs: at(3, 10) },
		{ fromMs: at(20, 5), untilMs: at(20, 10) },
	]);
});

test("a service that counts less than was seen is no alarm", async () => {
	const { outcomes, ids } = await live(many(30), { hours: 30, count: async () => new Map() });
	assert.deepEqual(outcomes.map(totals), [{ expected: 0, delivered: 96, found: 0, missing: 0 }]);
	assert.equal(ids.length, new Set(ids).size);
});

test("a count that fails is told, asked again an hour later, and disturbs nothing", async () => {
	const { outcomes, failures, asked, ids } = await live(many(30), {
		hours: 30,
		async count(truth, calls) {
			if (calls < 2) throw new Error(`refused ${calls}`);
			return truth();
		},
	});
	assert.deepEqual(failures.map(String), ["Error: refused 0", "Error: refused 1"]);
	assert.equal(asked.length, 3);
	assert.deepEqual(outcomes.map(totals), [{ expected: 96, delivered: 96, found: 0, missing: 0 }]);
	assert.equal(new Set(ids).size, 120);
});

test("collection goes on while the service counts, and a stop ends the waiting", async () => {
	let isAborted = false;
	const { ids, outcomes, failures } = await live(many(40), {
		hours: 40,
		async count(_truth, _calls, signal, wait) {
			signal.addEventListener("abort", () => {
				isAborted = true;
			});
			await wait(1_000 * HOUR);
			return new Map();
		},
	});
	assert.equal(new Set(ids).size, 160);
	assert.deepEqual([outcomes, failures, isAborted], [[], [], true]);
});

test("a restart goes on where counts were compared, with what was seen before it", async () => {
	const records = many(60);
	const first = await live(records, { hours: 10 });
	const second = await live(records, { hours: 20, startMs: first.endedMs, saved: first.saved });
	const third = await live(records, { hours: 30, startMs: second.endedMs, saved: second.saved });
	const outcomes = [first, second, third].flatMap((lived) => lived.outcomes);
	assert.deepEqual(outcomes.map(totals), Array(2).fill({ expected: 96, delivered: 96, found: 0, missing: 0 }));
	assert.equal(outcomes[1]?.fromMs, outcomes[0]?.untilMs);
});

test("without its memory, or without having counted before, only what is read from then on is compared", async () => {
	const records = many(60);
	for (const lost of ["memory", "setting"]) {
		const first = await live(records, { hours: 10, isOff: lost === "setting" });
		const saved = new Map(first.saved);
		if (lost === "memory") saved.delete("memory");
		const { outcomes } = await live(records, { hours: 30, startMs: first.endedMs, saved });
		assert.deepEqual(outcomes.map(totals), [{ expected: 96, delivered: 96, found: 0, missing: 0 }], lost);
		assert.ok((outcomes[0]?.fromMs ?? 0) > first.endedMs - HOUR, lost);
	}
});

test("what the service no longer keeps is not asked for", async () => {
	const { asked } = await live(many(60), { hours: 60, retentionMs: 26 * HOUR, count: () => Promise.reject(new Error("not now")) });
	for (const { fromMs, untilMs } of asked) assert.equal(untilMs - fromMs, EVERY);
	assert.ok((asked.at(-1)?.fromMs ?? 0) >= BEGIN + (60 - 27) * HOUR);
});

test("digests are kept until they are compared, but not for ever", async () => {
	const hourly = (hours: number) => many(hours).map((record, i) => ({ ...record, timeMs: record.timeMs + (i % 2) * MINUTE }));
	const off = await live(hourly(120), { hours: 120, isOff: true });
	const on = await live(hourly(120), { hours: 120 });
	const never = await live(hourly(120), { hours: 120, count: () => Promise.reject(new Error("no")) });
	assert.ok(off.digests <= 12 * 4 + 1, String(off.digests));
	assert.ok(on.digests <= 25 * 4 + 1, String(on.digests));
	assert.ok(never.digests > 25 * 4 && never.digests <= 49 * 4 + 1, String(never.digests));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_METER } from "../contract/meter.ts";
import type { Batch, Cursor, Tier } from "../contract/record.ts";
import { createFakeClock } from "../simulation/fake-clock.ts";
import type { List, Listed, Window } from "./listing.ts";
import { pull } from "./pull.ts";
import type { PullRequest } from "./state.ts";
import { DEFAULT_TIMING } from "./timing.ts";

const BEGIN = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

interface Asked {
	readonly windows: Window[];
	readonly batches: Batch[];
	readonly logs: string[];
	readonly saved: Map<Tier, Cursor>;
}

/** Runs a pull to its end; every batch is settled as it comes. */
async function run(list: List, more: Partial<PullRequest> = {}): Promise<Asked> {
	const clock = createFakeClock(BEGIN);
	const asked: Asked = { windows: [], batches: [], logs: [], saved: new Map(more.saved) };
	const { signal } = new AbortController();
	const request: PullRequest = {
		scope: { name: "scope", origin: { connector: "test" } },
		saved: new Map(),
		startMs: BEGIN - 60 * MINUTE,
		until: "caught-up",
		host: { signal, clock, random: () => 0.5, log: (line) => void asked.logs.push(line), meter: NO_METER },
		timing: DEFAULT_TIMING,
		signal,
		list(window) {
			asked.windows.push(window);
			return list(window, signal);
		},
		...more,
	};
	const all = async (): Promise<void> => {
		for await (const batch of pull(request)) {
			asked.batches.push(batch);
			await batch.settle({ failed: [] });
			if (batch.cursor !== undefined) asked.saved.set("fast", batch.cursor);
			const memory = batch.memory?.();
			if (memory !== undefined) asked.saved.set("memory", memory);
		}
	};
	await clock.run(all());
	return asked;
}

const page = (...timesMs: readonly number[]): Listed => ({
	kind: "page",
	records: timesMs.map((timeMs) => ({ id: String(timeMs), body: new Uint8Array(0), timeMs })),
	servedAtMs: BEGIN,
});

const idsOf = ({ batches }: Asked): readonly string[] => batches.flatMap(({ records }) => records.map(({ id }) => id));

test("a window that is too much is listed in pieces that leave nothing out", async () => {
	const all = Array.from({ length: 100 }, (_, i) => BEGIN - 59 * MINUTE + i * 30_000);
	const asked = await run(async function* ({ fromMs, toMs }) {
		const found = all.filter((timeMs) => timeMs >= fromMs && timeMs <= toMs);
		yield found.length > 10 ? { kind: "too-much" } : page(...found);
	});
	assert.deepEqual(idsOf(asked).map(Number), all);
});

test("more in a millisecond than the service lists is an error, not an endless loop", async () => {
	const list: List = async function* () {
		yield { kind: "too-much" };
	};
	await assert.rejects(run(list), { code: "SOURCE_UNAVAILABLE" });
});

test("a service that refuses its own tokens for ever is an error", async () => {
	const list: List = async function* () {
		yield page(BEGIN - 1);
		yield { kind: "restart" };
	};
	await assert.rejects(run(list), { code: "SOURCE_UNAVAILABLE" });
});

test("a token that is refused once brings everything once", async () => {
	let refusals = 1;
	const asked = await run(async function* ({ fromMs, toMs }) {
		const found = [BEGIN - 50 * MINUTE, BEGIN - 49 * MINUTE].filter((timeMs) => timeMs >= fromMs && timeMs <= toMs);
		yield page(...found.slice(0, 1));
		if (found.length > 0 && refusals-- > 0) return yield { kind: "restart" };
		yield page(...found.slice(1));
	});
	assert.deepEqual(idsOf(asked).map(Number), [BEGIN - 50 * MINUTE, BEGIN - 49 * MINUTE]);
});

test("a backlog is read once: behind the overlap there is nothing to read again", async () => {
	const asked = await run(async function* () {
		yield page();
	});
	const read = asked.windows.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
	assert.ok(read <= 60 * MINUTE + DEFAULT_TIMING.overlapMs, `${read} ms were read of 60 minutes`);
});

test("a second run goes on an overlap before the moment at which the first one asked", async () => {
	const nothing: List = async function* () {
		yield page();
	};
	const { saved } = await run(nothing);
	const { windows } = await run(nothing, { saved });
	assert.deepEqual(windows[0], { fromMs: BEGIN - DEFAULT_TIMING.overlapMs, toMs: BEGIN });
});

test("with no memory left, the cursor alone brings everything again, and nothing less", async () => {
	const list: List = async function* ({ fromMs, toMs }) {
		yield page(...[BEGIN - 1_000, BEGIN - 2 * MINUTE].filter((timeMs) => timeMs >= fromMs && timeMs <= toMs));
	};
	const { saved } = await run(list);
	assert.deepEqual(idsOf(await run(list, { saved })), []);
	assert.equal(idsOf(await run(list, { saved: new Map([["fast", saved.get("fast") as Cursor]]) })).length, 2);
	const garbage: Cursor = { v: 1, seen: { ids: 7 } };
	assert.equal(idsOf(await run(list, { saved: new Map([...saved, ["memory", garbage]]) })).length, 2);
});

test("a cursor that cannot be read is an error: it is never guessed where to go on", async () => {
	for (const cursor of [{ v: 9 }, { v: 1 }, { v: 1, watermark: "yesterday", polledAt: "x", since: "y", widthMs: 1 }]) {
		const saved = new Map<Tier, Cursor>([["fast", cursor]]);
		await assert.rejects(
			run(async function* () {}, { saved }),
			{ code: "CONFIG_INVALID", message: /scope .*--start-from/ },
		);
	}
});

test("what the service keeps no longer is said to be a gap, and reading goes on behind it", async () => {
	const scope = { name: "scope", origin: { connector: "test" }, retentionMs: 10 * MINUTE };
	const asked = await run(
		async function* () {
			yield page();
		},
		{ scope },
	);
	assert.match(asked.logs.join("\n"), /no longer keeps what lies from 2025-12-31T23:00:00.000Z to 2025-12-31T23:50:00.000Z/);
	assert.equal(asked.windows[0]?.fromMs, BEGIN - 10 * MINUTE);
});

test("a fixed range ends at its end", async () => {
	const asked = await run(
		async function* () {
			yield page();
		},
		{ until: { endMs: BEGIN - 30 * MINUTE } },
	);
	assert.deepEqual([asked.windows[0]?.fromMs, asked.windows.at(-1)?.toMs], [BEGIN - 60 * MINUTE, BEGIN - 30 * MINUTE]);
	assert.equal(asked.saved.get("fast")?.["watermark"], new Date(BEGIN - 30 * MINUTE).toISOString());
});

test("a run that is out of time moves no watermark, and the next one asks for less", async () => {
	const slow: List = async function* () {
		yield page();
		yield page();
	};
	const asked = await run(slow, { deadlineMs: BEGIN });
	assert.deepEqual(asked.windows, [], "there was no time at all");
	const host = { clock: createFakeClock(BEGIN) };
	let nowMs = BEGIN;
	const ticking = { now: () => nowMs, wait: host.clock.wait };
	const first = await run(
		async function* () {
			nowMs += 60_000;
			yield page();
			yield page();
		},
		{
			deadlineMs: BEGIN + 1,
			host: { signal: new AbortController().signal, clock: ticking, random: () => 0.5, log() {}, meter: NO_METER },
		},
	);
	assert.deepEqual(
		[first.saved.get("fast")?.["watermark"], first.saved.get("fast")?.["widthMs"]],
		[new Date(BEGIN - 60 * MINUTE).toISOString(), DEFAULT_TIMING.widthMs / 2],
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as tick } from "node:timers/promises";
import { CollectorError } from "../contract/errors.ts";
import type { Delivery, SendResult } from "../contract/sink.ts";
import { randomOf } from "../simulation/random.ts";
import { accountedFor } from "./tally.ts";
import type { Planted } from "./test-connector.ts";
import { type Call, createWorld, LIMITS, type Plan, type World } from "./test-world.ts";

/** A world in which every kind of record, joins over batches and two partitions meet. */
const CRASH_PLAN: Plan = {
	a: [
		[
			{ serial: "a0", what: "event" },
			{ serial: "j", what: "event", part: [0, 2] },
		],
		[
			{ serial: "a1", what: "bad" },
			{ serial: "a2", what: "event" },
		],
		[{ serial: "j", what: "event", part: [1, 2] }],
		[
			{ serial: "a3", what: "event" },
			{ serial: "k", what: "event", part: [0, 2] },
		],
		[],
		[
			{ serial: "a4", what: "unmappable" },
			{ serial: "a5", what: "filtered" },
		],
	],
	b: [[{ serial: "b0", what: "event" }], [{ serial: "b1", what: "skip" }], [{ serial: "b2", what: "event" }]],
};

/** Throws from the call with this number on, for good: the process is gone. `when` says whether that call took effect. */
function crashAt(world: World, number: number, when: "before" | "after") {
	const first = world.calls.length;
	let dead = false;
	const check = (call: Call, at: "before" | "after"): void => {
		dead ||= at === when && call.number - first >= number;
		if (dead) throw new Error("crashed");
	};
	return { before: (call: Call) => check(call, "before"), after: (call: Call) => check(call, "after") };
}

test("after a crash at any call of source, sink, store or quarantine a second run brings what is missing", async () => {
	const calm = createWorld(CRASH_PLAN, { routes: 2 });
	await calm.run();
	assert.deepEqual([calm.missing(), calm.violations], [[], []]);
	for (const when of ["before", "after"] as const) {
		for (let number = 1; number <= calm.calls.length; number++) {
			const world = createWorld(CRASH_PLAN, { routes: 2 });
			await assert.rejects(world.run(crashAt(world, number, when)), /crashed/, `${when} call ${number}`);
			await world.run({ before: () => {}, after: () => {} });
			assert.deepEqual(
				[world.missing(), world.violations],
				[[], []],
				`crashed ${when} call ${number}: ${JSON.stringify(world.calls[number - 1])}`,
			);
			assert.ok(world.closed() === world.opened());
		}
	}
});

test("after a second crash in the run that recovers from the first, a third run brings what is missing", async () => {
	for (let first = 3; first <= 30; first += 4) {
		for (let second = 3; second <= 20; second += 4) {
			const world = createWorld(CRASH_PLAN);
			await world.run(crashAt(world, first, "after")).catch(() => {});
			await world.run(crashAt(world, second, "before")).catch(() => {});
			await world.run({ before: () => {}, after: () => {} });
			assert.deepEqual([world.missing(), world.violations], [[], []], `crashed at ${first} and ${second}`);
		}
	}
});

const WHATS: readonly Planted["what"][] = ["event", "event", "event", "event", "skip", "bad", "filtered", "unmappable", "framing-error"];

function randomPlan(random: () => number): Plan {
	const pick = (below: number): number => Math.floor(random() * below);
	const partitions = Array.from({ length: 1 + pick(3) }, (_, p) => {
		const batches: Planted[][] = Array.from({ length: 2 + pick(10) }, (_, b) =>
			Array.from({ length: pick(4) }, (_, r) => ({ serial: `p${p}-${b}-${r}`, what: WHATS[pick(WHATS.length)] as Planted["what"] })),
		);
		for (let set = 0; set < pick(4); set++) {
			const total = 2 + pick(2);
			// The last part may be missing.
			for (let index = 0; index < total - pick(2); index++)
				batches[pick(batches.length)]?.push({ serial: `p${p}-set${set}`, what: "event", part: [index, total] });
		}
		return [`p${p}`, batches] as const;
	});
	return Object.fromEntries(partitions);
}

function randomAnswer(random: () => number): (delivery: Delivery) => Promise<SendResult | undefined> {
	const error = (code: "SINK_REJECTED" | "SINK_UNAVAILABLE"): CollectorError =>
		new CollectorError(code, "seeded", random() < 0.5 ? { retryAfterMs: 1 } : {});
	return async ({ events }) => {
		for (let ticks = Math.floor(random() * 4); ticks > 0; ticks--) await tick();
		const dice = random();
		if (dice < 0.6) return undefined;
		if (dice < 0.75) return { status: "retry", error: error("SINK_UNAVAILABLE") };
		if (dice < 0.78) return { status: "unclear", rejectedCount: 1 };
		const fates = events.map((_, index) => ({ index, dice: random() }));
		const rejected = fates.filter((fate) => fate.dice < 0.2).map(({ index }) => ({ index, error: error("SINK_REJECTED") }));
		if (dice < 0.85) return { status: "settled", rejected };
		return { status: "partial", rejected, retry: fates.filter((fate) => fate.dice > 0.6).map(({ index }) => index) };
	};
}

/** A store and a source that fail now and then, before a call takes effect or after it. */
function randomFaults(random: () => number): (call: Call) => void {
	return ({ what }) => {
		if (what === "save" && random() < 0.05) throw new CollectorError("CHECKPOINT_UNAVAILABLE", "seeded");
		if (what === "settle" && random() < 0.05) throw new CollectorError("SETTLE_FAILED", "seeded");
		if (what === "next" && random() < 0.03) throw new CollectorError("SOURCE_UNAVAILABLE", "seeded");
		if (what === "quarantine" && random() < 0.03) throw new CollectorError("SINK_UNAVAILABLE", "seeded");
	};
}

async function seededRun(seed: number): Promise<void> {
	const random = randomOf(seed);
	const limits = {
		...LIMITS,
		batchesInFlightMax: 1 + Math.floor(random() * 4),
		bytesInFlightMax: random() < 0.3 ? 50 : 1 << 20,
	};
	const plan = randomPlan(random);
	const world = createWorld(plan, {
		routes: 1 + Math.floor(random() * 3),
		limits,
		failuresMax: 1_000,
		answer: randomAnswer(random),
		before: randomFaults(random),
	});
	const tallies = await world.run({
		after: ({ what }) => (what === "settle" ? randomFaults(random)({ what, number: 0, of: "" }) : undefined),
	});
	assert.deepEqual([world.missing(), world.violations], [[], []]);
	for (const tally of tallies) assert.equal(accountedFor(tally), tally.framed);
	for (const [name, batches] of Object.entries(plan)) assert.deepEqual(world.saved(name), { v: 1, next: batches.length });
}

test("whatever fails, everything arrives, settles in order and is counted", async () => {
	for (let seed = 1; seed <= 60; seed++) {
		await seededRun(seed).catch((error: unknown) => {
			throw new Error(`seed ${seed}`, { cause: error });
		});
	}
});

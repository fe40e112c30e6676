import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../contract/errors.ts";
import type { SendResult } from "../contract/sink.ts";
import { accountedFor } from "./tally.ts";
import type { Planted } from "./test-connector.ts";
import { createWorld, hostOf, LIMITS, type Plan } from "./test-world.ts";

const event = (serial: string): Planted => ({ serial, what: "event" });
const part = (serial: string, index: number, total: number): Planted => ({ serial, what: "event", part: [index, total] });

/** Batches of one event each: a0, a1, ... */
const plain = (name: string, count: number): Planted[][] => Array.from({ length: count }, (_, i) => [event(`${name}${i}`)]);

const rejection = (index: number) => ({ index, error: new CollectorError("SINK_REJECTED", "no") });
const unavailable = (retryAfterMs?: number): SendResult => ({
	status: "retry",
	error: new CollectorError("SINK_UNAVAILABLE", "down", retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test("every record ends in exactly one place, on every route", async () => {
	const every: Planted[] = (["event", "skip", "bad", "filtered", "unmappable", "framing-error"] as const).map((what) => ({
		serial: what,
		what,
	}));
	const world = createWorld(
		{ a: [every, [], [event("x"), event("y")]] },
		{
			routes: 2,
			answer: (_, route, number) => (route === 1 && number === 2 ? { status: "settled", rejected: [rejection(1)] } : undefined),
		},
	);
	const tallies = await world.run();
	for (const tally of tallies) assert.deepEqual([tally.framed, accountedFor(tally)], [8, 8]);
	const [first, second] = tallies.map((tally) => ({
		...tally,
		filtered: [...tally.filtered],
		skipped: [...tally.skipped],
		quarantined: [...tally.quarantined],
	}));
	const bad = [
		["RECORD_MALFORMED", 1],
		["EVENT_UNMAPPABLE", 1],
		["RECORD_TOO_LARGE", 1],
	];
	assert.deepEqual(first, {
		framed: 8,
		joined: 0,
		forwarded: 3,
		filtered: [["test", 1]],
		skipped: [["not-an-audit-event", 1]],
		quarantined: bad,
	});
	assert.deepEqual([second?.forwarded, second?.quarantined], [2, [...bad, ["SINK_REJECTED", 1]]]);
	assert.deepEqual(
		world.quarantined.map(({ position, error }) => `${position} ${error.code}`),
		["bad RECORD_MALFORMED", "unmappable EVENT_UNMAPPABLE", "framing-error RECORD_TOO_LARGE", "y SINK_REJECTED"],
	);
	assert.deepEqual([world.missing(), world.violations, world.saved("a")], [[], [], { v: 1, next: 3 }]);
});

test("batches settle in order, once, after every route took them, and are checkpointed after that", async () => {
	// The first batch is the slowest, on the second route.
	const world = createWorld(
		{ a: plain("a", 6), b: plain("b", 3) },
		{
			routes: 2,
			answer: (delivery, route) => (route === 1 && delivery.firstSeq === 0 && delivery.attempt < 3 ? unavailable(5) : undefined),
		},
	);
	await world.run();
	for (const partition of ["a", "b"]) {
		const commits = world.calls
			.filter(({ what, of }) => (what === "settle" || what === "save") && of.startsWith(partition))
			.map(({ what, of }) => `${what} ${of}`);
		const expected = Array.from({ length: partition === "a" ? 6 : 3 }, (_, seq) => [
			`settle ${partition}:${seq}`,
			`save ${partition}`,
		]).flat();
		assert.deepEqual(commits, expected);
	}
	assert.deepEqual([world.missing(), world.violations], [[], []]);
});

test("what is in flight is bounded, also while one batch keeps the others from settling", async () => {
	let release = (): void => {};
	const stuck = new Promise<void>((resolve) => {
		release = resolve;
	});
	const world = createWorld(
		{ a: plain("a", 50) },
		{
			limits: { batchesInFlightMax: 4 },
			answer: async ({ firstSeq }) => {
				if (firstSeq === 0) await stuck;
				return undefined;
			},
			before: ({ what, of }) => {
				if (what === "next" && of === "a:4") setTimeout(release, 20);
			},
		},
	);
	await world.run();
	// One more may have been read and wait at the gate.
	assert.ok(world.mostUnsettled() <= 5, `${world.mostUnsettled()} batches were read and not settled`);
	assert.deepEqual([world.missing(), world.violations], [[], []]);
});

test("bytes in flight are bounded, and a batch larger than the bound passes alone", async () => {
	const world = createWorld({ a: plain("a", 10) }, { limits: { batchesInFlightMax: 100, bytesInFlightMax: 1 } });
	await world.run();
	assert.ok(world.mostUnsettled() <= 2);
	assert.deepEqual(world.missing(), []);
});

test("a retry in place sends only what the sink has not settled", async () => {
	const sent: string[][] = [];
	const answers: (SendResult | undefined)[] = [
		unavailable(),
		{ status: "partial", rejected: [rejection(1)], retry: [2, 3, 4], retryAfterMs: 1 },
		{ status: "partial", rejected: [rejection(2)], retry: [1] },
	];
	const world = createWorld(
		{ a: [["v", "w", "x", "y", "z"].map(event)] },
		{
			limits: { retry: { ...LIMITS.retry, attemptsMax: 4 } },
			answer: (delivery, _, number) => {
				sent.push([...delivery.events.map(({ uid }) => uid), String(delivery.attempt)]);
				return answers[number - 1];
			},
		},
	);
	const [tally] = await world.run();
	assert.deepEqual(sent, [
		["v", "w", "x", "y", "z", "1"],
		["v", "w", "x", "y", "z", "2"],
		["x", "y", "z", "3"],
		["y", "4"],
	]);
	assert.deepEqual([tally?.forwarded, [...(tally?.quarantined ?? [])]], [3, [["SINK_REJECTED", 2]]]);
	assert.deepEqual(
		world.quarantined.map(({ position }) => position),
		["w", "z"],
	);
	assert.deepEqual(
		[...(world.taken[0] ?? [])],
		[
			["v", 1],
			["x", 1],
			["y", 1],
		],
	);
});

test("where a sink does not say which events it refused, all go to quarantine", async () => {
	const world = createWorld(
		{ a: [["x", "y"].map(event), [event("z")]] },
		{ answer: (_, __, number) => (number === 1 ? { status: "unclear", rejectedCount: 1 } : undefined) },
	);
	const [tally] = await world.run();
	assert.deepEqual([tally?.forwarded, world.quarantined.map(({ position }) => position)], [1, ["x", "y"]]);
});

test("what the sink asks to wait is waited, but not after the last attempt", async () => {
	const world = createWorld(
		{ a: [[event("x")]] },
		{ limits: { retry: { ...LIMITS.retry, attemptsMax: 2 } }, answer: (_, __, number) => unavailable(number === 1 ? 40 : 60_000) },
	);
	await assert.rejects(world.run(), { code: "SINK_UNAVAILABLE" });
	assert.deepEqual(world.waits, [40]);
});

test("once the attempts are spent the source is opened again at the saved cursors, and nothing is lost", async () => {
	let failures = 0;
	const world = createWorld(
		{ a: plain("a", 8), b: plain("b", 8) },
		{
			failuresMax: 2,
			answer: ({ firstSeq, partition }) =>
				partition === "a" && firstSeq === 2 && failures++ < LIMITS.retry.attemptsMax ? unavailable() : undefined,
		},
	);
	const [tally] = await world.run();
	assert.deepEqual([world.opened(), world.closed(), world.missing(), world.violations], [2, 2, [], []]);
	assert.equal(accountedFor(tally as never), tally?.framed);
	assert.equal(world.taken[0]?.get("a0"), 1, "what was checkpointed is not read again");
});

test("after the last opening the error comes out, and what was settled is checkpointed", async () => {
	const world = createWorld(
		{ a: plain("a", 8) },
		{ failuresMax: 2, answer: ({ events }) => (events[0]?.uid === "a3" ? unavailable() : undefined) },
	);
	await assert.rejects(world.run(), { code: "SINK_UNAVAILABLE" });
	assert.deepEqual([world.opened(), world.saved("a"), world.violations], [3, { v: 1, next: 3 }, []]);
	await world.run({ answer: () => undefined });
	assert.deepEqual([world.missing(), world.violations], [[], []]);
});

test("an error that retrying does not mend ends the run at once", async () => {
	const world = createWorld(
		{ a: plain("a", 3) },
		{ failuresMax: 9, answer: () => ({ status: "retry", error: new CollectorError("CONFIG_INVALID", "no such index") }) },
	);
	await assert.rejects(world.run(), { code: "CONFIG_INVALID" });
	assert.equal(world.opened(), 1);
});

test("a source whose access is denied is parked, and goes on where it stood", async () => {
	let refusals = 3;
	const denied = (): SendResult => ({ status: "retry", error: new CollectorError("SINK_UNAUTHORIZED", "log in") });
	const world = createWorld(
		{ a: plain("a", 3) },
		{ failuresMax: 9, answer: ({ events }) => (events[0]?.uid === "a1" && refusals-- > 0 ? denied() : undefined) },
	);
	await world.run();
	assert.deepEqual([world.missing(), world.violations, world.waits], [[], [], [600_000, 600_000, 600_000]]);
});

test("failures are counted in a row: a checkpoint in between makes them none", async () => {
	const failed = new Set<number>();
	const once = (serial: string): boolean => failed.size < failed.add(Number(serial.slice(1))).size;
	const world = createWorld(
		{ a: plain("a", 8) },
		{
			failuresMax: 1,
			limits: { retry: { ...LIMITS.retry, attemptsMax: 1 }, batchesInFlightMax: 1 },
			answer: ({ events }) => (once(events[0]?.uid ?? "") ? unavailable() : undefined),
		},
	);
	await world.run();
	assert.deepEqual([world.missing(), world.violations, world.opened()], [[], [], 9]);
});

test("a soft stop ends reading, and what is in flight still arrives and is checkpointed", async () => {
	const stop = new AbortController();
	const world = createWorld({ a: plain("a", 20) });
	await world.run({ stop: stop.signal, before: ({ what, of }) => void (what === "next" && of === "a:7" && stop.abort()) });
	assert.deepEqual([world.taken[0]?.size, world.saved("a")], [8, { v: 1, next: 8 }]);
	await world.run();
	assert.deepEqual([world.missing(), world.violations, world.taken[0]?.get("a7")], [[], [], 1]);
});

test("what a source wants to remember is asked for after its batch has settled, and given back", async () => {
	const remembered: unknown[] = [];
	const world = createWorld({ a: plain("a", 4) }, { remember: true });
	await world.run({ onOpen: (saved) => void remembered.push(saved.get("a")?.get("memory")) });
	await world.run({ onOpen: (saved) => void remembered.push(saved.get("a")?.get("memory")) });
	assert.deepEqual([remembered, world.violations], [[undefined, { v: 1, settled: 4 }], []]);
});

test("somebody else's checkpoint stops the run", async () => {
	const world = createWorld(
		{ a: plain("a", 6) },
		{
			failuresMax: 9,
			before: ({ what, number }) => {
				if (what === "save" && number > 6) throw new CollectorError("CHECKPOINT_CONFLICT", "another collector");
			},
		},
	);
	await assert.rejects(world.run(), { code: "CHECKPOINT_CONFLICT" });
	assert.deepEqual([world.opened(), world.closed(), world.violations], [1, 1, []]);
});

test("what a source throws comes out, after the work that it began", async () => {
	const world = createWorld(
		{ a: plain("a", 6) },
		{
			before: ({ what, of }) => {
				if (what === "next" && of === "a:2") throw new Error("the source broke");
			},
		},
	);
	await assert.rejects(world.run(), /the source broke/);
	assert.deepEqual([world.closed(), world.saved("a"), world.violations], [1, { v: 1, next: 2 }, []]);
});

test("the stop button ends the run cleanly: what is done is committed, the rest comes with the next run", async () => {
	const stop = new AbortController();
	const world = createWorld({ a: plain("a", 20) });
	await world.run({ signal: stop.signal, before: ({ what, of }) => void (what === "next" && of === "a:7" && stop.abort()) });
	assert.equal(world.closed(), 1);
	assert.ok(world.missing().length > 0 && world.missing().length < 20);
	await world.run();
	assert.deepEqual([world.missing(), world.violations], [[], []]);
});

test("the stop button ends waiting, and a source that throws because of it", async () => {
	const stop = new AbortController();
	const world = createWorld({ a: plain("a", 3) }, { answer: () => unavailable(7_200_000) });
	setTimeout(() => stop.abort(), 5);
	await world.run({ signal: stop.signal });
	const stopped = AbortSignal.abort();
	await world.run({
		signal: stopped,
		before: ({ what }) => {
			if (what === "next") stopped.throwIfAborted();
		},
	});
	assert.deepEqual([world.missing().length, world.violations], [3, []]);
});

test("a quarantine that fails stops the run, and its batch is not settled", async () => {
	const world = createWorld(
		{ a: [[event("x")], [{ serial: "bad", what: "bad" }], [event("y")]] },
		{
			before: ({ what }) => {
				if (what === "quarantine") throw new CollectorError("SINK_UNAVAILABLE", "the disk is full");
			},
		},
	);
	await assert.rejects(world.run(), /the disk is full/);
	assert.deepEqual([world.saved("a"), world.violations], [{ v: 1, next: 1 }, []]);
});

test("parts are joined over batches, which settle only when the whole was taken", async () => {
	const plan: Plan = { a: [[part("j", 0, 3), event("x")], [part("j", 1, 3)], [event("y")], [part("j", 2, 3), event("z")]] };
	const world = createWorld(plan);
	const [tally] = await world.run();
	assert.deepEqual([tally?.framed, tally?.joined, tally?.forwarded], [6, 2, 4]);
	assert.deepEqual([world.missing(), world.violations, world.saved("a")], [[], [], { v: 1, next: 4 }]);
});

test("what a join still holds at the end comes out, and only then its batches settle", async () => {
	const plan: Plan = { a: [[part("j", 0, 2)], [event("x")], [part("k", 1, 2)]], b: [[part("l", 0, 9)], [event("y")]] };
	const world = createWorld(plan);
	const [tally] = await world.run();
	assert.deepEqual([tally?.framed, tally?.joined, tally?.forwarded], [5, 0, 5]);
	assert.deepEqual([world.missing(), world.violations, world.saved("a"), world.saved("b")], [[], [], { v: 1, next: 3 }, { v: 1, next: 2 }]);
});

test("bug: a batch settled as soon as its last part left the join, before the whole was sent", async () => {
	// The batch that completes the event is refused for as long as others need to finish.
	const plan: Plan = { a: [[part("j", 0, 2)], [part("j", 1, 2)], [event("x")], [event("y")]] };
	const world = createWorld(plan, { answer: ({ events }) => (events[0]?.uid === "j" ? unavailable(10) : undefined) });
	await assert.rejects(world.run(), { code: "SINK_UNAVAILABLE" });
	assert.deepEqual([world.violations, world.saved("a")], [[], undefined]);
	await world.run({ answer: () => undefined });
	assert.deepEqual([world.missing(), world.violations], [[], []]);
});

test("bug: what a join held at the end settled before it was sent", async () => {
	const world = createWorld(
		{ a: [[part("j", 0, 2)], [event("x")], [event("y")]] },
		{ answer: ({ events }) => (events[0]?.uid === "j" ? unavailable() : undefined) },
	);
	await assert.rejects(world.run(), { code: "SINK_UNAVAILABLE" });
	assert.deepEqual([world.violations, world.saved("a")], [[], undefined]);
});

test("bug: a batch whose settling failed was settled again by those after it", async () => {
	const world = createWorld(
		{ a: plain("a", 6) },
		{
			// The others finish meanwhile.
			before: async ({ what, of }) => {
				if (what === "settle" && of === "a:1") await new Promise((resolve) => setTimeout(resolve, 10));
			},
			after: ({ what, of }) => {
				if (what === "settle" && of === "a:1") throw new CollectorError("SETTLE_FAILED", "no");
			},
		},
	);
	await assert.rejects(world.run(), { code: "SETTLE_FAILED" });
	assert.deepEqual(
		world.calls.filter(({ what }) => what === "settle").map(({ of }) => of),
		["a:0", "a:1"],
	);
	assert.deepEqual([world.violations, world.saved("a")], [[], { v: 1, next: 1 }]);
});

test("bug: a source that broke was opened again while the old run still committed", async () => {
	let broken = false;
	const world = createWorld(
		{ a: plain("a", 6) },
		{
			failuresMax: 1,
			answer: ({ attempt }) => (attempt === 1 ? unavailable(10) : undefined),
			before: ({ what, of }) => {
				if (broken || what !== "next" || of !== "a:2") return;
				broken = true;
				throw new CollectorError("SOURCE_UNAVAILABLE", "gone");
			},
		},
	);
	await world.run();
	assert.deepEqual([world.missing(), world.violations, [...(world.taken[0]?.values() ?? [])]], [[], [], [1, 1, 1, 1, 1, 1]]);
});

test("bug: a sink that throws, as for a closed pipe, was tried again", async () => {
	let sends = 0;
	const world = createWorld(
		{ a: plain("a", 1) },
		{
			answer: () => {
				sends++;
				throw new CollectorError("SINK_UNAVAILABLE", "thrown, not returned");
			},
		},
	);
	await assert.rejects(world.run(), /thrown, not returned/);
	assert.equal(sends, 1);
});

test("bug: a route that failed left the others sending after the run had ended", async () => {
	let slowSends = 0;
	const world = createWorld(
		{ a: plain("a", 1) },
		{
			routes: 2,
			limits: { retry: { attemptsMax: 50, delayMinMs: 1, delayMaxMs: 1 } },
			answer: (_, route) => {
				if (route === 0) return { status: "retry", error: new CollectorError("SINK_UNAUTHORIZED", "log in") };
				slowSends++;
				return unavailable();
			},
		},
	);
	await assert.rejects(world.run(), { code: "SINK_UNAUTHORIZED" });
	const sendsAtEnd = slowSends;
	await new Promise((resolve) => setTimeout(resolve, 10));
	assert.equal(slowSends, sendsAtEnd);
});

test("bug: an idle source was not told that the run had failed", async () => {
	const failure = new CollectorError("SINK_UNAUTHORIZED", "log in");
	const { runPipeline } = await import("./pipeline.ts");
	const idle = createIdle();
	await assert.rejects(
		runPipeline({
			open: idle.open,
			partitions: [],
			connectorOf: () => ({ ...idle.connector }),
			routes: [
				{
					prepare: idle.prepare,
					sink: { name: "s", send: async () => ({ status: "retry", error: failure }), [Symbol.asyncDispose]: async () => {} },
				},
			],
			quarantine: { add: async () => {}, [Symbol.asyncDispose]: async () => {} },
			checkpoints: { source: "s", store: { load: async () => undefined, save: async () => "1" } },
			observer: { event() {}, skipped() {}, bad() {} },
			limits: LIMITS,
			host: hostOf(),
		}),
		failure,
	);
});

/** A source that has one batch and then waits until it is stopped. */
function createIdle() {
	const marks = { redacted: new Map(), truncated: false, inferred: false };
	return {
		async *open(_: unknown, signal: AbortSignal) {
			yield { partition: "a", seq: 0, origin: { connector: "c" }, records: [{ id: "1", body: Buffer.from("x") }], settle: async () => {} };
			await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
		},
		prepare: () => ({ kind: "encoded" as const, event: { uid: "u", timeMs: 0, clusterKey: "", bytes: Buffer.from("x") }, marks }),
		connector: {
			name: "c",
			summary: "",
			forms: [],
			async *frame() {},
			decode: () => ({ kind: "event" as const, event: {}, envelope: {}, identity: Buffer.from("x"), inferred: [] }),
			resolve: <T>(origin: T): T => origin,
		},
	};
}

/** A world for the tests of the pipeline: source, sinks, store and quarantine with planted serials, numbered calls and faults. */

import { setImmediate as tick } from "node:timers/promises";
import type { CheckpointKey, CheckpointStore } from "../contract/checkpoint.ts";
import type { Host } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import { NO_METER } from "../contract/meter.ts";
import type { Batch, Cursor } from "../contract/record.ts";
import type { Route } from "../contract/route.ts";
import type { Delivery, QuarantineEntry, SendResult } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
import type { PipelineLimits, PipelineOptions, Saved } from "./pipeline.ts";
import { keepRunning } from "./supervise.ts";
import { CONNECTOR, type Planted, prepare, recordOf } from "./test-connector.ts";

/** Partition -> batches -> records. */
export type Plan = Readonly<Record<string, readonly (readonly Planted[])[]>>;

export interface WorldOptions {
	readonly routes?: number;
	readonly limits?: Partial<PipelineLimits>;
	/** Failures in a row after which a run gives up: 0 if absent. */
	readonly failuresMax?: number;
	/** Batches ask for the tier "memory". */
	readonly remember?: boolean;
	readonly onOpen?: (saved: Saved) => void;
	/** What a sink answers; undefined: it takes everything. `number` counts the calls of that sink. */
	readonly answer?: (delivery: Delivery, route: number, number: number) => SendResult | undefined | Promise<SendResult | undefined>;
	/** Called before a numbered call takes effect, and after it; what it throws, the call throws. */
	readonly before?: (call: Call) => void | Promise<void>;
	readonly after?: (call: Call) => void;
}

export interface Call {
	readonly number: number;
	readonly what: "next" | "settle" | "load" | "save" | "send" | "quarantine";
	readonly of: string;
}

export interface World {
	run(options?: Partial<WorldOptions> & { readonly signal?: AbortSignal; readonly stop?: AbortSignal }): Promise<readonly Tally[]>;
	/** Route -> serial -> how often the sink took it. */
	readonly taken: readonly Map<string, number>[];
	readonly quarantined: QuarantineEntry[];
	readonly calls: Call[];
	/** Promises that were broken: must stay empty. */
	readonly violations: string[];
	/** Milliseconds of every wait. */
	readonly waits: readonly number[];
	/** Serials that have not arrived on every route. */
	missing(): readonly string[];
	/** Most batches that were read and not settled at one time. */
	readonly mostUnsettled: () => number;
	readonly opened: () => number;
	readonly closed: () => number;
	saved(partition: string): Cursor | undefined;
}

export const LIMITS: PipelineLimits = {
	batchesInFlightMax: 3,
	bytesInFlightMax: 1 << 20,
	retry: { attemptsMax: 3, delayMinMs: 0, delayMaxMs: 1 },
};

/** What the fakes share. */
interface State {
	readonly plan: Plan;
	options: Partial<WorldOptions>;
	readonly taken: readonly Map<string, number>[];
	readonly quarantined: QuarantineEntry[];
	readonly calls: Call[];
	readonly violations: string[];
	readonly waits: number[];
	unsettled: number;
	mostUnsettled: number;
	opened: number;
	closed: number;
}

/** A host on which no time passes; what is waited for longer than an hour never comes. */
export function hostOf(signal = new AbortController().signal, waits: number[] = []): Host {
	async function wait(ms: number, stop?: AbortSignal): Promise<void> {
		waits.push(ms);
		await tick();
		if (ms > 3_600_000) await new Promise((_, reject) => stop?.addEventListener("abort", () => reject(stop.reason)));
	}
	return { signal, clock: { now: () => 0, wait }, random: () => 0, log() {}, meter: NO_METER };
}

export function createWorld(plan: Plan, base: WorldOptions = {}): World {
	const taken = Array.from({ length: base.routes ?? 1 }, () => new Map<string, number>());
	const state: State = {
		plan,
		options: base,
		taken,
		quarantined: [],
		calls: [],
		violations: [],
		waits: [],
		unsettled: 0,
		mostUnsettled: 0,
		opened: 0,
		closed: 0,
	};
	const saved: SavedCursors = new Map();
	const store = createStore(state, saved);
	const routes = taken.map((serials) => createRoute(state, serials));
	return {
		run({ signal, stop, ...more } = {}) {
			state.options = { ...base, ...more };
			const supervision = { failuresMax: state.options.failuresMax ?? 0, delayMinMs: 0, delayMaxMs: 0, parkMs: 600_000 };
			const options: PipelineOptions = {
				open: (all, stopReading) => read(state, all, stopReading),
				partitions: Object.keys(plan),
				connectorOf: () => CONNECTOR,
				routes,
				quarantine: {
					add: (entry) => numbered(state, "quarantine", entry.position, () => void state.quarantined.push(entry)),
					[Symbol.asyncDispose]: async () => {},
				},
				checkpoints: { store, source: "test" },
				observer: { event() {}, skipped() {}, bad() {} },
				limits: { ...LIMITS, ...state.options.limits },
				host: hostOf(signal, state.waits),
				...(stop === undefined ? {} : { stop }),
			};
			return keepRunning(options, supervision);
		},
		taken,
		quarantined: state.quarantined,
		calls: state.calls,
		violations: state.violations,
		waits: state.waits,
		missing: () =>
			Object.values(plan)
				.flat(2)
				.filter((planted) => !isTaken(state, planted))
				.map(({ serial }) => serial),
		mostUnsettled: () => state.mostUnsettled,
		opened: () => state.opened,
		closed: () => state.closed,
		saved: (partition) => saved.get(partition)?.cursor,
	};
}

async function numbered<T>(state: State, what: Call["what"], of: string, effect: () => T | Promise<T>): Promise<T> {
	const call = { number: state.calls.length + 1, what, of };
	state.calls.push(call);
	await state.options.before?.(call);
	const result = await effect();
	state.options.after?.(call);
	return result;
}

/** Whether a record has ended on every route: at its sink, in quarantine, or where nobody is to take it. */
function isTaken({ taken, quarantined }: State, { serial, what }: Planted): boolean {
	if (what === "skip" || what === "filtered") return true;
	const refusers = new Set(quarantined.filter(({ position }) => position === serial).map(({ source }) => source));
	return refusers.has("fake") || taken.every((route, i) => route.has(serial) || refusers.has(`sink-${i}`));
}

async function* read(state: State, all: Saved, stopReading: AbortSignal): AsyncGenerator<Batch> {
	const names = Object.keys(state.plan);
	const next = new Map(names.map((name) => [name, Number(all.get(name)?.get("fast")?.["next"] ?? 0)]));
	const from = new Map(next);
	const settled = new Map(names.map((name) => [name, 0]));
	state.opened++;
	state.unsettled = 0;
	state.options.onOpen?.(all);
	try {
		while (next.size > 0 && !stopReading.aborted) {
			for (const [name, place] of next) {
				if (place >= (state.plan[name] ?? []).length) {
					next.delete(name);
					continue;
				}
				await numbered(state, "next", `${name}:${place}`, () => {});
				next.set(name, place + 1);
				state.mostUnsettled = Math.max(state.mostUnsettled, ++state.unsettled);
				yield batchOf(state, name, place, place - (from.get(name) as number), settled);
			}
		}
	} finally {
		state.closed++;
	}
}

function batchOf(state: State, partition: string, place: number, seq: number, settled: Map<string, number>): Batch {
	const planted = state.plan[partition]?.[place] as readonly Planted[];
	const settle = (): void => {
		if (settled.get(partition) !== seq) state.violations.push(`batch ${seq} of ${partition} settled in place of ${settled.get(partition)}`);
		settled.set(partition, seq + 1);
		state.unsettled--;
		expectTaken(state, planted, `batch ${seq} of ${partition} settled`);
	};
	return {
		partition,
		seq,
		origin: { connector: "fake" },
		records: planted.map(recordOf),
		cursor: { v: 1, next: place + 1 },
		...(state.options.remember ? { memory: () => ({ v: 1, settled: settled.get(partition) }) } : {}),
		settle: () => numbered(state, "settle", `${partition}:${seq}`, settle),
	};
}

function expectTaken(state: State, planted: readonly Planted[], what: string): void {
	for (const each of planted) if (!isTaken(state, each)) state.violations.push(`${what} before ${each.serial} was taken`);
}

type SavedCursors = Map<string, { readonly cursor: Cursor; readonly version: string }>;

function createStore(state: State, saved: SavedCursors): CheckpointStore {
	const nameOf = ({ scope, tier }: CheckpointKey): string => (tier === "fast" ? scope : `${scope} ${tier}`);
	return {
		load: (key) => numbered(state, "load", nameOf(key), () => saved.get(nameOf(key))),
		save: (key, cursor, expected) =>
			numbered(state, "save", nameOf(key), () => {
				const name = nameOf(key);
				if (saved.get(name)?.version !== expected) throw new CollectorError("CHECKPOINT_CONFLICT", "two runs at a time");
				const version = `version ${state.calls.length}`;
				saved.set(name, { cursor, version });
				const covered = (state.plan[name] ?? []).slice(0, Number(cursor["next"] ?? 0)).flat();
				expectTaken(state, covered, `checkpoint ${cursor["next"]} of ${name} saved`);
				return version;
			}),
	};
}

function createRoute(state: State, serials: Map<string, number>): Route {
	const route = state.taken.indexOf(serials);
	let sends = 0;

	async function send(delivery: Delivery): Promise<SendResult> {
		await tick();
		const result = (await state.options.answer?.(delivery, route, ++sends)) ?? { status: "settled", rejected: [] };
		if (result.status === "retry" || result.status === "unclear") return result;
		const left = new Set([...result.rejected.map(({ index }) => index), ...(result.status === "partial" ? result.retry : [])]);
		for (const [index, { uid }] of delivery.events.entries()) if (!left.has(index)) serials.set(uid, (serials.get(uid) ?? 0) + 1);
		return result;
	}

	return {
		prepare,
		sink: {
			name: `sink-${route}`,
			send: (delivery) => numbered(state, "send", `${delivery.partition}:${delivery.firstSeq}`, () => send(delivery)),
			[Symbol.asyncDispose]: async () => {},
		},
	};
}

/** A world for the tests of the pipeline: source, sinks, store and quarantine with planted serials, numbered calls and faults. */

import { setImmediate as tick } from "node:timers/promises";
import { createMemoryCheckpoints } from "../checkpoint/memory.ts";
import type { CheckpointStore } from "../contract/checkpoint.ts";
import type { Connector, Join } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Batch, Cursor, RawRecord } from "../contract/record.ts";
import type { Prepare, Route } from "../contract/route.ts";
import type { Delivery, Quarantine, QuarantineEntry, SendResult } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
import { type PipelineLimits, runPipeline } from "./pipeline.ts";

/** What is to become of a record. `part` [1, 3]: the second of three records that make one event. */
export interface Planted {
	readonly serial: string;
	readonly what: "event" | "skip" | "bad" | "filtered" | "unmappable" | "framing-error";
	readonly part?: readonly [index: number, total: number];
}

/** Partition -> batches -> records. */
export type Plan = Readonly<Record<string, readonly (readonly Planted[])[]>>;

export interface WorldOptions {
	readonly routes?: number;
	readonly limits?: Partial<PipelineLimits>;
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
	run(options?: Partial<WorldOptions> & { readonly signal?: AbortSignal }): Promise<readonly Tally[]>;
	/** Route -> serial -> how often the sink took it. */
	readonly taken: readonly Map<string, number>[];
	readonly quarantined: QuarantineEntry[];
	readonly calls: Call[];
	/** Promises that were broken: must stay empty. */
	readonly violations: string[];
	/** Serials that have not arrived on every route. */
	missing(): readonly string[];
	/** Most batches that were read and not settled at one time. */
	readonly mostUnsettled: () => number;
	readonly opened: () => number;
	readonly closed: () => number;
	saved(partition: string): Promise<Cursor | undefined>;
}

export const LIMITS: PipelineLimits = {
	batchesInFlightMax: 3,
	bytesInFlightMax: 1 << 20,
	retry: { attemptsMax: 3, delayMinMs: 0, delayMaxMs: 1 },
	reopensMax: 0,
};

export function createWorld(plan: Plan, base: WorldOptions = {}): World {
	let options: WorldOptions & { readonly signal?: AbortSignal } = base;
	const taken = Array.from({ length: base.routes ?? 1 }, () => new Map<string, number>());
	const quarantined: QuarantineEntry[] = [];
	const calls: Call[] = [];
	const violations: string[] = [];
	const memory = createMemoryCheckpoints();
	let unsettled = 0;
	let mostUnsettled = 0;
	let opened = 0;
	let closed = 0;

	async function numbered<T>(what: Call["what"], of: string, effect: () => T | Promise<T>): Promise<T> {
		const call = { number: calls.length + 1, what, of };
		calls.push(call);
		await options.before?.(call);
		const result = await effect();
		options.after?.(call);
		return result;
	}

	const isOver = ({ serial, what }: Planted, route: Map<string, number>): boolean =>
		what === "skip" || what === "filtered" || route.has(serial) || quarantined.some(({ position }) => position === serial);
	const isTaken = (planted: Planted): boolean => taken.every((route) => isOver(planted, route));

	function batchOf(partition: string, place: number, seq: number, settled: Map<string, number>): Batch {
		const planted = plan[partition]?.[place] as readonly Planted[];
		return {
			partition,
			seq,
			origin: { connector: "fake" },
			records: planted.map(recordOf),
			cursor: { v: 1, next: place + 1 },
			settle: () =>
				numbered("settle", `${partition}:${seq}`, () => {
					if (settled.get(partition) !== seq) violations.push(`batch ${seq} of ${partition} settled in place of ${settled.get(partition)}`);
					settled.set(partition, seq + 1);
					for (const each of planted)
						if (!isTaken(each)) violations.push(`batch ${seq} of ${partition} settled before ${each.serial} was taken`);
					unsettled--;
				}),
		};
	}

	async function* open(cursors: ReadonlyMap<string, Cursor>): AsyncGenerator<Batch> {
		opened++;
		unsettled = 0;
		const names = Object.keys(plan);
		const places = new Map(names.map((name) => [name, Number(cursors.get(name)?.["next"] ?? 0)]));
		const settled = new Map(names.map((name) => [name, 0]));
		const from = new Map(places);
		try {
			for (let turn = 0; names.some((name) => (places.get(name) as number) < (plan[name] ?? []).length); turn++) {
				const name = names[turn % names.length] as string;
				const place = places.get(name) as number;
				if (place >= (plan[name] ?? []).length) continue;
				await numbered("next", `${name}:${place}`, () => {});
				places.set(name, place + 1);
				mostUnsettled = Math.max(mostUnsettled, ++unsettled);
				yield batchOf(name, place, place - (from.get(name) as number), settled);
			}
		} finally {
			closed++;
		}
	}

	const store: CheckpointStore = {
		load: (key) => numbered("load", key.scope, () => memory.load(key)),
		save: (key, next, expected) =>
			numbered("save", key.scope, () => {
				const done = (plan[key.scope] ?? []).slice(0, Number(next["next"])).flat();
				for (const each of done)
					if (!isTaken(each)) violations.push(`checkpoint ${next["next"]} of ${key.scope} saved before ${each.serial} was taken`);
				return memory.save(key, next, expected);
			}),
	};
	const quarantine: Quarantine = {
		add: (entry) => numbered("quarantine", entry.position, () => void quarantined.push(entry)),
		[Symbol.asyncDispose]: async () => {},
	};
	const routes = taken.map((serials, route): Route => {
		let sends = 0;
		const take = (delivery: Delivery, result: SendResult): void => {
			const kept =
				result.status === "settled" || result.status === "partial"
					? result.rejected.map(({ index }) => index)
					: [...delivery.events.keys()];
			const skipped = new Set(result.status === "partial" ? [...kept, ...result.retry] : kept);
			for (const [index, { uid }] of delivery.events.entries()) if (!skipped.has(index)) serials.set(uid, (serials.get(uid) ?? 0) + 1);
		};
		return {
			prepare,
			sink: {
				name: `sink-${route}`,
				send: (delivery) =>
					numbered("send", `${delivery.partition}:${delivery.firstSeq}`, async () => {
						await tick();
						const result = (await options.answer?.(delivery, route, ++sends)) ?? { status: "settled", rejected: [] };
						take(delivery, result);
						return result;
					}),
				[Symbol.asyncDispose]: async () => {},
			},
		};
	});

	return {
		run(more = {}) {
			options = { ...base, ...more };
			return runPipeline({
				open,
				partitions: Object.keys(plan),
				connectorOf: () => CONNECTOR,
				routes,
				quarantine,
				checkpoints: { store, source: "test" },
				observer: { event() {}, skipped() {}, bad() {} },
				limits: { ...LIMITS, ...options.limits },
				host: { signal: options.signal ?? new AbortController().signal, clock: { now: () => 0 }, random: () => 0, log() {} },
			});
		},
		taken,
		quarantined,
		calls,
		violations,
		missing: () =>
			Object.values(plan)
				.flat(2)
				.filter((planted) => !isTaken(planted))
				.map(({ serial }) => serial),
		mostUnsettled: () => mostUnsettled,
		opened: () => opened,
		closed: () => closed,
		saved: async (partition) => (await memory.load({ source: "test", scope: partition, tier: "fast" }))?.cursor,
	};
}

function recordOf(planted: Planted): RawRecord {
	const record = { id: planted.serial, body: Buffer.from(JSON.stringify(planted)) };
	return planted.what === "framing-error" ? { ...record, error: new CollectorError("RECORD_TOO_LARGE", "too large") } : record;
}

const plantedOf = ({ body }: RawRecord): Planted => JSON.parse(Buffer.from(body).toString()) as Planted;

const prepare: Prepare = ({ identity }) => {
	const { serial, what } = plantedOf({ id: "", body: identity });
	if (what === "filtered") return { kind: "filtered", rule: "test", bytes: 1 };
	if (what === "unmappable") return { kind: "bad", error: new CollectorError("EVENT_UNMAPPABLE", "unmappable") };
	const marks = { redacted: new Map(), truncated: false, inferred: false };
	return { kind: "encoded", event: { uid: serial, timeMs: 0, clusterKey: "", bytes: identity }, marks };
};

/** Holds the parts of a serial until all have come; a part that came twice is one. */
function createJoin(): Join {
	const held = new Map<string, { readonly from: number; readonly parts: Set<number>; readonly record: RawRecord }>();
	return {
		add(record, seq) {
			const { serial, part } = plantedOf(record);
			if (part === undefined) return [record];
			const set = held.get(serial) ?? { from: seq, parts: new Set(), record };
			set.parts.add(part[0]);
			held.set(serial, set);
			return set.parts.size === part[1] && held.delete(serial) ? [set.record] : [];
		},
		expire() {
			const records = [...held.values()].map(({ record }) => record);
			held.clear();
			return records;
		},
		get heldFrom() {
			return held.size === 0 ? undefined : Math.min(...[...held.values()].map(({ from }) => from));
		},
	};
}

const CONNECTOR: Connector = {
	name: "fake",
	summary: "",
	forms: [],
	async *frame() {},
	join: createJoin,
	decode(record) {
		const { what } = plantedOf(record);
		if (what === "skip") return { kind: "skip", reason: "not-an-audit-event" };
		if (what === "bad") return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", "bad") };
		return { kind: "event", event: {}, envelope: {}, identity: record.body, inferred: [] };
	},
	resolve: (origin) => origin,
};

/** A generator of random numbers in [0, 1) that a seed repeats. */
export function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

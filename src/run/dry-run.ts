/** `kube-audit run --dry-run`: reads up to the present as `run --once` would, prints what it would forward, and leaves no trace. */

import { stat } from "node:fs/promises";
import { openCheckpoints } from "../checkpoint/stores.ts";
import type { CheckpointKey, CheckpointStore } from "../contract/checkpoint.ts";
import type { Clock } from "../contract/connector.ts";
import { NO_METER } from "../contract/meter.ts";
import type { Cursor } from "../contract/record.ts";
import type { Delivery, Sink } from "../contract/sink.ts";
import { createGate } from "../pipeline/gate.ts";
import { DEFAULT_PIPELINE_LIMITS, type PipelineLimits } from "../pipeline/pipeline.ts";
import { DEFAULT_SUPERVISION, type Supervision } from "../pipeline/supervise.ts";
import { addTally, newTally, total } from "../pipeline/tally.ts";
import { createPolicy } from "../policy/policy.ts";
import { openWaysIn, startOf } from "./check/check-ways-in.ts";
import type { Config } from "./config/config.ts";
import { identityKeyOf, policySettingsOf } from "./config/policy-settings.ts";
import type { Environment } from "./config/references.ts";
import { redactSecrets } from "./config/secrets.ts";
import type { Outside } from "./outside/outside.ts";
import { createPrepare } from "./prepare.ts";
import { runSource, type Shared, type SourcePlan } from "./source-runner.ts";

export interface DryRunOptions {
	readonly config: Config;
	readonly env: Environment;
	readonly clock: Clock;
	random(): number;
	/** Begin there, whatever checkpoints say, epoch milliseconds. */
	readonly startFromMs?: number;
	/** Ends reading; the counts so far are told. */
	readonly stop: AbortSignal;
	/** Takes the events, one line each. */
	out(line: string): void;
	/** Takes what is for people. */
	err(line: string): void;
}

/** Of each source. */
const EVENTS_SHOWN = 10;
const LIMITS: PipelineLimits = { ...DEFAULT_PIPELINE_LIMITS, bytesInFlightMax: 16 * 1024 * 1024 };

/** Somebody waits for the end: what rests for minutes in earnest is asked again at once, or given up. */
const SUPERVISION: Supervision = { ...DEFAULT_SUPERVISION, delayMinMs: 100, delayMaxMs: 1_000, parkMs: 100 };

/** Resolves, when all sources have come to the present, to whether all of them could. */
export async function dryRun(options: DryRunOptions): Promise<boolean> {
	const { config, env, clock, random, stop } = options;
	const err = onceEach((line) => options.err(redactSecrets(line)));
	await using waysIn = openWaysIn(env, clock, err);
	await using store = await openSaved(config.checkpoints, options.startFromMs !== undefined);
	const kill = new AbortController();
	const watching = createWatching(err);
	const shared: Shared = {
		store: createScratch(store),
		routes: [{ sink: createShow(options.out), prepare: await prepareOf(options) }],
		quarantine: { async add() {}, async [Symbol.asyncDispose]() {} },
		gate: createGate({ batchesMax: LIMITS.batchesInFlightMax, bytesMax: LIMITS.bytesInFlightMax }),
		limits: LIMITS,
		supervision: SUPERVISION,
		host: { clock, random, log: err, meter: NO_METER, signal: kill.signal },
		pullsOf: waysIn.of,
		...watching.outside,
	};
	await Promise.all(plansOf(options).map((plan) => runSource(plan, shared, stop)));
	kill.abort();
	watching.tell(config.sources.map(({ id }) => id));
	return !watching.hasFailed();
}

/** What is tried again at once fails in the same words. */
function onceEach(tell: (line: string) => void): (line: string) => void {
	const told = new Set<string>();
	return (line) => {
		if (told.size === told.add(line).size) return;
		tell(line);
	};
}

/** Only read; a store that is not there is not made. */
async function openSaved(spec: string, startAnew: boolean): Promise<(Pick<CheckpointStore, "load"> & AsyncDisposable) | undefined> {
	const path = /^file:(?!\/\/)(.+)$/s.exec(spec)?.[1];
	const isThere = path === undefined || (await stat(path).catch(() => undefined)) !== undefined;
	// A damaged store would be moved aside, and what it holds is of no account then.
	return isThere && !startAnew ? openCheckpoints(spec) : undefined;
}

/** Cursors move here alone, so that a reading that begins again does not show everything twice. */
function createScratch(saved: Pick<CheckpointStore, "load"> | undefined): CheckpointStore {
	const moved = new Map<string, { readonly cursor: Cursor; readonly version: string }>();
	let saves = 0;
	const nameOf = ({ source, scope, tier }: CheckpointKey): string => JSON.stringify([source, scope, tier]);
	return {
		load: async (key) => moved.get(nameOf(key)) ?? saved?.load(key),
		async save(key, cursor) {
			const version = `dry run ${++saves}`;
			moved.set(nameOf(key), { cursor, version });
			return version;
		},
	};
}

/** As the first sink would have the events. */
async function prepareOf({ config, clock }: DryRunOptions): Promise<ReturnType<typeof createPrepare>> {
	const settings = { ...config, cluster: undefined };
	const policy = createPolicy(await policySettingsOf(settings, [], true));
	const identityKey = await identityKeyOf(settings);
	const schema = config.sinks[0]?.schema ?? "ocsf";
	return createPrepare({ schema, policy, clock, ...(identityKey === undefined ? {} : { identityKey }) });
}

function plansOf({ config, clock, startFromMs }: DryRunOptions): readonly SourcePlan[] {
	const nowMs = clock.now();
	return config.sources.map(({ id, connector, settings, labels, since, timing }) => ({
		id,
		connector,
		settings,
		labels,
		startMs: startFromMs ?? startOf(since, nowMs),
		isForced: startFromMs !== undefined,
		timing,
		until: "caught-up",
	}));
}

/** Takes everything, and shows the first events of each source. */
function createShow(out: (line: string) => void): Sink {
	const shown = new Map<string, number>();
	return {
		name: "dry run",
		async send({ events, source }: Delivery) {
			const before = shown.get(source) ?? 0;
			const first = events.slice(0, EVENTS_SHOWN - before);
			for (const { bytes } of first) out(Buffer.from(bytes).toString("utf8"));
			shown.set(source, before + first.length);
			return { status: "settled", rejected: [] };
		},
		async [Symbol.asyncDispose]() {},
	};
}

interface Watching {
	readonly outside: Outside;
	/** Counts of each source. */
	tell(sources: readonly string[]): void;
	hasFailed(): boolean;
}

function createWatching(err: (line: string) => void): Watching {
	const tallies = new Map<string, ReturnType<typeof newTally>>();
	const failed = new Set<string>();
	return {
		outside: {
			watch: ({ id }, scope) => ({
				source: id,
				scope,
				state(state) {
					if (state.kind !== "stopped") return;
					failed.add(id);
					// Of a scope the runner tells itself.
					if (scope === undefined) err(`${id}: ${(state.error as Error | undefined)?.message ?? String(state.error)}`);
				},
				settled() {},
				ended: () => {},
			}),
			meterOf: () => NO_METER,
			observerOf: () => ({ event() {}, skipped() {}, bad() {} }),
			done({ id }, _, [tally]) {
				const sum = tallies.get(id) ?? newTally();
				tallies.set(id, sum);
				if (tally !== undefined) addTally(sum, tally);
			},
		},
		tell(sources) {
			for (const id of sources) err(`${id}: ${countsText(tallies.get(id))}`);
			err("nothing was forwarded, and no cursor has moved");
		},
		hasFailed: () => failed.size > 0,
	};
}

function countsText(tally: ReturnType<typeof newTally> | undefined): string {
	if (tally === undefined) return "could not be read to the present";
	const { framed, forwarded, filtered, skipped, quarantined } = tally;
	const rest = { filtered, skipped, quarantined };
	const others = Object.entries(rest).flatMap(([name, counts]) =>
		counts.size === 0 ? [] : [`${name} ${total(counts)} (${listed(counts)})`],
	);
	return [
		`${framed} records read`,
		`${forwarded} events would be forwarded${forwarded > EVENTS_SHOWN ? `, of which the first ${EVENTS_SHOWN} are shown` : ""}`,
		...others,
	].join(", ");
}

function listed(counts: ReadonlyMap<string, number>): string {
	return [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
}

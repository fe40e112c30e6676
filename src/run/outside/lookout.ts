/** Watches all sources of the process for those who look from outside: metrics, health, and clusters that fall silent. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import type { Scope } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Meter } from "../../contract/meter.ts";
import type { Sink } from "../../contract/sink.ts";
import type { Gate } from "../../pipeline/gate.ts";
import { DEFAULT_TIMING } from "../../pull/timing.ts";
import type { ScopeWatch, SourcePlan } from "../source-runner.ts";
import { type Health, healthOf } from "./health.ts";
import { measuredGate, measuredSink, measuredStore, startCheckpointCounts } from "./measured.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Outside } from "./outside.ts";
import { type ScopeEntry, type SilenceOptions, showEntries, tellSilence } from "./scope-entry.ts";
import { type Follower, follow } from "./scope-watch.ts";

export interface LookoutOptions extends SilenceOptions {
	/** Epoch milliseconds. */
	now(): number;
	/** Takes secrets out of a text. */
	redact(text: string): string;
	readonly clustersMax?: number;
}

/** What `runSource` wants of the outside, less what is told at the end; and what the outside wants to know. */
export interface Lookout extends Pick<Outside, "meterOf" | "observerOf"> {
	readonly metrics: Metrics;
	watch(plan: SourcePlan, scope: Scope | undefined): LookoutWatch;
	health(): Health;
	/** The same sink, store and gate, counted. `name`: of the sink, as the settings have it. */
	sink(sink: Sink, name?: string): Sink;
	store(store: CheckpointStore): CheckpointStore;
	gate(gate: Gate): Gate;
}

interface LookoutWatch extends Required<Omit<ScopeWatch, "gap">> {
	/** A cursor of an earlier run was loaded: so far it came. */
	resumed(watermarkMs: number): void;
}

/** Looking for scopes in hundreds of accounts takes its time, and shows no progress meanwhile: half an hour of it is too much. */
const SEARCH_INTERVAL_MS = 3 * 60_000;

export function createLookout(options: LookoutOptions): Lookout {
	const { now, clustersMax } = options;
	const metrics = createMetrics(clustersMax === undefined ? { now } : { now, clustersMax });
	const entries = new Map<string, ScopeEntry>();
	/** What a source is known to have: its meter and its observer are asked for by these. */
	const entryOf = new WeakMap<object, ScopeEntry>();
	showEntries(metrics, entries, options);

	function close(key: string, entry: ScopeEntry | undefined): void {
		entry?.meter?.close();
		if (entries.get(key) === entry) entries.delete(key);
	}

	function watch(plan: SourcePlan, scope: Scope | undefined): LookoutWatch {
		const key = keyOf(plan.id, scope?.name);
		close(key, entries.get(key));
		startCheckpointCounts(metrics, plan.id);
		const entry = newEntry(plan, scope, metrics, options);
		entries.set(key, entry);
		if (scope !== undefined) entryOf.set(scope, entry).set(scope.origin, entry);
		return {
			source: plan.id,
			scope,
			state(state) {
				entry.follower.changed(state);
				if (state.kind !== "running") countFailure(metrics, "source_failures_total", entry, state.error);
			},
			settled(watermarkMs) {
				entry.follower.settled(watermarkMs);
				shown(entry, watermarkMs);
				tellSilence(entry, options);
			},
			reconciled(outcome) {
				entry.reconciled = outcome;
			},
			notReconciled: (error) => countFailure(metrics, "reconcile_failures_total", entry, error),
			resumed(watermarkMs) {
				entry.follower.resumed(watermarkMs);
				shown(entry, watermarkMs);
			},
			ended: () => close(key, entry),
		};
	}

	return {
		metrics,
		watch,
		meterOf({ id, connector }, origin) {
			const entry = entryOf.get(origin);
			const meter = metrics.meterOf({ source: id, connector: connector.name, cluster: metrics.clusterOf(origin) });
			if (entry === undefined) return meter;
			entry.meter?.close();
			entry.meter = meter;
			return watchedMeter(meter, entry.follower);
		},
		observerOf({ id, connector }, scope) {
			const observer = metrics.observerOf({ source: id, connector: connector.name }, scope.origin);
			const entry = entryOf.get(scope);
			if (entry !== undefined) entry.observer = observer;
			return observer;
		},
		health: () => healthOf(Array.from(entries.values(), viewOf), now()),
		sink: (sink, name = sink.name) =>
			measuredSink(sink, { metrics, now, name, taken: (source, scope) => entries.get(keyOf(source, scope))?.follower.progressed() }),
		store: (store) => measuredStore(store, metrics),
		gate: (gate) => measuredGate(gate, metrics),
	};
}

type FailureCounter = "source_failures_total" | "reconcile_failures_total";

function countFailure(metrics: Metrics, name: FailureCounter, { labels }: ScopeEntry, error: unknown): void {
	metrics.counter(name, { ...labels, code: error instanceof CollectorError ? error.code : "FAULT" }).value++;
}

const viewOf = ({ follower }: ScopeEntry) => follower.view();

function shown(entry: ScopeEntry, watermarkMs: number): void {
	entry.sinceMs ??= watermarkMs;
	entry.meter?.gauge("watermark_seconds", watermarkMs / 1000);
}

function keyOf(source: string, scope: string | undefined): string {
	return scope === undefined ? source : `${source} ${scope}`;
}

function newEntry(plan: SourcePlan, scope: Scope | undefined, metrics: Metrics, options: LookoutOptions): ScopeEntry {
	const { id, connector, timing } = plan;
	const { overlapMs, intervalMs, intervalMaxMs } = { ...DEFAULT_TIMING, ...timing };
	const isSearch = scope === undefined;
	const followed = {
		source: id,
		connector: connector.name,
		...(isSearch ? {} : { scope: scope.name }),
		pollIntervalMs: isSearch ? SEARCH_INTERVAL_MS : Math.max(intervalMs, intervalMaxMs),
		overlapMs,
	};
	return {
		scope,
		labels: { source: id, connector: connector.name, cluster: isSearch ? "" : metrics.clusterOf(scope.origin) },
		follower: follow(followed, options),
		sinceMs: undefined,
		meter: undefined,
		observer: undefined,
		reconciled: undefined,
		silent: new Map(),
	};
}

/** The loop says how far it has read; how far that is settled too, only the checkpoint says. */
function watchedMeter(meter: Meter, follower: Follower): Meter {
	return {
		...meter,
		gauge(name, value) {
			if (name === "watermark_seconds") return;
			if (name === "overlap_seconds" && Number.isFinite(value)) follower.overlaps(value * 1000);
			meter.gauge(name, value);
		},
	};
}

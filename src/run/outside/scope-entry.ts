/** What the lookout knows of one scope, shown as gauges, and the silence of the clusters in it. */

import type { Reconciled, Scope } from "../../contract/connector.ts";
import type { SourceStateName } from "./health.ts";
import { OTHER } from "./label-values.ts";
import type { HeardCluster, Metrics, OpenMeter, WatchedObserver } from "./metrics.ts";
import type { Follower } from "./scope-watch.ts";
import { type Labels, type MetricName, merged, type Point } from "./series.ts";
import { type Silence, silenceOf } from "./silence.ts";
import type { SilenceFact } from "./silence-event.ts";

export interface ScopeEntry {
	/** Absent: its source is still looking for scopes. */
	readonly scope: Scope | undefined;
	readonly labels: Labels & { readonly source: string };
	readonly follower: Follower;
	/** Where listening began, epoch milliseconds. */
	sinceMs: number | undefined;
	meter: OpenMeter | undefined;
	observer: WatchedObserver | undefined;
	/** What came of the stretch that was compared last. */
	reconciled: Reconciled | undefined;
	/** Value of the label "cluster" -> the silence that was told of, and that goes on. */
	readonly silent: Map<string, Silence>;
}

export interface SilenceOptions {
	/** How long the clusters of a source may be silent; undefined: for ever. */
	silenceAfterMs(source: string): number | undefined;
	/** A cluster has fallen silent, or speaks again. */
	onSilence(fact: SilenceFact): void;
}

interface Heard extends Pick<HeardCluster, "origin"> {
	readonly cluster: string;
	readonly lastEventMs: number | undefined;
	readonly silence: Silence | undefined;
}

/** The cluster that the scope is of, and all that were heard in it. Those without a name, or whose label is "other", cannot be told apart. */
function heardOf(entry: ScopeEntry, options: SilenceOptions): readonly Heard[] {
	const { labels, scope, observer, sinceMs } = entry;
	const found = new Map<string, Pick<HeardCluster, "origin" | "lastEventMs">>();
	const own = labels["cluster"] as string;
	if (scope !== undefined) found.set(own, { origin: scope.origin, lastEventMs: Number.NEGATIVE_INFINITY });
	for (const [cluster, heard] of observer?.heard ?? []) found.set(cluster, heard);
	for (const nobody of [OTHER, ""]) found.delete(nobody);
	const { watermarkMs } = entry.follower.view();
	const afterMs = options.silenceAfterMs(labels.source);
	return [...found].map(([cluster, { origin, lastEventMs }]) => {
		const last = Number.isFinite(lastEventMs) ? lastEventMs : undefined;
		const silence = sinceMs === undefined ? undefined : silenceOf({ lastEventMs: last, sinceMs, watermarkMs }, afterMs);
		return { cluster, origin, lastEventMs: last, silence };
	});
}

/** To be called when the watermark moved: before that, no silence can have become any longer. */
export function tellSilence(entry: ScopeEntry, options: SilenceOptions): void {
	const { silent, labels, follower } = entry;
	for (const { cluster, origin, lastEventMs, silence } of heardOf(entry, options)) {
		const before = silent.get(cluster);
		if (silence === undefined || silence.isSilent === (before !== undefined)) continue;
		const { source } = labels;
		if (before === undefined) {
			silent.set(cluster, silence);
			const untilMs = silence.sinceMs + silence.silentMs;
			options.onSilence({ kind: "silent", source, origin, sinceMs: silence.sinceMs, untilMs });
		} else {
			silent.delete(cluster);
			const untilMs = lastEventMs ?? follower.view().watermarkMs ?? before.sinceMs;
			options.onSilence({ kind: "speaking", source, origin, sinceMs: before.sinceMs, untilMs });
		}
	}
}

const STATES: readonly SourceStateName[] = ["running", "waiting", "parked", "stopped"];

/** Shows all entries, whatever they are at the moment when somebody looks. */
export function showEntries(metrics: Metrics, entries: ReadonlyMap<string, ScopeEntry>, options: SilenceOptions): void {
	const all = (): readonly ScopeEntry[] => [...entries.values()];
	const heard = (value: (heard: Heard) => number | undefined) => (): readonly Point[] =>
		all().flatMap((entry) =>
			heardOf(entry, options).map((one): Point => [{ ...entry.labels, cluster: one.cluster }, value(one) ?? Number.NaN]),
		);

	metrics.show("source_state", () =>
		merged(
			all().flatMap(({ labels, follower }) =>
				STATES.map((state): Point => [{ ...labels, state }, follower.view().state === state ? 1 : 0]),
			),
			(a, b) => a + b,
		),
	);
	metrics.show("source_failing", () =>
		merged(
			all().flatMap(({ labels, follower }): Point[] => {
				const { failure } = follower.view();
				return failure === undefined ? [] : [[{ ...labels, code: failure.code ?? "FAULT" }, 1]];
			}),
			(a, b) => a + b,
		),
	);
	const events = heard(({ lastEventMs }) => lastEventMs && lastEventMs / 1000);
	const silences = heard(({ silence }) => silence && silence.silentMs / 1000);
	const verdicts = heard(({ silence }) => silence && (silence.isSilent ? 1 : 0));
	metrics.show("last_event_seconds", () => merged(events(), Math.max));
	// A cluster that one scope hears is not silent.
	metrics.show("silent_seconds", () => merged(silences(), Math.min));
	metrics.show("cluster_silent", () => merged(verdicts(), Math.min));
	showReconciled(metrics, all);
}

function showReconciled(metrics: Metrics, all: () => readonly ScopeEntry[]): void {
	const show = (name: MetricName, value: (outcome: Reconciled) => number, merge: (a: number, b: number) => number): void =>
		metrics.show(name, () =>
			merged(
				all().flatMap(({ labels, reconciled }): Point[] => (reconciled === undefined ? [] : [[labels, value(reconciled)]])),
				merge,
			),
		);
	const sum = (a: number, b: number): number => a + b;
	show("reconciled_seconds", ({ untilMs }) => untilMs / 1000, Math.min);
	show("reconcile_expected_records", ({ expected }) => expected, sum);
	show("reconcile_delivered_records", ({ delivered }) => delivered, sum);
	show("reconcile_missing_records", ({ missing }) => missing, sum);
}

/** What /metrics shows: hands out meters and observers, bound once to their labels, and writes the text when asked. */

import type { DecodedEvent } from "../../contract/decode.ts";
import { ERRORS } from "../../contract/errors.ts";
import { type Meter, type Metric, PULL_METRICS } from "../../contract/meter.ts";
import type { Origin } from "../../contract/record.ts";
import type { Prepared } from "../../contract/route.ts";
import { rememberEach } from "../../json/remember.ts";
import { eventTime } from "../../normalise/times.ts";
import type { Observer } from "../../pipeline/prepare.ts";
import { createLabelValues } from "./label-values.ts";
import { type Cell, createSeries, type Labels, type MetricName, merged, type Point, type Series, type Spread } from "./series.ts";

export interface MetricsOptions {
	/** Epoch milliseconds. */
	now(): number;
	/** Different clusters; those that come after them are shown together as "other". */
	readonly clustersMax?: number;
}

/** Whose numbers they are. */
interface MeterLabels {
	readonly source: string;
	readonly connector: string;
	/** The cluster's id, or its name; absent: the source reads several, or it is not known. */
	readonly cluster?: string | undefined;
}

/** `counter`, `histogram` and `show` are for those who have series of their own: they look labels up, and are not for the hot path. */
export interface Metrics extends Series {
	meterOf(labels: MeterLabels): OpenMeter;
	/** Tells of the records of one scope, by the cluster that each is of; `origin` is the scope's, of which the counters begin at once. */
	observerOf(labels: Omit<MeterLabels, "cluster">, origin?: Origin): WatchedObserver;
	/** The value of the label "cluster" for an origin. */
	clusterOf(origin: Origin): string;
}

/** A meter with gauges of its own; they are shown until it is closed. Counters stay. */
export interface OpenMeter extends Meter {
	close(): void;
}

export interface WatchedObserver extends Observer {
	/** By the value of the label "cluster". */
	readonly heard: ReadonlyMap<string, HeardCluster>;
}

export interface HeardCluster {
	readonly origin: Origin;
	/** Time of its newest event, epoch milliseconds, never in the future; -Infinity: only other records came. */
	readonly lastEventMs: number;
}

const CLUSTERS_MAX = 200;
/** Rules and codes are ours or the settings', and few; this is for third parties. */
const RULES_MAX = 100;

export function createMetrics({ now, clustersMax = CLUSTERS_MAX }: MetricsOptions): Metrics {
	const series = createSeries();
	const clusterLabel = createLabelValues(clustersMax);
	const ruleLabel = createLabelValues(RULES_MAX);
	const open = new Set<{ readonly labels: Labels; readonly gauges: Map<string, number> }>();
	const clusterOf = (origin: Origin): string => clusterLabel(origin.clusterId ?? origin.clusterName ?? "");
	const labelsOf = ({ source, connector, cluster = "" }: MeterLabels): Labels => ({ source, connector, cluster: clusterLabel(cluster) });

	for (const name of ["watermark_seconds", "overlap_seconds"] as const) series.show(name, () => acrossScopes(open, name));
	series.show("watermark_lag_seconds", () =>
		acrossScopes(open, "watermark_seconds").map(([labels, seconds]) => [labels, Math.max(0, now() / 1000 - seconds)]),
	);

	return {
		...series,
		clusterOf,
		meterOf(whose) {
			const labels = labelsOf(whose);
			const mine = { labels, gauges: new Map<string, number>() };
			function gauge(name: string, value: number): void {
				if (!Number.isFinite(value)) return;
				mine.gauges.set(name, value);
				open.add(mine);
			}
			return { ...countersOf(series, labels), gauge, close: () => void open.delete(mine) };
		},
		observerOf: ({ source, connector }, origin) => observerOf(series, { source, connector }, origin, { now, clusterOf, ruleLabel }),
	};
}

/** A third party's loop may know names that we do not, and numbers that are none: it does no harm with them. */
function countersOf(series: Series, labels: Labels): Pick<Meter, "count" | "observe"> {
	const cells = new Map<string, Cell>();
	const spreads = new Map<string, Spread>();
	for (const [name, { kind }] of Object.entries(PULL_METRICS) as [MetricName, Metric][]) {
		if (kind === "counter") cells.set(name, series.counter(name, labels));
		if (kind === "histogram") spreads.set(name, series.histogram(name, labels));
	}
	return {
		count(name, by = 1) {
			const cell = cells.get(name);
			if (cell !== undefined && by > 0 && Number.isFinite(by)) cell.value += by;
		},
		observe(name, value) {
			if (Number.isFinite(value)) spreads.get(name)?.observe(value);
		},
	};
}

type OpenGauges = Iterable<{ readonly labels: Labels; readonly gauges: ReadonlyMap<string, number> }>;

/** A source may read a cluster in several scopes: the watermark is that of the one that lags most, the overlap the widest. */
function acrossScopes(open: OpenGauges, name: "watermark_seconds" | "overlap_seconds"): readonly Point[] {
	const points = [...open].map(({ labels, gauges }): Point => [labels, gauges.get(name) ?? Number.NaN]);
	return [...merged(points, PULL_METRICS[name].across === "least" ? Math.min : Math.max)];
}

/** The counters of one source and cluster that the observer adds to. */
interface Row {
	readonly decoded: Cell;
	readonly truncated: Cell;
	readonly bytes: Cell;
	readonly filtered: CellOf;
	readonly skipped: CellOf;
	readonly quarantined: CellOf;
	readonly redacted: CellOf;
	readonly origin: Origin;
	lastEventMs: number;
	/** When the time of an event that was filtered was looked at. */
	lookedAtMs: number;
}

/** By the value of one more label. */
type CellOf = (value: string) => Cell;

interface ObserverSurroundings {
	now(): number;
	clusterOf(origin: Origin): string;
	ruleLabel(rule: string): string;
}

/** Of filtered events, of which nobody has read the time yet, it is enough to look at one a second. */
const LOOK_MS = 1_000;

function observerOf(
	series: Series,
	source: Labels,
	first: Origin | undefined,
	{ now, clusterOf, ruleLabel }: ObserverSurroundings,
): WatchedObserver {
	const rows = new Map<string, Row>();
	const rowOf = rememberEach((origin: Origin): Row => {
		const cluster = clusterOf(origin);
		const row = rows.get(cluster) ?? newRow(series, { ...source, cluster }, origin, ruleLabel);
		rows.set(cluster, row);
		return row;
	});

	if (first !== undefined) rowOf(first);

	function seen(row: Row, timeMs: number): void {
		// A time of the future would hide that the cluster falls silent.
		if (timeMs > row.lastEventMs) row.lastEventMs = Math.max(row.lastEventMs, Math.min(timeMs, now()));
	}

	function filtered(row: Row, decoded: DecodedEvent, rule: string): void {
		row.filtered(rule).value++;
		const nowMs = now();
		if (nowMs - row.lookedAtMs < LOOK_MS) return;
		row.lookedAtMs = nowMs;
		seen(row, eventTime(decoded, nowMs).ms);
	}

	return {
		heard: rows,
		event(decoded, origin, prepared) {
			const row = rowOf(origin);
			row.decoded.value++;
			if (prepared.kind === "filtered") filtered(row, decoded, prepared.rule);
			else if (prepared.kind === "bad") row.quarantined(prepared.error.code).value++;
			else {
				seen(row, prepared.event.timeMs);
				countEncoded(row, prepared);
			}
		},
		skipped: (origin, reason) => void rowOf(origin).skipped(reason).value++,
		bad: (origin, error) => void rowOf(origin).quarantined(error.code).value++,
	};
}

function countEncoded(row: Row, { event, marks }: Extract<Prepared, { kind: "encoded" }>): void {
	row.bytes.value += event.bytes.length;
	if (marks.truncated) row.truncated.value++;
	for (const [rule, values] of marks.redacted) row.redacted(rule).value += values;
}

/** An increase can be told only from a number that was there before: what alerts look at begins at 0. */
const QUARANTINE_CODES = Object.entries(ERRORS).flatMap(([code, { stage, action }]) =>
	action === "quarantine" && stage !== "forward" ? [code] : [],
);

function newRow(series: Series, labels: Labels, origin: Origin, ruleLabel: (rule: string) => string): Row {
	const by = (name: MetricName, label: string): CellOf => {
		const cells = new Map<string, Cell>();
		return (value) => {
			const known = cells.get(value) ?? series.counter(name, { ...labels, [label]: ruleLabel(value) });
			if (cells.size < RULES_MAX) cells.set(value, known);
			return known;
		};
	};
	const quarantined = by("records_quarantined_total", "code");
	for (const code of QUARANTINE_CODES) quarantined(code);
	return {
		decoded: series.counter("events_decoded_total", labels),
		truncated: series.counter("events_truncated_total", labels),
		bytes: series.counter("bytes_encoded_total", labels),
		filtered: by("events_filtered_total", "rule"),
		skipped: by("records_skipped_total", "reason"),
		quarantined,
		redacted: by("values_redacted_total", "rule"),
		origin,
		lastEventMs: Number.NEGATIVE_INFINITY,
		lookedAtMs: Number.NEGATIVE_INFINITY,
	};
}

/** The series behind /metrics: plain numbers that the hot path adds to, and prom-client that writes them out when asked. */

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { LABELS, METRICS, type Metric } from "../../contract/meter.ts";

export type MetricName = keyof typeof METRICS;

/** Label -> value. The values are bounded by whoever makes them. */
export type Labels = Readonly<Record<string, string>>;

/** One series of a counter; whoever counts adds to it. */
export interface Cell {
	value: number;
}

/** One series of a histogram. */
export interface Spread {
	observe(value: number): void;
}

export type Point = readonly [labels: Labels, value: number];

export interface Series {
	/** The same cell for the same labels; it begins at 0 and is shown from now on. */
	counter(name: MetricName, labels: Labels): Cell;
	histogram(name: MetricName, labels: Labels): Spread;
	/** A gauge is asked for its values whenever somebody looks; one that nobody shows has none. */
	show(name: MetricName, values: () => Iterable<Point>): void;
	text(): Promise<string>;
	readonly contentType: string;
}

const PREFIX = "kube_audit_";
/** The default of 10 ms alone would cost an idle process 4 thousandths of a core. */
const EVENT_LOOP_MS = 100;

export function createSeries(): Series {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_MS });
	const counters = new Map<MetricName, Store<Cell>>();
	const histograms = new Map<MetricName, Store<Buckets>>();
	const gauges = new Map<MetricName, () => Iterable<Point>>();
	for (const [name, metric] of Object.entries(METRICS) as [MetricName, Metric][]) {
		if (metric.kind === "counter") counters.set(name, registerCounter(registry, name, metric));
		else if (metric.kind === "histogram") histograms.set(name, registerHistogram(registry, name, metric));
		else registerGauge(registry, name, metric, () => gauges.get(name)?.() ?? []);
	}
	return {
		counter: (name, labels) => find(counters.get(name), labels),
		histogram: (name, labels) => find(histograms.get(name), labels),
		show: (name, values) => void gauges.set(name, values),
		text: () => registry.metrics(),
		contentType: registry.contentType,
	};
}

/** One point for the same labels; NaN stands for what is not known, and is left out. */
export function merged(points: Iterable<Point>, merge: (a: number, b: number) => number): Iterable<Point> {
	const found = new Map<string, Point>();
	for (const [labels, value] of points) {
		if (Number.isNaN(value)) continue;
		const key = JSON.stringify(labels);
		const known = found.get(key);
		found.set(key, [labels, known === undefined ? value : merge(known[1], value)]);
	}
	return found.values();
}

/** The label names of a metric, in their order. */
function labelNamesOf({ of = "cluster", by }: Metric): readonly string[] {
	return by === undefined ? LABELS[of] : [...LABELS[of], by];
}

/** The series of one metric, by their labels' values. */
interface Store<T> {
	readonly names: readonly string[];
	readonly found: Map<string, { readonly labels: Labels; readonly series: T }>;
	make(): T;
}

function storeOf<T>(metric: Metric, make: () => T): Store<T> {
	return { names: labelNamesOf(metric), found: new Map(), make };
}

function find<T>(store: Store<T> | undefined, labels: Labels): T {
	if (store === undefined) throw new Error("a metric is of another kind than it is used for");
	const key = JSON.stringify(store.names.map((name) => labels[name]));
	const known = store.found.get(key) ?? { labels, series: store.make() };
	store.found.set(key, known);
	return known.series;
}

function registerCounter(registry: Registry, name: string, metric: Metric): Store<Cell> {
	const store = storeOf(metric, (): Cell => ({ value: 0 }));
	new Counter({
		...describe(registry, name, metric),
		collect() {
			this.reset();
			for (const { labels, series } of store.found.values()) this.inc(labels, series.value);
		},
	});
	return store;
}

function registerGauge(registry: Registry, name: string, metric: Metric, values: () => Iterable<Point>): void {
	new Gauge({
		...describe(registry, name, metric),
		collect() {
			this.reset();
			for (const [labels, value] of values()) this.set(labels, value);
		},
	});
}

function describe(registry: Registry, name: string, metric: Metric) {
	return { name: `${PREFIX}${name}`, help: metric.help, labelNames: labelNamesOf(metric), registers: [registry] };
}

/** Counts by upper bound; the last one is of what lies above all bounds. */
interface Buckets extends Spread {
	readonly counts: Float64Array;
	sum: number;
}

function createBuckets(bounds: readonly number[]): Buckets {
	const counts = new Float64Array(bounds.length + 1);
	return {
		counts,
		sum: 0,
		observe(value) {
			let place = 0;
			while (place < bounds.length && value > (bounds[place] as number)) place++;
			counts[place] = (counts[place] as number) + 1;
			this.sum += value;
		},
	};
}

/** A histogram of prom-client looks its labels up at every value, and cannot be set; so this one writes its own values. */
function registerHistogram(registry: Registry, name: string, metric: Metric): Store<Buckets> {
	const { buckets = [] } = metric;
	const store = storeOf(metric, () => createBuckets(buckets));
	const fullName = `${PREFIX}${name}`;
	const own = {
		name: fullName,
		async get() {
			const values = [...store.found.values()].flatMap(({ labels, series }) => written(fullName, buckets, labels, series));
			return { name: fullName, help: metric.help, type: "histogram", aggregator: "sum", values };
		},
	};
	registry.registerMetric(own as unknown as Gauge);
	return store;
}

function written(name: string, bounds: readonly number[], labels: Labels, { counts, sum }: Buckets): readonly object[] {
	let count = 0;
	const values: object[] = [...bounds, "+Inf"].map((le, place) => {
		count += counts[place] as number;
		return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
	});
	return [...values, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
}

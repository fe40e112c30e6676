import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../contract/errors.ts";
import { METRICS, type Meter, type Metric } from "../../contract/meter.ts";
import { createLabelValues } from "./label-values.ts";
import { createMetrics } from "./metrics.ts";
import { clusterOrigin, decodedAt, preparedAt, samplesOf, valueIn } from "./test-shown.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
const SOURCE = { source: "eks", connector: "aws-cloudwatch" };
const metricsNow = () => createMetrics({ now: () => NOW_MS });

test("a meter's counters begin at 0, add up, and stand under their labels", async () => {
	const metrics = metricsNow();
	const meter = metrics.meterOf({ ...SOURCE, cluster: "prod" });
	const labels = { ...SOURCE, cluster: "prod" };
	assert.equal(valueIn(await metrics.text(), "sweep_finds_total", labels), 0);
	meter.count("polls_total");
	meter.count("polls_total", 4);
	metrics.meterOf({ ...SOURCE, cluster: "prod" }).count("polls_total");
	metrics.meterOf({ ...SOURCE, cluster: "test" }).count("polls_total");
	const text = await metrics.text();
	assert.equal(valueIn(text, "polls_total", labels), 6);
	assert.equal(valueIn(text, "polls_total", { ...SOURCE, cluster: "test" }), 1);
	assert.equal(valueIn(await metrics.text(), "polls_total", labels), 6, "looking does not count");
});

test("every metric of the table is described, under its kind", async () => {
	const text = await metricsNow().text();
	for (const [name, { kind, help }] of Object.entries(METRICS) as [string, Metric][]) {
		assert.ok(text.includes(`# HELP kube_audit_${name} ${help}\n# TYPE kube_audit_${name} ${kind}\n`), name);
		assert.equal(kind === "counter", name.endsWith("_total"), name);
	}
	assert.match(text, /^process_cpu_seconds_total /m);
	assert.match(text, /^nodejs_heap_size_used_bytes /m);
});

test("a third party's meter cannot spoil the numbers", async () => {
	const metrics = metricsNow();
	const meter = metrics.meterOf({ ...SOURCE, cluster: "prod" });
	for (const by of [Number.NaN, -1, Number.POSITIVE_INFINITY]) meter.count("polls_total", by);
	meter.observe("delay_seconds", Number.NaN);
	meter.gauge("overlap_seconds", Number.NaN);
	(meter as unknown as { count(name: string): void }).count("constructor");
	(meter as unknown as { observe(name: string, value: number): void }).observe("polls_total", 1);
	const text = await metrics.text();
	assert.equal(valueIn(text, "polls_total"), 0);
	assert.equal(valueIn(text, "delay_seconds_count"), 0);
	assert.equal(valueIn(text, "overlap_seconds"), undefined);
});

test("a histogram's buckets add up, and quantiles lie where the values are", async () => {
	const values = fc.array(fc.oneof(fc.double({ min: 0, max: 50_000, noNaN: true }), fc.constantFrom(1, 10, 21_600)), { minLength: 1 });
	await fc.assert(
		fc.asyncProperty(values, async (delays) => {
			const metrics = metricsNow();
			const meter: Meter = metrics.meterOf(SOURCE);
			for (const delay of delays) meter.observe("delay_seconds", delay);
			const buckets = samplesOf(await metrics.text()).filter(({ name }) => name === "kube_audit_delay_seconds_bucket");
			for (const { labels, value } of buckets)
				assert.equal(value, delays.filter((delay) => delay <= Number(labels["le"]?.replace("+Inf", "Infinity"))).length);
			assert.ok(buckets.length > 10);
			assert.equal(valueIn(await metrics.text(), "delay_seconds_count"), delays.length);
		}),
		{ numRuns: 20 },
	);
});

test("the watermark of a cluster that is read in two places is the one that lags more, until that place is closed", async () => {
	const metrics = metricsNow();
	const [first, second] = [metrics.meterOf({ ...SOURCE, cluster: "prod" }), metrics.meterOf({ ...SOURCE, cluster: "prod" })];
	first.gauge("watermark_seconds", NOW_MS / 1000 - 30);
	second.gauge("watermark_seconds", NOW_MS / 1000 - 90);
	first.gauge("overlap_seconds", 120);
	second.gauge("overlap_seconds", 600);
	assert.equal(valueIn(await metrics.text(), "watermark_lag_seconds"), 90);
	assert.equal(valueIn(await metrics.text(), "overlap_seconds"), 600);
	second.close();
	assert.equal(valueIn(await metrics.text(), "watermark_lag_seconds"), 30);
	first.close();
	assert.equal(valueIn(await metrics.text(), "watermark_lag_seconds"), undefined);
	assert.equal(valueIn(await metrics.text(), "polls_total"), 0, "what was counted stays");
});

test("the lag grows with the clock while the watermark stands still", async () => {
	let nowMs = NOW_MS;
	const metrics = createMetrics({ now: () => nowMs });
	metrics.meterOf(SOURCE).gauge("watermark_seconds", NOW_MS / 1000);
	nowMs += 45_000;
	assert.equal(valueIn(await metrics.text(), "watermark_lag_seconds"), 45);
	nowMs -= 60_000;
	assert.equal(valueIn(await metrics.text(), "watermark_lag_seconds"), 0, "a clock that was set back");
});

test("an observer counts what becomes of records, by the cluster of each", async () => {
	const metrics = metricsNow();
	const observer = metrics.observerOf(SOURCE);
	const [prod, dev] = [clusterOrigin("prod"), clusterOrigin("dev")];
	observer.event(decodedAt(NOW_MS), prod, preparedAt(NOW_MS, [["secrets", 3]]));
	observer.event(decodedAt(NOW_MS), prod, preparedAt(NOW_MS, [["secrets", 1]]));
	observer.event(decodedAt(NOW_MS), dev, { kind: "filtered", rule: "reads", bytes: 7 });
	observer.event(decodedAt(NOW_MS), dev, { kind: "bad", error: new CollectorError("EVENT_UNMAPPABLE", "no") });
	observer.skipped(dev, "other-log");
	observer.bad(dev, new CollectorError("RECORD_MALFORMED", "no"));
	const text = await metrics.text();
	const at = (cluster: string, more = {}) => ({ ...SOURCE, cluster: `arn:${cluster}`, ...more });
	assert.equal(valueIn(text, "events_decoded_total", at("prod")), 2);
	assert.equal(valueIn(text, "bytes_encoded_total", at("prod")), 20);
	assert.equal(valueIn(text, "values_redacted_total", at("prod", { rule: "secrets" })), 4);
	assert.equal(valueIn(text, "events_filtered_total", at("dev", { rule: "reads" })), 1);
	assert.equal(valueIn(text, "records_skipped_total", at("dev", { reason: "other-log" })), 1);
	assert.equal(valueIn(text, "records_quarantined_total", at("dev", { code: "EVENT_UNMAPPABLE" })), 1);
	assert.equal(valueIn(text, "records_quarantined_total", at("dev", { code: "RECORD_MALFORMED" })), 1);
	assert.equal(valueIn(text, "records_quarantined_total", at("prod", { code: "RECORD_MALFORMED" })), 0, "there before the first");
});

test("the newest event of a cluster is remembered, never in the future, filtered ones too", () => {
	let nowMs = NOW_MS;
	const { heard, ...observer } = createMetrics({ now: () => nowMs }).observerOf(SOURCE);
	const origin = clusterOrigin("prod");
	const last = () => heard.get("arn:prod")?.lastEventMs;
	observer.skipped(origin, "other-log");
	assert.equal(last(), Number.NEGATIVE_INFINITY);
	observer.event(decodedAt(NOW_MS), origin, preparedAt(NOW_MS - 5_000));
	observer.event(decodedAt(NOW_MS), origin, preparedAt(NOW_MS - 9_000));
	assert.equal(last(), NOW_MS - 5_000);
	observer.event(decodedAt(NOW_MS - 2_000), origin, { kind: "filtered", rule: "reads", bytes: 1 });
	assert.equal(last(), NOW_MS - 2_000);
	nowMs += 1_000;
	observer.event(decodedAt(NOW_MS), origin, preparedAt(Date.parse("2099-01-01T00:00:00Z")));
	assert.equal(last(), nowMs);
});

test("names of clusters are bounded in number and length, and can be anything", async () => {
	const metrics = createMetrics({ now: () => NOW_MS, clustersMax: 10 });
	const observer = metrics.observerOf(SOURCE);
	const hostile = ["\ud800", "\udfff", 'a"} 1\nx 2', "\\", "\u0007", "__proto__", "x".repeat(1_000_000)];
	for (const name of [...hostile, ...Array.from({ length: 50 }, (_, i) => `c${i}`)]) observer.skipped(clusterOrigin(name), "other-log");
	const found = samplesOf(await metrics.text()).filter(({ name }) => name === "kube_audit_records_skipped_total");
	const clusters = new Set(found.map(({ labels }) => labels["cluster"]));
	assert.equal(
		found.reduce((sum, { value }) => sum + value, 0),
		57,
	);
	assert.ok(clusters.size <= 11 && clusters.has("other"), String(clusters.size));
	assert.ok([...clusters].every((cluster = "") => cluster.length <= 210));
});

test("a name keeps its value, and what comes too late is other", () => {
	const valueFor = createLabelValues(2);
	assert.deepEqual(["a", "b", "c", "a", "c"].map(valueFor), ["a", "b", "other", "a", "other"]);
});

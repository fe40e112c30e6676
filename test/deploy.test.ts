/** What is shipped beside the program holds together with it: dashboard and alerts with /metrics, the Dockerfile with the build. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { createMemoryCheckpoints } from "../src/checkpoint/memory.ts";
import type { Connector } from "../src/contract/connector.ts";
import { CollectorError, ERRORS } from "../src/contract/errors.ts";
import { METRICS } from "../src/contract/meter.ts";
import type { SendResult, Sink } from "../src/contract/sink.ts";
import { createGate } from "../src/pipeline/gate.ts";
import { createLookout } from "../src/run/outside/lookout.ts";
import { clusterOrigin, decodedAt, encodedAt, preparedAt, type Sample, samplesOf } from "../src/run/outside/test-shown.ts";
import type { SourcePlan } from "../src/run/source-runner.ts";
import { readQuery, type Selector } from "./promql.ts";
import { ROOT } from "./source-files.ts";

const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const NOW_MS = Date.parse("2026-11-23T12:00:00Z");

/** /metrics of a collector to which everything has happened once, through what the service itself uses. */
async function everything(): Promise<readonly Sample[]> {
	const lookout = createLookout({ now: () => NOW_MS, redact: (text) => text, silenceAfterMs: () => 60_000, onSilence() {} });
	const plan = { id: "eks", connector: { name: "aws-cloudwatch" } as Connector, timing: {} } as SourcePlan;
	const scope = { name: "prod", origin: clusterOrigin("prod") };
	const watch = lookout.watch(plan, scope);
	const meter = lookout.meterOf(plan, scope.origin);
	const observer = lookout.observerOf(plan, scope);
	meter.gauge("overlap_seconds", 120);
	meter.observe("delay_seconds", 3);
	watch.settled(NOW_MS);
	watch.reconciled({ fromMs: NOW_MS - 1, untilMs: NOW_MS, expected: 2, delivered: 1, found: 0, missing: 1, gaps: [] });
	watch.notReconciled(new CollectorError("ACCESS_DENIED", "x"));
	for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
		const error = new CollectorError(code, "x");
		watch.state(ERRORS[code].action === "park" ? { kind: "parked", error, waitMs: 1 } : { kind: "stopped", error });
	}
	watch.state({ kind: "stopped", error: new CollectorError("CHECKPOINT_CONFLICT", "x") });
	observer.event(decodedAt(NOW_MS), scope.origin, preparedAt(NOW_MS, [["secrets", 1]]));
	observer.event(decodedAt(NOW_MS), scope.origin, { kind: "filtered", rule: "reads", bytes: 1 });
	observer.skipped(scope.origin, "other-log");
	await sendAll(
		lookout.sink(
			sinkOf([
				{ status: "settled", rejected: [] },
				{ status: "retry", error: new CollectorError("SINK_THROTTLED", "x") },
			]),
		),
	);
	await lookout.store(createMemoryCheckpoints()).save({ source: "eks", scope: "prod", tier: "fast" }, { v: 1 }, undefined);
	lookout.gate(createGate({ batchesMax: 1, bytesMax: 1 }));
	return samplesOf(await lookout.metrics.text());
}

function sinkOf(answers: SendResult[]): Sink {
	return { name: "lake", send: async () => answers.shift() as SendResult, async [Symbol.asyncDispose]() {} };
}

async function sendAll(sink: Sink): Promise<void> {
	for (const attempt of [1, 2])
		await sink.send({ events: [encodedAt(1)], source: "eks", partition: "prod", firstSeq: 1, attempt }, AbortSignal.any([]));
}

interface Rule {
	readonly alert: string;
	readonly expr: string;
	readonly for?: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
}

const RULES = (parse(read("deploy/prometheus/alerts.yaml")) as { groups: { name: string; rules: Rule[] }[] }).groups.flatMap(
	({ rules }) => rules,
);

interface Panel {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
	readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}
interface Variable {
	readonly name: string;
	readonly type: string;
	readonly definition?: string;
}

const DASHBOARD = JSON.parse(read("deploy/grafana/kube-audit.json")) as {
	readonly panels: readonly Panel[];
	readonly templating: { readonly list: readonly Variable[] };
};
const TARGETS = DASHBOARD.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
const VARIABLES = new Set([...DASHBOARD.templating.list.map(({ name }) => name), "__rate_interval", "__range"]);
/** Grafana puts a duration in for its own; its variables stand in texts only. */
const inPromql = (expr: string): string => expr.replace(/\$__(?:rate_interval|range)\b/g, "5m");

/** What Prometheus itself adds to every series. */
const OF_PROMETHEUS = ["job", "instance"];

const SAMPLES = await everything();
const labelsOf = (metric: string): ReadonlySet<string> =>
	new Set([...SAMPLES.filter(({ name }) => name === metric).flatMap(({ labels }) => Object.keys(labels)), ...OF_PROMETHEUS]);

/** What is wrong with the labels of a selector; a text that is compared for equality must be one that occurs. */
function faultsOf({ metric, matchers }: Selector): readonly string[] {
	const series = SAMPLES.filter(({ name }) => name === metric);
	if (series.length === 0) return [`no metric ${metric}`];
	return matchers.flatMap(({ label, operator, value }) => {
		if (!labelsOf(metric).has(label)) return [`${metric} has no label ${label}`];
		const isVariable = value.startsWith("$");
		if (isVariable ? !VARIABLES.has(value.slice(1)) : operator === "=" && !series.some(({ labels }) => labels[label] === value))
			return [`${metric} never has ${label}="${value}"`];
		return [];
	});
}

function queryFaults(expr: string): readonly string[] {
	const { selectors, groupings } = readQuery(inPromql(expr));
	const known = new Set(selectors.flatMap(({ metric }) => [...labelsOf(metric)]));
	return [
		...selectors.flatMap(faultsOf),
		...groupings.filter((label) => !known.has(label)).map((label) => `no label ${label} to group by`),
	];
}

/** The labels that the result of an expression has. */
function labelsLeft(expr: string): ReadonlySet<string> {
	const { selectors, by } = readQuery(inPromql(expr));
	return new Set(by.length > 0 ? by : selectors.flatMap(({ metric }) => [...labelsOf(metric)]));
}

test("a collector to which everything has happened shows every metric of the table", () => {
	const shown = new Set(SAMPLES.map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, "")));
	assert.deepEqual(
		Object.keys(METRICS).filter((name) => !shown.has(`kube_audit_${name}`)),
		[],
	);
});

test("what dashboard and alerts ask for exists in /metrics, with these labels and values", () => {
	const exprs = [...TARGETS.map(({ expr }) => expr), ...RULES.map(({ expr }) => expr)];
	assert.ok(exprs.length > 50);
	for (const expr of exprs) assert.deepEqual(queryFaults(expr), [], expr);
});

test("the test sees a wrong name, a wrong label, a wrong value and a wrong grouping", () => {
	for (const expr of [
		"rate(kube_audit_event_decoded_total[5m])",
		'kube_audit_source_state{status="parked"}',
		'kube_audit_source_state{state="asleep"}',
		'kube_audit_source_state{source=~"$sauce"}',
		"sum by (clutser) (kube_audit_source_state)",
	])
		assert.equal(queryFaults(expr).length, 1, expr);
	for (const expr of ["rat(kube_audit_polls_total[5m])", "sum(kube_audit_polls_total", "sum by (source)", "a ? b", 'x{y~"z"}'])
		assert.throws(() => readQuery(expr), expr);
});

test("every metric of the table is on the dashboard or in an alert", () => {
	const asked = new Set(
		[...TARGETS, ...RULES].flatMap(({ expr }) => readQuery(inPromql(expr)).selectors.map(({ metric }) => metric.replace(/_bucket$/, ""))),
	);
	const unseen = Object.keys(METRICS).filter((name) => !asked.has(`kube_audit_${name}`));
	// These are what others are computed from.
	assert.deepEqual(unseen, ["watermark_seconds", "last_event_seconds"]);
});

test("the dashboard's panels lie side by side, and legends and variables name labels that are there", () => {
	const { panels, templating } = DASHBOARD;
	assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
	for (const [i, a] of panels.entries()) {
		const { x, y, w, h } = a.gridPos;
		assert.ok(x >= 0 && x + w <= 24, a.title);
		for (const { title, gridPos: b } of panels.slice(i + 1))
			assert.ok(x >= b.x + b.w || b.x >= x + w || y >= b.y + b.h || b.y >= y + h, `${a.title} lies over ${title}`);
	}
	for (const { title, expr, legendFormat } of TARGETS) {
		for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
			assert.ok(labelsLeft(expr).has(label as string), `${title}: ${legendFormat}`);
	}
	for (const { name, type, definition = "" } of templating.list.filter((variable) => variable.type === "query")) {
		const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
		assert.ok(labelsOf(metric).has(label) && label === name, `${name} ${type}`);
	}
});

test("every alert is named once, says how grave it is, and tells of labels that it has", () => {
	assert.equal(new Set(RULES.map(({ alert }) => alert)).size, RULES.length);
	for (const { alert, expr, for: duration = "0s", labels, annotations } of RULES) {
		assert.match(alert, /^KubeAudit[A-Za-z]+$/);
		assert.match(duration, /^\d+[smh]$/, alert);
		assert.ok(["info", "warning", "critical"].includes(labels["severity"] ?? ""), alert);
		for (const name of ["summary", "description"]) assert.match(annotations[name] ?? "", /\.$/, `${alert} ${name}`);
		for (const [, label] of Object.values(annotations)
			.join(" ")
			.matchAll(/\$labels\.(\w+)/g))
			assert.ok(labelsLeft(expr).has(label as string), `${alert}: ${label}`);
	}
});

test("what must wake somebody up has an alert", () => {
	const asked = RULES.map(({ expr }) => expr).join("\n");
	for (const part of [
		'state="parked"',
		'state="stopped"',
		"watermark_lag_seconds",
		"sweep_finds_total",
		"reconcile_missing_records",
		"records_quarantined_total",
		"cluster_silent",
		'code="CHECKPOINT_CONFLICT"',
		"throttles_total",
		"gaps_total",
	])
		assert.ok(asked.includes(part), part);
});

/** One instruction of a Dockerfile, with its lines put together. */
interface Instruction {
	readonly name: string;
	readonly rest: string;
}

const DOCKERFILE: readonly Instruction[] = read("Dockerfile")
	.split("\n")
	.filter((line) => !/^\s*(#|$)/.test(line))
	.join("\n")
	.replace(/\\\n\s*/g, " ")
	.split("\n")
	.map((line) => ({ name: line.split(" ", 1)[0] as string, rest: line.slice(line.indexOf(" ") + 1).trim() }));
const LAST_FROM = DOCKERFILE.findLastIndex(({ name }) => name === "FROM");
const BUILD = DOCKERFILE.slice(0, LAST_FROM);
const RUNTIME = DOCKERFILE.slice(LAST_FROM);
const only = (instructions: readonly Instruction[], wanted: string): string => {
	const found = instructions.filter(({ name }) => name === wanted);
	assert.equal(found.length, 1, wanted);
	return found[0]?.rest as string;
};
const listOf = (exec: string): readonly string[] => {
	const list = JSON.parse(exec) as unknown;
	assert.ok(Array.isArray(list) && list.length > 0 && list.every((part) => typeof part === "string"), exec);
	return list as string[];
};

test("the image runs in stages from images that no registry host is named for", () => {
	const args = DOCKERFILE.filter(({ name }) => name === "ARG").map(({ rest }) => rest.split("=") as [string, string]);
	const froms = DOCKERFILE.filter(({ name }) => name === "FROM").map(({ rest }) => rest.split(" ")[0] as string);
	assert.ok(froms.length > 1);
	for (const from of froms) {
		const image = from.replace(/^\$\{(\w+)\}$/, (_, name: string) => new Map(args).get(name) ?? "");
		assert.match(image, /^node:24(-[a-z0-9]+)?$/, from);
	}
});

test("the image does not run as root, needs no shell, and starts as the program's first line says", () => {
	const [user, group] = only(RUNTIME, "USER").split(":");
	for (const id of [user, group]) assert.ok(/^\d+$/.test(id ?? "") && Number(id) > 0, `by number, and not 0: ${id}`);
	assert.deepEqual(
		RUNTIME.filter(({ name }) => name === "RUN"),
		[],
		"nothing is run that would need a shell",
	);
	const flags = (read("src/main.ts").split("\n", 1)[0] as string).replace("#!/usr/bin/env -S node ", "").split(" ");
	assert.deepEqual(listOf(only(RUNTIME, "ENTRYPOINT")), ["node", ...flags, "/app/dist/src/main.js"]);
	listOf(only(RUNTIME, "CMD"));
	listOf(only(RUNTIME, "VOLUME"));
});

test("the health check is node itself, and asks where the settings listen by default", () => {
	const [, command] = /^(?:--[a-z-]+=\S+ )*CMD (.*)$/.exec(only(RUNTIME, "HEALTHCHECK").replace(/\s+/g, " ")) ?? [];
	const [program, script, address = ""] = listOf(command ?? "");
	assert.deepEqual([program, script], ["node", "/app/dist/src/run/outside/healthcheck.js"]);
	const port = new URL(address).port;
	assert.equal(only(RUNTIME, "EXPOSE"), port);
	assert.ok(read("src/run/config/config-shape.ts").includes(`"0.0.0.0:${port}"`));
	assert.ok(read("src/run/outside/healthcheck.ts").includes(address));
});

test("what the image copies is there: in the checkout and not ignored, or built before", () => {
	const allowed = read(".dockerignore")
		.split("\n")
		.filter((line) => line.startsWith("!"))
		.map((line) => line.slice(1));
	const copies = DOCKERFILE.filter(({ name }) => name === "COPY").map(({ rest }) => rest.split(" "));
	for (const parts of copies) {
		const sources = parts.filter((part) => !part.startsWith("--")).slice(0, -1);
		const isBuilt = parts.some((part) => part.startsWith("--from="));
		for (const source of sources) {
			if (isBuilt) assert.ok(["/app/node_modules", "/app/dist", "/data"].includes(source), source);
			else assert.ok(existsSync(join(ROOT, source)) && allowed.includes(source), source);
		}
	}
	const built = BUILD.filter(({ name }) => name === "RUN").map(({ rest }) => rest);
	assert.ok(built.some((run) => run === "npm run build") && built.some((run) => run.includes("mkdir /data")));
	for (const [script] of read("Dockerfile").matchAll(/\/app\/dist\/[\w/.-]+\.js/g))
		assert.ok(existsSync(join(ROOT, script.replace("/app/dist/", "").replace(/\.js$/, ".ts"))), script);
});

test("what the build reads is in the image's build stage", () => {
	const { include } = JSON.parse(read("tsconfig.build.json")) as { include: string[] };
	const copied = BUILD.filter(({ name }) => name === "COPY").flatMap(({ rest }) => rest.split(" ").slice(0, -1));
	for (const needed of [...include, "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"])
		assert.ok(copied.includes(needed), needed);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { containersOf } from "./containers.ts";

const of = (value: unknown): unknown => {
	const found = containersOf({ raw: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)) });
	return found && (JSON.parse(JSON.stringify(found)) as unknown);
};

const SPEC = {
	initContainers: [{ name: "init", image: "busybox" }],
	containers: [{ name: "main", image: "registry.example.com/web@sha256:abc" }, { name: "bare" }],
	ephemeralContainers: [{ name: "debug", image: "alpine:3" }],
};
const FOUND = [
	{ name: "init", orchestrator: "Kubernetes", image: { name: "busybox", uid: "busybox" } },
	{ name: "main", orchestrator: "Kubernetes", image: { name: "registry.example.com/web@sha256:abc", uid: "sha256:abc" } },
	{ name: "bare", orchestrator: "Kubernetes" },
	{ name: "debug", orchestrator: "Kubernetes", image: { name: "alpine:3", uid: "alpine:3" } },
];

test("containers of pods, workloads, cron jobs and pod templates", () => {
	const template = { spec: SPEC };
	for (const body of [
		{ kind: "Pod", spec: SPEC },
		{ kind: "Deployment", spec: { template } },
		{ kind: "CronJob", spec: { jobTemplate: { spec: { template } } } },
		{ kind: "PodTemplate", template },
	]) {
		assert.deepEqual(of(body), FOUND, body.kind);
	}
});

test("a patch that names one list only", () => {
	for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
		assert.deepEqual(of({ spec: { [list]: [{ name: "x" }] } }), [{ name: "x", orchestrator: "Kubernetes" }], list);
	}
});

test("what is odd is passed over", () => {
	const odd = [null, "x", 5, [], {}, { name: 5 }, { image: "x" }];
	assert.deepEqual(of({ spec: { containers: [...odd, { name: "a", image: "" }, { name: "b", image: 5 }] } }), [
		{ name: "a", orchestrator: "Kubernetes" },
		{ name: "b", orchestrator: "Kubernetes" },
	]);
	for (const containers of [null, {}, "x", [[]], odd]) assert.equal(of({ spec: { containers } }), undefined);
	for (const body of [
		{ spec: null },
		{ spec: [{ containers: [{ name: "a" }] }] },
		[{ spec: SPEC }],
		"containers",
		'"a \\"containers\\""',
	]) {
		assert.equal(of(body), undefined);
	}
	assert.equal(containersOf(undefined), undefined);
});

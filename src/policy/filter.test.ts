import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AuditEvent } from "../contract/audit-event.ts";
import { CollectorError } from "../contract/errors.ts";
import { createFilter, type Filtered } from "./filter.ts";
import { FILTER_PRESETS } from "./filter-presets.ts";

const OK: AuditEvent = { stage: "ResponseComplete", responseStatus: { code: 200 } };
const by = (username: string): AuditEvent => ({ ...OK, user: { username } });
const KUBELET = "system:node:node-1";
const CONTROLLER_ACCOUNT = "system:serviceaccount:kube-system:replicaset-controller";
const on = (verb: string, resource: string, apiGroup?: string, more: Record<string, string> = {}): AuditEvent => ({
	verb,
	objectRef: { resource, ...(apiGroup === undefined ? {} : { apiGroup }), ...more },
});
const path = (requestURI: string, verb = "get"): AuditEvent => ({ verb, requestURI });

/** Preset, what it drops, what it keeps. */
const cases: Record<string, { readonly drops: readonly AuditEvent[]; readonly keeps: readonly AuditEvent[] }> = {
	leases: {
		drops: [
			{ ...by("system:kube-scheduler"), ...on("update", "leases", "coordination.k8s.io") },
			{ ...by("jane"), ...on("patch", "leases", "coordination.k8s.io") },
		],
		keeps: [
			{ ...by("jane"), ...on("delete", "leases", "coordination.k8s.io") },
			{ ...by("jane"), ...on("create", "leases", "coordination.k8s.io") },
			{ ...by("jane"), ...on("update", "leases", "example.com") },
			{ ...by("jane"), ...on("update", "leases") },
		],
	},
	"node-status": {
		drops: [
			{ ...by(KUBELET), ...on("patch", "nodes", "", { name: "node-1", subresource: "status" }) },
			{ ...by(KUBELET), ...on("get", "nodes", undefined, { name: "node-1" }) },
		],
		keeps: [
			{ ...by(KUBELET), ...on("patch", "nodes", "", { name: "node-2", subresource: "status" }) },
			{ ...by(KUBELET), ...on("patch", "nodes", "", { name: "node-1" }) },
			{ ...by("jane"), ...on("patch", "nodes", "", { name: "node-1", subresource: "status" }) },
		],
	},
	"health-checks": {
		drops: [
			{ ...by("system:anonymous"), ...path("/healthz") },
			{ ...by("x"), ...path("/readyz/etcd?verbose") },
			{ ...by("x"), ...path("/livez") },
		],
		keeps: [
			{ ...by("x"), ...path("/healthzz") },
			{ ...by("x"), ...path("/healthz", "post") },
			{ ...by("x"), ...path("/readyz/../api"), objectRef: {} },
		],
	},
	"controller-watch-noise": {
		drops: [
			{ ...by(CONTROLLER_ACCOUNT), ...on("watch", "pods") },
			{ ...by(KUBELET), ...on("get", "configmaps") },
			{ ...by("system:kube-controller-manager"), ...on("list", "x", "y") },
		],
		keeps: [
			{ ...by(CONTROLLER_ACCOUNT), ...on("delete", "pods") },
			{ ...by(CONTROLLER_ACCOUNT), ...on("list", "secrets") },
			{ ...by(KUBELET), ...on("get", "pods", "", { subresource: "exec" }) },
			{ ...by("system:serviceaccount:evil:replicaset-controller"), ...on("list", "pods") },
			{ ...by("jane"), ...on("list", "pods") },
		],
	},
	"read-only-discovery": {
		drops: [
			{ ...by("jane"), ...path("/apis?timeout=32s") },
			{ ...by("jane"), ...path("/openapi/v3/apis/apps/v1") },
			{ ...by("jane"), ...path("/version") },
		],
		keeps: [
			{ ...by("system:anonymous"), ...path("/version") },
			{ ...by("jane"), ...path("/versionx") },
			{ ...by("jane"), ...path("/api", "post") },
			{ ...by("jane"), ...path("/logs/x") },
		],
	},
	"metrics-scrapes": { drops: [{ ...by("prom"), ...path("/metrics/slis") }], keeps: [{ ...by("system:anonymous"), ...path("/metrics") }] },
	events: {
		drops: [
			{ ...by(KUBELET), ...on("create", "events") },
			{ ...by("jane"), ...on("watch", "events", "events.k8s.io") },
		],
		keeps: [
			{ ...by("jane"), ...on("create", "events") },
			{ ...by(KUBELET), ...on("delete", "events") },
			{ ...by("jane"), ...on("deletecollection", "events") },
		],
	},
	"self-subject-reviews": {
		drops: [{ ...by("jane"), ...on("create", "selfsubjectaccessreviews", "authorization.k8s.io") }],
		keeps: [
			{ ...by("jane"), ...on("create", "subjectaccessreviews", "authorization.k8s.io") },
			{ ...by("jane"), ...on("create", "selfsubjectaccessreviews", "x") },
		],
	},
	"component-reviews": {
		drops: [{ ...by(KUBELET), ...on("create", "tokenreviews", "authentication.k8s.io") }],
		keeps: [{ ...by("jane"), ...on("create", "tokenreviews", "authentication.k8s.io") }],
	},
};

test("every preset has its cases", () => assert.deepEqual(Object.keys(cases).sort(), FILTER_PRESETS.map(({ name }) => name).sort()));

for (const [preset, { drops, keeps }] of Object.entries(cases))
	test(preset, () => {
		const filter = createFilter({ presets: [preset] });
		const dropped: Filtered = { action: "drop", rule: preset };
		for (const event of drops) {
			assert.deepEqual(filter(event), dropped, JSON.stringify(event));
			const variants: AuditEvent[] = [
				{ ...event, responseStatus: { code: 403 } },
				{ ...event, responseStatus: { code: 500 } },
				{ ...event, impersonatedUser: { username: "x" } },
				{ ...event, stage: "Panic", responseStatus: {} },
			];
			for (const variant of variants) assert.deepEqual(filter(variant), { action: "keep" }, JSON.stringify(variant));
			const { responseStatus: _, ...coded } = event;
			const google: AuditEvent = { ...coded, annotations: { "authorization.k8s.io/decision": "allow" } };
			assert.deepEqual([filter(google, 0).action, filter(google, 7).action], ["drop", "keep"]);
			assert.equal(filter({ ...coded, stage: "RequestReceived" }).action, "drop");
			const { user: _user, ...unnamed } = event;
			assert.equal(filter(unnamed).action, "keep");
		}
		for (const event of keeps) assert.deepEqual(filter(event), { action: "keep" }, JSON.stringify(event));
	});

test("no preset hides what a person or a service account changed, but for leases", () => {
	const filter = createFilter({ presets: FILTER_PRESETS.map(({ name }) => name) });
	const events = fc.record({
		stage: fc.constant("ResponseComplete"),
		responseStatus: fc.constant({ code: 200 }),
		verb: fc.constantFrom("create", "update", "patch", "delete", "deletecollection", "post", "put"),
		user: fc.record({
			username: fc.constantFrom(
				"jane",
				"system:anonymous",
				"system:serviceaccount:kube-system:x-controller",
				"system:serviceaccount:a:b",
				"system:admin",
			),
		}),
		requestURI: fc.constantFrom("/api/v1/pods", "/healthz", "/version", "/metrics"),
		objectRef: fc.record({
			resource: fc.constantFrom("pods", "nodes", "events", "leases", "secrets", "tokenreviews", "subjectaccessreviews"),
			apiGroup: fc.constantFrom("", "coordination.k8s.io", "events.k8s.io", "authentication.k8s.io"),
			name: fc.constantFrom("a", "node-1"),
			subresource: fc.option(fc.constantFrom("status", "exec"), { nil: undefined }),
		}),
	});
	fc.assert(
		fc.property(events, fc.boolean(), (event, isResource) => {
			const { objectRef, ...rest } = event;
			const filtered = filter((isResource ? event : rest) as AuditEvent);
			assert.ok(filtered.action === "keep" || objectRef.resource === "leases", JSON.stringify(event));
		}),
		{ numRuns: 2_000 },
	);
});

test("an unknown preset is refused, with those that are known", () => {
	assert.throws(
		() => createFilter({ presets: ["lease"] }),
		(error) => error instanceof CollectorError && error.code === "CONFIG_INVALID" && error.message.includes("leases"),
	);
});

test("a filter that was asked for nothing keeps everything", () => assert.deepEqual(createFilter({})({}), { action: "keep" }));

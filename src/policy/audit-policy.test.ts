import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEvent } from "../contract/audit-event.ts";
import { CollectorError } from "../contract/errors.ts";
import { createAuditPolicy } from "./audit-policy.ts";
import { createFilter } from "./filter.ts";
import { bodyOf, decodedOf } from "./test-events.ts";

const policyOf = (rules: readonly object[], more: object = {}): object => ({
	apiVersion: "audit.k8s.io/v1",
	kind: "Policy",
	rules,
	...more,
});
const KEEP_REST = { level: "RequestResponse" };
const EVENT: AuditEvent = {
	level: "RequestResponse",
	stage: "ResponseComplete",
	verb: "get",
	requestURI: "/api/v1/namespaces/a/pods/p/log?follow=true",
	user: { username: "jane", groups: ["dev", "system:authenticated"] },
	impersonatedUser: { username: "admin", groups: ["system:masters"] },
	objectRef: { resource: "pods", subresource: "log", namespace: "a", name: "p" },
};
const URL_EVENT: AuditEvent = {
	stage: "ResponseComplete",
	verb: "get",
	requestURI: "/healthz/et%63d?x=1",
	user: { username: "jane", groups: [] },
};

/** Whether a rule with this, and level None, drops the event. */
const cases: readonly (readonly [string, object, AuditEvent, boolean])[] = [
	["no condition", {}, EVENT, true],
	["the user", { users: ["bob", "jane"] }, EVENT, true],
	["another user", { users: ["bob"] }, EVENT, false],
	["the user who was authenticated, not the one who was impersonated", { users: ["admin"] }, EVENT, false],
	["a group", { userGroups: ["dev"] }, EVENT, true],
	["another group", { userGroups: ["system:masters"] }, EVENT, false],
	["the verb", { verbs: ["list", "get"] }, EVENT, true],
	["another verb", { verbs: ["list"] }, EVENT, false],
	["a resource alone is not its subresource", { resources: [{ group: "", resources: ["pods"] }] }, EVENT, false],
	["resource and subresource", { resources: [{ group: "", resources: ["pods/log"] }] }, EVENT, true],
	["all subresources of a resource", { resources: [{ resources: ["pods/*"] }] }, EVENT, true],
	[
		"a resource with all its subresources is itself, too",
		{ resources: [{ resources: ["pods/*"] }] },
		{ ...EVENT, objectRef: { resource: "pods" } },
		true,
	],
	["a subresource of all resources", { resources: [{ resources: ["*/log"] }] }, EVENT, true],
	["another subresource of all resources", { resources: [{ resources: ["*/status"] }] }, EVENT, false],
	["everything", { resources: [{ group: "", resources: ["*"] }] }, EVENT, true],
	["a whole group", { resources: [{ group: "" }] }, EVENT, true],
	["another group of resources", { resources: [{ group: "apps" }] }, EVENT, false],
	["a name", { resources: [{ resources: ["pods/log"], resourceNames: ["p"] }] }, EVENT, true],
	["another name", { resources: [{ resources: ["pods/log"], resourceNames: ["q"] }] }, EVENT, false],
	["the namespace", { namespaces: ["b", "a"] }, EVENT, true],
	["another namespace", { namespaces: ["b"] }, EVENT, false],
	["no namespace", { namespaces: [""] }, { ...EVENT, objectRef: { resource: "nodes" } }, true],
	["namespaces never match what is no resource", { namespaces: [""] }, URL_EVENT, false],
	["a path", { nonResourceURLs: ["/healthz/etcd"] }, URL_EVENT, true],
	["the beginning of a path", { nonResourceURLs: ["/healthz*"] }, URL_EVENT, true],
	["all paths", { nonResourceURLs: ["*"] }, URL_EVENT, true],
	["another path", { nonResourceURLs: ["/healthz", "/version*"] }, URL_EVENT, false],
	["paths never match a resource", { nonResourceURLs: ["*"] }, EVENT, false],
	["the stage", { level: "RequestResponse", omitStages: ["ResponseComplete"] }, EVENT, true],
	["another stage", { level: "RequestResponse", omitStages: ["RequestReceived"] }, EVENT, false],
	["groups that the event does not tell", { userGroups: ["dev"] }, { ...EVENT, user: { username: "jane" } }, false],
	["a user that the event does not tell", { users: ["jane"] }, { ...EVENT, user: {} }, false],
	["a verb that the event does not tell", { verbs: ["get"] }, { stage: "ResponseComplete" }, false],
	["a resource that the event does not tell", { resources: [{ group: "" }] }, { verb: "get" }, false],
	["a path that the event does not tell", { nonResourceURLs: ["*"] }, { verb: "get" }, false],
];
for (const [name, rule, event, isDropped] of cases)
	test(`${isDropped ? "drops" : "keeps"} by ${name}`, () => {
		const allowed = createAuditPolicy(policyOf([{ level: "None", ...rule }, KEEP_REST]))(event);
		assert.equal(allowed.level, isDropped ? "None" : "RequestResponse");
		if (isDropped) assert.equal(allowed.rule, "policy:1");
	});

test("a rule that keeps and may match protects from those that drop after it", () => {
	const allow = createAuditPolicy(policyOf([{ level: "Metadata", userGroups: ["system:masters"] }, { level: "None" }]));
	assert.equal(allow(EVENT).level, "None");
	assert.equal(allow({ ...EVENT, user: { username: "jane" } }).level, "Metadata");
});

test("no rule, no event; the policy's own stages count for every rule", () => {
	const allow = createAuditPolicy(policyOf([{ level: "Metadata", users: ["bob"] }], { omitStages: ["Panic"] }));
	assert.deepEqual(allow(EVENT), { rule: "policy:no-match", level: "None", omitManagedFields: false });
	assert.deepEqual(allow({ ...EVENT, stage: "Panic", user: { username: "bob" } }).level, "None");
});

const BODY = {
	kind: "PodList",
	metadata: { managedFields: [1] },
	items: [{ metadata: { name: "x", managedFields: [2] } }],
	rows: [{ object: { metadata: { managedFields: 3 } } }],
	spec: { metadata: { managedFields: 4 } },
};
const withBodies = decodedOf({
	verb: "get",
	user: { username: "jane" },
	objectRef: { resource: "pods" },
	level: "RequestResponse",
	requestObject: BODY,
	responseObject: { a: 1 },
}).event;

test("bodies go that the level does not allow, and the rest stays, the level as the source wrote it included", () => {
	const at = (level: string, more = {}) => createFilter({ policy: policyOf([{ level, ...more }]) })(withBodies);
	assert.deepEqual(at("RequestResponse"), { action: "keep" });
	const { requestObject, responseObject, ...head } = withBodies;
	assert.deepEqual(at("Request"), { action: "reduce", rule: "policy:1", event: { ...head, requestObject } });
	assert.deepEqual(at("Metadata"), { action: "reduce", rule: "policy:1", event: head });
	assert.deepEqual(at("None"), { action: "drop", rule: "policy:1" });
	assert.deepEqual(createFilter({ policy: policyOf([{ level: "Metadata" }]) })(head), { action: "keep" });
});

test("managed fields go where they are bookkeeping, and nowhere else; a rule overrides the policy", () => {
	const filtered = createFilter({ policy: policyOf([KEEP_REST], { omitManagedFields: true }) })(withBodies);
	assert.ok(filtered.action === "reduce");
	const expected = {
		kind: "PodList",
		metadata: {},
		items: [{ metadata: { name: "x" } }],
		rows: [{ object: { metadata: {} } }],
		spec: { metadata: { managedFields: 4 } },
	};
	assert.deepEqual([JSON.parse(bodyOf(filtered.event)), filtered.event.responseObject], [expected, withBodies.responseObject]);
	const kept = createFilter({ policy: policyOf([{ ...KEEP_REST, omitManagedFields: false }], { omitManagedFields: true }) })(withBodies);
	assert.equal(kept.action, "keep");
});

const faults: readonly (readonly [string, unknown, RegExp])[] = [
	["no mapping", [], /the file must be a mapping/],
	["another kind", { apiVersion: "v1", kind: "Pod" }, /unknown field|must begin/],
	["another version", { apiVersion: "audit.k8s.io/v2", kind: "Policy", rules: [{ level: "None" }] }, /audit\.k8s\.io\/v1/],
	["no rules", policyOf([]), /at least one rule/],
	["no level", policyOf([{}]), /rules\[0\]\.level must be one of None/],
	["a wrong level", policyOf([{ level: "None" }, { level: "metadata" }]), /rules\[1\]\.level/],
	["an unknown field", policyOf([{ level: "None", user: ["x"] }]), /unknown field "user"; known are level/],
	["a list that is none", policyOf([{ level: "None", verbs: "get" }]), /rules\[0\]\.verbs must be a list/],
	["a list of numbers", policyOf([{ level: "None", users: [1] }]), /rules\[0\]\.users must be a list of strings/],
	["a stage that is none", policyOf([{ level: "None", omitStages: ["Started"] }]), /omitStages may hold RequestReceived/],
	["a group with a version", policyOf([{ level: "None", resources: [{ group: "apps/v1" }] }]), /rules\[0\]\.resources\[0\]\.group/],
	[
		"names without resources",
		policyOf([{ level: "None", resources: [{ group: "", resourceNames: ["x"] }] }]),
		/resourceNames needs resources/,
	],
	["paths beside resources", policyOf([{ level: "None", resources: [{ group: "" }], nonResourceURLs: ["/x"] }]), /cannot stand beside/],
	["a path without a slash", policyOf([{ level: "None", nonResourceURLs: ["x"] }]), /must begin with "\/"/],
	["a star inside a path", policyOf([{ level: "None", nonResourceURLs: ["/a*b"] }]), /last character/],
	["a flag that is none", policyOf([{ level: "None", omitManagedFields: "yes" }]), /must be true or false/],
];
for (const [name, policy, message] of faults)
	test(`refuses ${name}`, () => {
		assert.throws(
			() => createAuditPolicy(policy),
			(error) => error instanceof CollectorError && error.code === "CONFIG_INVALID" && message.test(error.message),
		);
	});

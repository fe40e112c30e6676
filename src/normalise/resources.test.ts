import assert from "node:assert/strict";
import { test } from "node:test";
import type { OcsfResource } from "../contract/ocsf-event.ts";
import { EVENT, ORIGINS, ocsfOf, written } from "./test-events.ts";

const TARGET = { role_id: 1, role: "Target" };
const ACTOR = { role_id: 2, role: "Actor" };
const RELATED = { role_id: 4, role: "Related" };

const resources = (...args: Parameters<typeof ocsfOf>): readonly OcsfResource[] | undefined => written(ocsfOf(...args)).resources;

test("the object of the call", () => {
	assert.deepEqual(resources({}), [{ ...TARGET, type: "pods", name: "web-0", namespace: "shop", uid: "p-1", version: "17" }]);
});

test("objects, collections, subresources and API groups", () => {
	const table: readonly (readonly [objectRef: object, target: object])[] = [
		[
			{ resource: "pods", namespace: "shop" },
			{ type: "pods", name: "*", namespace: "shop" },
		],
		[{ resource: "nodes" }, { type: "nodes", name: "*" }],
		[
			{ resource: "pods", subresource: "exec", name: "web-0" },
			{ type: "pods/exec", name: "web-0" },
		],
		[
			{ resource: "pods", subresource: "", name: "" },
			{ type: "pods/", name: "" },
		],
		[
			{ resource: "deployments", name: "web", apiGroup: "apps", apiVersion: "v1" },
			{ type: "deployments", name: "web", group: { name: "apps", type: "API group" } },
		],
	];
	for (const [objectRef, target] of table) assert.deepEqual(resources({ objectRef }), [{ ...TARGET, ...target }]);
});

test("the API of the object", () => {
	const api = (objectRef: object | undefined): unknown[] => {
		const { version, group } = ocsfOf({ objectRef }).api;
		return [version, group];
	};
	assert.deepEqual(api({ resource: "deployments", apiGroup: "apps", apiVersion: "v1" }), ["v1", { name: "apps" }]);
	assert.deepEqual(api({ resource: "pods", apiVersion: "v1" }), ["v1", undefined]);
	assert.deepEqual(api({ resource: "pods", apiGroup: "", apiVersion: "v1" }), ["v1", undefined]);
	assert.deepEqual(api(undefined), [undefined, undefined]);
});

test("what would be taken for something else is kept beside", () => {
	for (const objectRef of [
		{},
		{ resource: "a/b" },
		{ resource: "nonResourceURL", name: "*" },
		{ name: "*" },
		{ subresource: "exec" },
		{ apiGroup: "" },
	]) {
		const { resources: found, unmapped } = written(ocsfOf({ objectRef }));
		assert.deepEqual(found?.[0], { ...TARGET, name: "*" });
		assert.deepEqual(unmapped?.audit?.["objectRef"], objectRef);
	}
});

test("a request for no resource has its path as the target", () => {
	const name = "/healthz";
	assert.deepEqual(resources({ objectRef: undefined, requestURI: "/healthz?verbose" }), [{ ...TARGET, type: "nonResourceURL", name }]);
	assert.equal(resources({ objectRef: undefined, requestURI: undefined }), undefined);
});

test("on Google Cloud the path is what the envelope calls a resource name", () => {
	const none = { objectRef: undefined, requestURI: undefined };
	const from = (protoPayload: null | string | { resourceName: string | number }): unknown =>
		resources(none, { connector: "c", platform: "gke" }, { envelope: { rest: { protoPayload } } });
	assert.deepEqual(from({ resourceName: "healthz" }), [{ ...TARGET, type: "nonResourceURL", name: "/healthz" }]);
	for (const odd of [null, "x", { resourceName: 5 }]) assert.equal(from(odd), undefined);
});

test("the pod and node that a token is bound to", () => {
	const key = "authentication.kubernetes.io/";
	const extra = { [`${key}pod-name`]: ["web-0"], [`${key}pod-uid`]: ["p-1"], [`${key}node-name`]: ["n-1"], [`${key}node-uid`]: ["n-2"] };
	assert.deepEqual(resources({ objectRef: { resource: "pods" }, user: { username: "robot", extra } })?.slice(1), [
		{ ...ACTOR, type: "pods", name: "web-0", uid: "p-1" },
		{ ...RELATED, type: "nodes", name: "n-1", uid: "n-2" },
	]);
	const onlyUid = resources({ user: { username: "robot", extra: { [`${key}node-uid`]: ["n-2"], [`${key}pod-name`]: [] } } });
	assert.deepEqual(onlyUid?.slice(1), [{ ...RELATED, type: "nodes", uid: "n-2" }]);
});

test("whom the caller impersonates; the actor stays the caller", () => {
	const impersonatedUser = { username: "root", uid: "0", groups: ["system:masters"], extra: { a: ["b"] } };
	const authenticationMetadata = { impersonationConstraint: "impersonate:user-info" };
	const { actor, resources: found, unmapped } = written(ocsfOf({ impersonatedUser, authenticationMetadata }));
	const owner = { name: "root", uid: "0", groups: [{ name: "system:masters" }], type_id: 2 };
	assert.deepEqual(found?.[1], { ...ACTOR, type: "impersonatedUser", name: "root", uid: "0", owner });
	assert.equal(actor.user?.name, EVENT.user.username);
	assert.deepEqual(unmapped?.audit?.["impersonatedUser"], { extra: impersonatedUser.extra });
	assert.deepEqual(unmapped?.audit?.["authenticationMetadata"], authenticationMetadata);
});

test("an impersonated user without a name is kept as it is", () => {
	for (const impersonatedUser of [{}, { groups: ["g"] }, { extra: { a: ["b"] } }]) {
		const { resources: found, unmapped } = written(ocsfOf({ impersonatedUser }));
		assert.equal(found?.length, 1);
		assert.deepEqual(unmapped?.audit?.["impersonatedUser"], impersonatedUser);
	}
});

test("the cluster", () => {
	const { clusterId: uid, clusterName: name } = ORIGINS.eks;
	assert.deepEqual(resources({}, ORIGINS.eks)?.at(-1), { ...RELATED, type: "cluster", name, uid });
	assert.deepEqual(resources({}, ORIGINS.aks)?.at(-1), {
		...RELATED,
		type: "cluster",
		name: "shop",
		group: { name: "rg", type: "Azure resource group" },
	});
	const labels = { env: "prod", team: "payments" };
	assert.deepEqual(resources({}, { ...ORIGINS.eks, labels })?.at(-1), {
		...RELATED,
		type: "cluster",
		name,
		uid,
		tags: [
			{ name: "env", value: "prod" },
			{ name: "team", value: "payments" },
		],
	});
});

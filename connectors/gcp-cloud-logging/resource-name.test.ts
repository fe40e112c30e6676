import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ObjectRef } from "../../src/contract/audit-event.ts";
import { objectRefOf, verbOf } from "./resource-name.ts";

const CORE = { apiVersion: "v1" };
const CASES: Readonly<Record<string, readonly [method: string, resource: string, expected: ObjectRef | undefined]>> = {
	"an object": [
		"io.k8s.core.v1.pods.create",
		"core/v1/namespaces/shop/pods/web",
		{ ...CORE, resource: "pods", namespace: "shop", name: "web" },
	],
	"a collection in a namespace": [
		"io.k8s.core.v1.secrets.list",
		"core/v1/namespaces/shop/secrets",
		{ ...CORE, resource: "secrets", namespace: "shop" },
	],
	"a collection of the cluster": ["io.k8s.core.v1.secrets.list", "core/v1/secrets", { ...CORE, resource: "secrets" }],
	"a group whose labels the method reverses": [
		"io.k8s.authorization.rbac.v1.clusterroles.get",
		"rbac.authorization.k8s.io/v1/clusterroles/view",
		{ resource: "clusterroles", name: "view", apiGroup: "rbac.authorization.k8s.io", apiVersion: "v1" },
	],
	"a group of one word": [
		"io.k8s.apps.v1.deployments.scale.update",
		"apps/v1/namespaces/shop/deployments/web/scale",
		{ resource: "deployments", namespace: "shop", name: "web", apiGroup: "apps", apiVersion: "v1", subresource: "scale" },
	],
	"a custom group": [
		"io.istio.networking.v1beta1.gateways.delete",
		"networking.istio.io/v1beta1/namespaces/shop/gateways/edge",
		{ resource: "gateways", namespace: "shop", name: "edge", apiGroup: "networking.istio.io", apiVersion: "v1beta1" },
	],
	exec: [
		"io.k8s.core.v1.pods.exec.create",
		"core/v1/namespaces/shop/pods/web/exec",
		{ ...CORE, resource: "pods", namespace: "shop", name: "web", subresource: "exec" },
	],
	"a proxy's path goes on": [
		"io.k8s.core.v1.nodes.proxy.get",
		"core/v1/nodes/node-1/proxy/metrics/cadvisor",
		{ ...CORE, resource: "nodes", name: "node-1", subresource: "proxy" },
	],
	"a Namespace": [
		"io.k8s.core.v1.namespaces.delete",
		"core/v1/namespaces/shop",
		{ ...CORE, resource: "namespaces", namespace: "shop", name: "shop" },
	],
	"a Namespace that is made": [
		"io.k8s.core.v1.namespaces.create",
		"core/v1/namespaces/shop",
		{ ...CORE, resource: "namespaces", name: "shop" },
	],
	"all Namespaces": ["io.k8s.core.v1.namespaces.list", "core/v1/namespaces", { ...CORE, resource: "namespaces" }],
	"a subresource of a Namespace": [
		"io.k8s.core.v1.namespaces.finalize.update",
		"core/v1/namespaces/shop/finalize",
		{ ...CORE, resource: "namespaces", namespace: "shop", name: "shop", subresource: "finalize" },
	],
	"a Namespace called like a resource": [
		"io.k8s.core.v1.pods.list",
		"core/v1/namespaces/namespaces/pods",
		{ ...CORE, resource: "pods", namespace: "namespaces" },
	],
	"a collection of what is called like a subresource of a Namespace": [
		"io.k8s.core.v1.status.list",
		"core/v1/namespaces/shop/status",
		{ ...CORE, resource: "status", namespace: "shop" },
	],
	"a subresource that only the method names": [
		"io.k8s.core.v1.pods.eviction.create",
		"core/v1/namespaces/shop/pods",
		{ ...CORE, resource: "pods", namespace: "shop", subresource: "eviction" },
	],
	"a method made up by hand": [
		"io.k8s.rbac.v1.clusterroles.create",
		"rbac.authorization.k8s.io/v1/clusterroles/admin",
		{ resource: "clusterroles", name: "admin", apiGroup: "rbac.authorization.k8s.io", apiVersion: "v1" },
	],
	"a method made up by hand, of a Namespace": [
		"namespaces.update",
		"core/v1/namespaces/shop/finalize",
		{ ...CORE, resource: "namespaces", namespace: "shop", name: "shop", subresource: "finalize" },
	],
	"a crawler's path": ["io.k8s.core.templates.preview.create", "core/templates/preview", { resource: "preview", apiVersion: "templates" }],
	"a path of the API that is no resource": ["io.k8s.get", "apis/batch/v1beta1", undefined],
	"a path of one word": ["io.k8s.get", "readyz", undefined],
	"a crawler's path of no resource": ["io.k8s.post", "HNAP1", undefined],
	"a method made up for a path": ["io.k8s.core.v1.healthz.get", "healthz", undefined],
	"no name at all": ["io.k8s.core.v1.pods.get", "", undefined],
	"nothing but slashes": ["io.k8s.core.v1.pods.get", "////", undefined],
	"a namespace and no more": ["io.k8s.core.v1.pods.list", "core/v1/namespaces/shop", { ...CORE, resource: "pods", namespace: "shop" }],
};

for (const [what, [method, resource, expected]] of Object.entries(CASES)) {
	test(`objectRef of ${what}`, () => {
		assert.deepEqual(objectRefOf(method, resource), expected);
	});
}

test("the verb is the method's last word", () => {
	assert.equal(verbOf("io.k8s.core.v1.pods.exec.create"), "create");
	assert.equal(verbOf("io.k8s.options"), "options");
	assert.equal(verbOf("list"), "list");
	assert.equal(verbOf("io.k8s."), undefined);
	assert.equal(verbOf(""), undefined);
});

test("no name is too odd", () => {
	const word = fc.constantFrom("io", "k8s", "core", "v1", "namespaces", "pods", "", "__proto__", "*");
	const names = fc.array(word, { maxLength: 8 });
	fc.assert(
		fc.property(names, names, (method, resource) => {
			const ref = objectRefOf(method.join("."), resource.join("/"));
			for (const value of Object.values(ref ?? {})) assert.ok(typeof value === "string" && value !== "");
		}),
	);
});

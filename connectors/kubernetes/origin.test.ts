/** A native log's cluster comes from settings or a shipper, or is not known. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { kubernetes } from "./index.ts";

const resolve = kubernetes.resolve;

test("the cluster's key is its id, else its name, else absent", () => {
	const file = { connector: "kubernetes", platform: "kubernetes", logProvider: "kube-apiserver audit file" } as const;
	assert.deepEqual(resolve({ connector: "kubernetes" }), file);
	assert.deepEqual(resolve({ connector: "kubernetes", clusterName: "shop" }), { ...file, clusterName: "shop", clusterKey: "shop" });
	assert.deepEqual(resolve({ connector: "kubernetes", clusterName: "shop", clusterId: "u-1" }), {
		...file,
		clusterName: "shop",
		clusterId: "u-1",
		clusterKey: "u-1",
	});
});

test("what is known better is kept, and resolving twice changes nothing", () => {
	const arc = resolve({ connector: "kubernetes", platform: "arc", logProvider: "kube-apiserver audit webhook", clusterName: "shop" });
	assert.equal(arc.platform, "arc");
	assert.equal(arc.logProvider, "kube-apiserver audit webhook");
	assert.deepEqual(resolve(arc), arc);
});

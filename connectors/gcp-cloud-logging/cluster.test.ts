import assert from "node:assert/strict";
import { test } from "node:test";
import { originOf, resolveOrigin } from "./cluster.ts";

const ID = "//container.googleapis.com/projects/example-prj/locations/europe-west4-a/clusters/edge";

function ofLabels(labels: unknown): ReturnType<typeof originOf> {
	return originOf({ resource: { labels, type: "k8s_cluster" }, logName: "projects/example-prj/logs/x" }, "k8s.io");
}

test("an entry says its cluster, its zone and the region around it", () => {
	assert.deepEqual(ofLabels({ cluster_name: "edge", location: "europe-west4-a", project_id: "example-prj" }), {
		platform: "gke",
		logProvider: "Google Cloud Logging",
		account: "example-prj",
		region: "europe-west4",
		zone: "europe-west4-a",
		clusterName: "edge",
		clusterId: ID,
		clusterKey: ID,
		logName: "projects/example-prj/logs/x",
		logSource: "k8s.io",
	});
});

test("a regional cluster has no zone", () => {
	const origin = ofLabels({ cluster_name: "edge", location: "northamerica-northeast1", project_id: "example-prj" });
	assert.equal(origin.region, "northamerica-northeast1");
	assert.equal(origin.zone, undefined);
	assert.equal(origin.clusterKey, "//container.googleapis.com/projects/example-prj/locations/northamerica-northeast1/clusters/edge");
});

test("a name without a location is no identity", () => {
	const origin = ofLabels({ cluster_name: "edge", project_id: "example-prj" });
	assert.equal(origin.clusterName, "edge");
	assert.equal(origin.clusterKey, undefined);
});

test("labels of any type give an answer", () => {
	for (const labels of [undefined, null, "x", [], { cluster_name: 1, location: {}, project_id: "" }])
		assert.equal(ofLabels(labels).clusterKey, undefined);
});

const connector = "gcp-cloud-logging";

test("parts given in the settings make the id", () => {
	const zonal = resolveOrigin({ connector, account: "example-prj", zone: "europe-west4-a", clusterName: "edge" });
	assert.deepEqual(resolveOrigin(zonal), zonal);
	assert.equal(
		resolveOrigin({ connector, account: "example-prj", region: "europe-west4", zone: "europe-west4-a", clusterName: "edge" }).clusterId,
		ID,
	);
	assert.equal(zonal.clusterId, ID);
	assert.equal(zonal.clusterKey, ID);
	assert.equal(zonal.region, "europe-west4");
	const regional = resolveOrigin({ connector, account: "example-prj", region: "europe-west4", clusterName: "edge" });
	assert.equal(regional.clusterKey, "//container.googleapis.com/projects/example-prj/locations/europe-west4/clusters/edge");
});

test("an id in the place of a name is taken apart, in any of its spellings", () => {
	const spellings = [
		ID,
		"projects/example-prj/locations/europe-west4-a/clusters/edge",
		"https://container.googleapis.com/v1/projects/example-prj/zones/europe-west4-a/clusters/edge",
	];
	for (const clusterName of spellings) {
		const { platform, account, region, zone, clusterName: name, clusterId, clusterKey } = resolveOrigin({ connector, clusterName });
		assert.deepEqual(
			{ platform, account, region, zone, name },
			{ platform: "gke", account: "example-prj", region: "europe-west4", zone: "europe-west4-a", name: "edge" },
		);
		assert.deepEqual([clusterId, clusterKey], [ID, ID]);
	}
});

test("a key that is given stays, and what is unknown stays unknown", () => {
	assert.equal(
		resolveOrigin({ connector, account: "p", zone: "europe-west4-a", clusterName: "edge", clusterKey: "mine" }).clusterKey,
		"mine",
	);
	assert.equal(resolveOrigin({ connector, clusterName: "edge" }).clusterKey, undefined);
	assert.equal(resolveOrigin({ connector }).clusterId, undefined);
});

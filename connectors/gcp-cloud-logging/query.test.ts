import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { momentOf, parseQuery } from "./logging-query.ts";
import { listRequest, quotaName, quotaOf, scopes } from "./query.ts";
import { settings } from "./settings.ts";
import { settingsOf } from "./test-service.ts";

const WINDOW = { fromMs: Date.parse("2026-11-23T12:00:00Z"), toMs: Date.parse("2026-11-23T12:05:00Z") };

function isFound(receiveTimestamp: string, timestamp = receiveTimestamp, members: object = {}, chosen: object = {}): boolean {
	const { filter } = listRequest("projects/example", WINDOW, settingsOf(chosen), 10);
	const [at, received] = [momentOf(timestamp), momentOf(receiveTimestamp)];
	const entry: Readonly<Record<string, unknown>> = {
		"resource.type": "k8s_cluster",
		"protoPayload.serviceName": "k8s.io",
		logName: "projects/example/logs/cloudaudit.googleapis.com%2Fdata_access",
		"resource.labels.cluster_name": "edge",
		"resource.labels.location": "europe-west4",
		...members,
	};
	assert.ok(at !== undefined && received !== undefined);
	return parseQuery(filter)?.matches({ timestamp: at, receiveTimestamp: received, read: (path) => entry[path] }) ?? assert.fail(filter);
}

test("both ends of the window are in it, to the last nanosecond", () => {
	assert.equal(isFound("2026-11-23T12:00:00Z"), true);
	assert.equal(isFound("2026-11-23T11:59:59.999999999Z"), false);
	assert.equal(isFound("2026-11-23T12:05:00.000999999Z"), true);
	assert.equal(isFound("2026-11-23T12:05:00.001Z"), false);
});

test("entries may be a day old on arrival, or ahead of it", () => {
	assert.equal(isFound("2026-11-23T12:01:00Z", "2026-11-22T11:00:00Z"), true);
	assert.equal(isFound("2026-11-23T12:01:00Z", "2026-11-22T10:59:59Z"), false);
	assert.equal(isFound("2026-11-23T12:01:00Z", "2026-11-12T11:00:00Z", {}, { lookbackHours: 300 }), true);
	assert.equal(isFound("2026-11-23T12:05:00.000999Z", "2026-11-24T12:05:00.000999Z"), true);
});

test("only audit logs of kubernetes, and only the clusters that are asked for", () => {
	const at = "2026-11-23T12:01:00Z";
	assert.equal(isFound(at, at, { "protoPayload.serviceName": "container.googleapis.com" }), false);
	assert.equal(isFound(at, at, { "resource.type": "gke_nodepool" }), false);
	assert.equal(isFound(at, at, { logName: "projects/example/logs/events" }), false);
	assert.equal(isFound(at, at, {}, { clusters: ["prod", "edge"], locations: ["europe-west4"] }), true);
	assert.equal(isFound(at, at, {}, { clusters: ["prod"] }), false);
	assert.equal(isFound(at, at, {}, { locations: ["us-east1"] }), false);
	assert.equal(isFound(at, at, {}, { filter: 'resource.labels.location="us-east1" OR resource.labels.cluster_name="edge" -- both' }), true);
	assert.equal(isFound(at, at, {}, { filter: 'resource.labels.location="us-east1"' }), false);
});

test("a scope for each resource, with the cluster where only one can be meant", () => {
	const view = "projects/hub/locations/global/buckets/audit/views/_AllLogs";
	const found = scopes(settingsOf({ projects: ["a-1", "a-1", "b-2"], folders: ["12"], organizations: ["34"], views: [view] }));
	assert.deepEqual(
		found.map(({ name, origin }) => [name, origin.account, origin.clusterKey]),
		[
			["projects/a-1", "a-1", undefined],
			["projects/b-2", "b-2", undefined],
			["folders/12", undefined, undefined],
			["organizations/34", undefined, undefined],
			[view, undefined, undefined],
		],
	);
	const [one] = scopes(settingsOf({ clusters: ["edge"], locations: ["europe-west4-a"] }));
	assert.deepEqual(one?.origin, {
		connector: "gcp-cloud-logging",
		platform: "gke",
		account: "example",
		region: "europe-west4",
		zone: "europe-west4-a",
		clusterName: "edge",
		clusterId: "//container.googleapis.com/projects/example/locations/europe-west4-a/clusters/edge",
		clusterKey: "//container.googleapis.com/projects/example/locations/europe-west4-a/clusters/edge",
	});
	assert.throws(
		() => scopes(settings.parse({})),
		(error) => error instanceof CollectorError && error.code === "CONFIG_INVALID",
	);
});

test("a share of the quota is taken, of each project", () => {
	const view = "projects/hub/locations/global/buckets/audit/views/all";
	assert.deepEqual(scopes(settingsOf({ folders: ["7"], views: [view] })).map(quotaName), ["projects/example", "folders/7", "projects/hub"]);
	assert.deepEqual(quotaOf(settingsOf()), { perSecond: 0.4, burst: 4 });
	assert.deepEqual(quotaOf(settingsOf({ quota: { share: 0.01 } })), { perSecond: 0.01, burst: 1 });
});

test("settings that cannot be meant are refused", () => {
	const bad: readonly object[] = [
		{ project: ["x"] },
		{ projects: ["projects/x"] },
		{ projects: "example" },
		{ folders: ["abc"] },
		{ views: ["projects/hub"] },
		{ endpoint: "http://logging.example.com" },
		{ endpoint: "logging.example.com" },
		{ transport: "soap" },
		{ quota: { share: 2 } },
		{ quota: { shares: 1 } },
		{ credentials: { keyfile: "x" } },
		{ pageEntriesMax: 1001 },
		{ clusters: ['a" OR "b'] },
	];
	for (const members of bad)
		assert.equal(settings.safeParse({ projects: ["example"], ...members }).success, false, JSON.stringify(members));
	for (const endpoint of ["https://logging.example.com", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:1"])
		assert.equal(settings.safeParse({ endpoint }).success, true, endpoint);
});

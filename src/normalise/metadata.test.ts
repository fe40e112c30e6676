import assert from "node:assert/strict";
import { test } from "node:test";
import type { Platform } from "../contract/record.ts";
import { decodedOf, EVENT, normaliseOnly, ORIGINS, ocsfOf, written } from "./test-events.ts";

test("what the record says of itself", () => {
	const { tags, uid, ...metadata } = written(
		ocsfOf({}, ORIGINS.eks, { envelope: { recordId: "385", loggedTime: "2026-05-04T09:30:07Z" } }),
	).metadata;
	assert.match(uid, /^[0-9a-f]{8}-/);
	assert.deepEqual(metadata, {
		version: "1.8.0",
		profiles: ["datetime", "cloud", "security_control"],
		product: { name: "Amazon EKS", vendor_name: "AWS", feature: { name: "kube-apiserver audit" } },
		log_format: "JSON",
		log_provider: "AWS CloudWatch Logs",
		log_name: "/aws/eks/payments/cluster",
		log_source: "kube-apiserver-audit-1",
		log_level: "RequestResponse",
		log_version: "audit.k8s.io/v1",
		type: "Event",
		reporter: { name: "payments", uid: ORIGINS.eks.clusterId },
		correlation_uid: EVENT.auditID,
		event_code: "ResponseComplete",
		original_event_uid: "385",
		original_time: EVENT.stageTimestamp,
		logged_time: Date.parse("2026-05-04T09:30:07Z"),
		logged_time_dt: "2026-05-04T09:30:07Z",
	});
	assert.deepEqual(
		tags,
		Object.entries(EVENT.annotations).map(([name, value]) => ({ name, value })),
	);
});

test("annotations are tags, all of them and nothing else", () => {
	const annotations = JSON.parse('{"a":"","__proto__":"b","pod-security.kubernetes.io/audit-violations":"{\\"x\\":1}"}') as object;
	const tags = (value: unknown): unknown => ocsfOf({ annotations: value }, { connector: "c", labels: { own: "label" } }).metadata.tags;
	assert.deepEqual(tags(annotations), [
		{ name: "a", value: "" },
		{ name: "__proto__", value: "b" },
		{ name: "pod-security.kubernetes.io/audit-violations", value: '{"x":1}' },
	]);
	assert.deepEqual([tags({}), tags(undefined)], [[], undefined]);
});

test("truncation is marked, whoever did it", () => {
	const isTruncated = (changes: object, more = {}): unknown => ocsfOf(changes, ORIGINS.aks, more).metadata.is_truncated;
	assert.equal(isTruncated({}), undefined);
	assert.equal(isTruncated({ annotations: { "audit.k8s.io/truncated": "true" } }), true);
	assert.equal(isTruncated({ annotations: { "audit.k8s.io/truncated": "false" } }), undefined);
	assert.equal(isTruncated({ requestObject: "skipped-too-big-size-object" }), true);
	assert.equal(isTruncated({ responseObject: "skipped-too-big-size-object" }), true);
	assert.equal(isTruncated({ responseObject: { a: "skipped-too-big-size-object" } }), undefined);
	assert.equal(isTruncated({}, { truncated: { sizeBytes: 5 } }), true);
});

test("a text that was cut says where", () => {
	const text = JSON.stringify({ ...EVENT, requestObject: { a: 1 } });
	const cut = text.slice(0, text.indexOf('{"a":1') + 4);
	const { unmapped, metadata } = written(normaliseOnly(decodedOf(cut)));
	assert.deepEqual(unmapped?.collector, { truncated: { arrived_bytes: Buffer.byteLength(cut), cut_in: "requestObject" } });
	assert.equal(metadata.is_truncated, true);
});

test("product and cloud of every platform", () => {
	const table: Record<Platform, readonly [product: string, vendor: string, cloud: object | undefined]> = {
		eks: ["Amazon EKS", "AWS", { provider: "AWS", account: { uid: "a", type_id: 10, type: "AWS Account" } }],
		gke: ["Google Kubernetes Engine", "Google Cloud", { provider: "GCP", account: { uid: "a", type_id: 11, type: "GCP Project" } }],
		aks: ["Azure Kubernetes Service", "Microsoft", { provider: "Azure", account: { uid: "a", type_id: 13, type: "Azure Subscription" } }],
		arc: [
			"Azure Arc-enabled Kubernetes",
			"Microsoft",
			{ provider: "Azure", account: { uid: "a", type_id: 13, type: "Azure Subscription" } },
		],
		kubernetes: ["Kubernetes", "CNCF", undefined],
	};
	for (const [platform, [name, vendor, cloud]] of Object.entries(table) as [Platform, (typeof table)["eks"]][]) {
		const event = written(ocsfOf({}, { connector: "c", platform, account: "a", region: "r", zone: "z", partition: "p" }));
		assert.deepEqual([event.metadata.product.name, event.metadata.product.vendor_name], [name, vendor]);
		assert.deepEqual(event.cloud, cloud && { ...cloud, region: "r", zone: "z", cloud_partition: "p" });
		assert.equal(event.metadata.profiles.includes("cloud"), cloud !== undefined);
		assert.deepEqual(
			written(ocsfOf({}, { connector: "c", platform })).cloud,
			cloud && { provider: (cloud as { provider: string }).provider },
		);
	}
	assert.equal(ocsfOf({}, { connector: "c" }).metadata.product.name, "Kubernetes");
});

test("Google's entry has another version than audit.k8s.io", () => {
	assert.equal(ocsfOf({ apiVersion: undefined }, ORIGINS.gke).metadata.log_version, "google.cloud.audit.AuditLog");
	assert.equal(ocsfOf({ apiVersion: undefined }, ORIGINS.eks).metadata.log_version, undefined);
});

test("the reporter is the cluster, by what is known of it", () => {
	const { clusterId: uid, clusterName: name } = ORIGINS.eks;
	const reporter = (origin: object): unknown => written(ocsfOf({}, { connector: "c", ...origin })).metadata.reporter;
	assert.deepEqual(reporter({ clusterId: uid, clusterName: name }), { uid, name });
	assert.deepEqual(reporter({ clusterId: uid }), { uid });
	assert.deepEqual(reporter({ clusterName: name }), { name });
	assert.equal(reporter({}), undefined);
});

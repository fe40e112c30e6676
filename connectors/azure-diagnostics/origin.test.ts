import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origin } from "../../src/contract/record.ts";
import { resolve } from "./origin.ts";
import { auditRow, decodeEvent, diagnosticsRow, EVENT, RESOURCE_ID, record } from "./test-records.ts";

const SHOP = {
	account: "00000000-1111-2222-3333-444444444444",
	resourceGroup: "shop-rg",
	platform: "aks",
	clusterName: "shop",
	clusterId: RESOURCE_ID.toLowerCase(),
	clusterKey: RESOURCE_ID.toLowerCase(),
} as const;
const LOG = { logSource: "kube-apiserver-6c9d7b5c4d-abcde", logProvider: "Azure Monitor diagnostic settings" };
const ARC = "/subscriptions/s1/resourcegroups/edge-rg/providers/microsoft.kubernetes/connectedclusters/edge";

test("every shape of a record says the same of its cluster", () => {
	assert.deepEqual(decodeEvent(record(EVENT)).origin, { ...SHOP, ...LOG, logName: "kube-audit" });
	assert.deepEqual(decodeEvent(diagnosticsRow(EVENT)).origin, { ...SHOP, ...LOG, logName: "kube-audit" });
	assert.deepEqual(decodeEvent(auditRow()).origin, { ...SHOP, ...LOG, logName: "AKSAudit" });
});

test("a record of 2020 names its cloud", () => {
	assert.equal(decodeEvent(record(EVENT, { Cloud: "AzureUSGovernmentCloud" })).origin?.partition, "AzureUSGovernmentCloud");
});

test("an Arc cluster is told by the provider in its id", () => {
	const origin = decodeEvent(auditRow({ Type: "ArcK8sAudit", _ResourceId: ARC.toUpperCase() })).origin;
	assert.deepEqual([origin?.platform, origin?.clusterName, origin?.clusterKey], ["arc", "edge", ARC]);
});

test("without an id the columns that hold its parts do, and less than that says less", () => {
	const parts = { ResourceProvider: "MICROSOFT.CONTAINERSERVICE", ResourceType: "MANAGEDCLUSTERS", Resource: "SHOP" };
	const without = { ResourceId: undefined, _ResourceId: undefined };
	assert.equal(decodeEvent(diagnosticsRow(EVENT, { ...parts, ...without })).origin?.clusterKey, SHOP.clusterKey);
	const row = decodeEvent(auditRow(without)).origin;
	assert.deepEqual([row?.platform, row?.account, row?.clusterKey], ["aks", SHOP.account, undefined]);
	assert.deepEqual(decodeEvent(record(EVENT, { resourceId: "no id" })).origin, { ...LOG, logName: "kube-audit" });
});

test("resolve completes what a user says, and invents nothing", () => {
	const of = (origin: Partial<Origin>): Origin => resolve({ connector: "azure-diagnostics", ...origin });
	assert.deepEqual(of({ clusterName: RESOURCE_ID }), { connector: "azure-diagnostics", ...SHOP });
	assert.deepEqual(of({ clusterId: RESOURCE_ID }), { connector: "azure-diagnostics", ...SHOP });
	assert.equal(of({ clusterId: "My-Own-Id" }).clusterKey, "my-own-id");
	assert.equal(of({ clusterId: RESOURCE_ID, clusterKey: "chosen" }).clusterKey, "chosen");
	const parts = { account: SHOP.account, resourceGroup: "Shop-RG", clusterName: "Shop" };
	assert.equal(of({ ...parts, platform: "aks" }).clusterKey, SHOP.clusterKey);
	assert.match(of({ ...parts, platform: "arc" }).clusterKey ?? "", /connectedclusters\/shop$/);
	assert.equal(of(parts).clusterKey, undefined);
	assert.deepEqual(of({ clusterName: "shop" }), { connector: "azure-diagnostics", clusterName: "shop" });
});

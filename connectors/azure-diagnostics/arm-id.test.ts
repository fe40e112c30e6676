import assert from "node:assert/strict";
import { test } from "node:test";
import { armIdOf, parseArmId } from "./arm-id.ts";

const AKS = "/subscriptions/s1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/shop";

test("ids are the same in every case and with or without outer slashes", () => {
	for (const text of [AKS, AKS.toUpperCase(), `${AKS}/`, AKS.slice(1)])
		assert.deepEqual(parseArmId(text), { account: "s1", resourceGroup: "rg", cluster: { platform: "aks", name: "shop", id: AKS } });
});

test("which types are clusters, and of which platform", () => {
	const platformOf = (type: string): string | undefined =>
		parseArmId(`/subscriptions/s1/resourceGroups/rg/providers/${type}/c`)?.cluster?.platform;
	assert.equal(platformOf("Microsoft.ContainerService/managedClusters"), "aks");
	assert.equal(platformOf("Microsoft.ContainerService/fleets"), "aks");
	assert.equal(platformOf("Microsoft.Kubernetes/connectedClusters"), "arc");
	assert.equal(platformOf("Microsoft.HybridContainerService/provisionedClusters"), "arc");
	assert.equal(platformOf("Microsoft.KeyVault/vaults"), undefined);
});

test("a thing inside a cluster belongs to the cluster", () => {
	const arc = "/subscriptions/s1/resourcegroups/rg/providers/microsoft.kubernetes/connectedclusters/edge";
	assert.equal(parseArmId(`${arc}/providers/Microsoft.HybridContainerService/provisionedClusterInstances/default`)?.cluster?.id, arc);
});

test("what is shorter than a cluster's id says what it says", () => {
	assert.deepEqual(parseArmId("/subscriptions/S1"), { account: "s1" });
	assert.deepEqual(parseArmId("/subscriptions/s1/resourcegroups/RG"), { account: "s1", resourceGroup: "rg" });
	for (const text of ["", "shop", "/", "/subscriptions/", `/subscriptions/${"x".repeat(5000)}`, 5, null, undefined])
		assert.equal(parseArmId(text), undefined);
});

test("parts make the id that a log would have", () => {
	assert.equal(armIdOf("aks", "S1", "RG", "Shop"), AKS);
	assert.equal(parseArmId(armIdOf("arc", "s1", "rg", "edge"))?.cluster?.platform, "arc");
});

/** Azure Resource Manager ids: which subscription, resource group and cluster a record speaks of. */

import type { Platform } from "../../src/contract/record.ts";

/** What an ARM id says. All in lower case: logs write the same id in upper, lower and mixed case. */
export interface ArmId {
	readonly account: string;
	readonly resourceGroup?: string;
	/** Present if the id is a cluster's, or that of a thing inside a cluster. */
	readonly cluster?: ArmCluster;
}

interface ArmCluster {
	readonly platform: Platform;
	readonly name: string;
	/** The canonical id: from `/subscriptions` to the cluster's name, lower-cased. */
	readonly id: string;
}

/** Resource types that have an API server; `provider/type` in lower case. */
const CLUSTER_TYPES: ReadonlyMap<string, Platform> = new Map([
	["microsoft.containerservice/managedclusters", "aks"],
	["microsoft.containerservice/fleets", "aks"],
	["microsoft.kubernetes/connectedclusters", "arc"],
	["microsoft.hybridcontainerservice/provisionedclusters", "arc"],
]);

const OWN_TYPES = { aks: "microsoft.containerservice/managedclusters", arc: "microsoft.kubernetes/connectedclusters" } as const;

/** Longer text is no ARM id: its parts are limited to 90 to 260 characters each. */
const LENGTH_MAX = 2048;

/**
 * Takes an ARM id apart. Case does not count, nor does a missing first or a trailing slash.
 * Undefined if the text does not begin as `/subscriptions/<id>`.
 */
export function parseArmId(text: unknown): ArmId | undefined {
	if (typeof text !== "string" || text.length > LENGTH_MAX) return undefined;
	const parts = text.trim().toLowerCase().split("/");
	if (parts[0] === "") parts.shift();
	if (parts.at(-1) === "") parts.pop();
	const [subscriptions, account, groups, resourceGroup, providers, provider, type, name] = parts;
	if (subscriptions !== "subscriptions" || !account) return undefined;
	if (groups !== "resourcegroups" || !resourceGroup) return { account };
	const platform = CLUSTER_TYPES.get(`${provider}/${type}`);
	if (providers !== "providers" || platform === undefined || !name) return { account, resourceGroup };
	return { account, resourceGroup, cluster: { platform, name, id: `/${parts.slice(0, 8).join("/")}` } };
}

/** The canonical id of a cluster whose parts are known. */
export function armIdOf(platform: "aks" | "arc", account: string, resourceGroup: string, name: string): string {
	return `/subscriptions/${account}/resourcegroups/${resourceGroup}/providers/${OWN_TYPES[platform]}/${name}`.toLowerCase();
}

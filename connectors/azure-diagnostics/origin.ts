/** Says which cluster a record comes from, by the ids in it; and completes what a user says of a cluster. */

import type { Origin, Platform } from "../../src/contract/record.ts";
import { type ArmId, armIdOf, parseArmId } from "./arm-id.ts";
import { type Place, textMember } from "./places.ts";

/** `resourceId` is upper case in most logs, `_ResourceId` lower case: the same id. */
const ID_KEYS = ["resourceId", "_ResourceId", "ResourceId"];
const SUBSCRIPTION_KEYS = ["_SubscriptionId", "SubscriptionId"];
const LOG_PROVIDER = "Azure Monitor diagnostic settings";

type Members = Readonly<Record<string, unknown>>;

/** What a record says of its cluster and log. `inner` is where its pod is named: the record itself or its `properties`. */
export function readOrigin(value: Members, inner: Members, place: Place): Partial<Origin> {
	const logName = textMember(value, place.category);
	const logSource = textMember(inner, place.pod);
	const partition = textMember(value, "Cloud");
	return {
		...clusterOrigin(value),
		...(partition === undefined ? {} : { partition }),
		...(logName === undefined ? {} : { logName }),
		...(logSource === undefined ? {} : { logSource }),
		logProvider: LOG_PROVIDER,
	};
}

function clusterOrigin(value: Members): Partial<Origin> {
	const ids = ID_KEYS.map((key) => parseArmId(value[key])).filter((id) => id !== undefined);
	const id = ids.find((found) => found.cluster !== undefined) ?? idOfColumns(value) ?? ids[0];
	if (id !== undefined) return originOfId(id);
	const platform = platformOfTable(textMember(value, "Type"));
	const account = SUBSCRIPTION_KEYS.map((key) => textMember(value, key)).find((text) => text !== undefined);
	return {
		...(platform === undefined ? {} : { platform }),
		...(account === undefined ? {} : { account: account.toLowerCase() }),
	};
}

/** AzureDiagnostics has the id's parts as columns, which stay when a query drops the id itself. */
function idOfColumns(value: Members): ArmId | undefined {
	const [account, group, provider, type, name] = ["SubscriptionId", "ResourceGroup", "ResourceProvider", "ResourceType", "Resource"].map(
		(key) => textMember(value, key),
	);
	if (!account || !group || !provider || !type || !name) return undefined;
	const id = parseArmId(`/subscriptions/${account}/resourcegroups/${group}/providers/${provider}/${type}/${name}`);
	return id?.cluster === undefined ? undefined : id;
}

function originOfId({ account, resourceGroup, cluster }: ArmId): Partial<Origin> {
	return {
		account,
		...(resourceGroup === undefined ? {} : { resourceGroup }),
		...(cluster === undefined
			? {}
			: { platform: cluster.platform, clusterName: cluster.name, clusterId: cluster.id, clusterKey: cluster.id }),
	};
}

function platformOfTable(table: string | undefined): Platform | undefined {
	if (table?.startsWith("ArcK8s")) return "arc";
	return table?.startsWith("AKS") ? "aks" : undefined;
}

/**
 * Completes an origin: a cluster that is named by its ARM id is taken apart; one named by subscription, resource group
 * and name (of a known platform) gets its id; and the key follows from the id. What cannot be concluded stays absent.
 */
export function resolve(origin: Origin): Origin {
	const named = parseArmId(origin.clusterId) ?? parseArmId(origin.clusterName);
	if (named?.cluster !== undefined) return { ...origin, ...originOfId(named), clusterKey: origin.clusterKey ?? named.cluster.id };
	const clusterId = origin.clusterId?.toLowerCase() ?? idOfParts(origin);
	if (clusterId === undefined) return origin;
	return { ...origin, clusterId, clusterKey: origin.clusterKey ?? clusterId };
}

function idOfParts({ platform, account, resourceGroup, clusterName }: Origin): string | undefined {
	if ((platform !== "aks" && platform !== "arc") || !account || !resourceGroup || !clusterName) return undefined;
	return armIdOf(platform, account, resourceGroup, clusterName);
}

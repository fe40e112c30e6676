/** Tells which cluster an entry is of, and puts together or takes apart the cluster's canonical id. */

import type { Origin } from "../../src/contract/record.ts";
import { isObject, textOrNone } from "../../src/json/value.ts";

const LOG_PROVIDER = "Google Cloud Logging";
const PLATFORM = "gke";
/** `projects/p/locations/l/clusters/n`, as resource names, full names and self links end; old ones say zones. */
const CLUSTER_ID =
	/^(?:(?:https:)?\/\/container\.googleapis\.com\/(?:v1(?:beta1)?\/)?)?projects\/([^/]+)\/(?:locations|zones)\/([^/]+)\/clusters\/([^/]+)$/;
const ZONE = /^([a-z]+(?:-[a-z]+)+\d+)-[a-z]$/;
const REGION = /^[a-z]+(?:-[a-z]+)+\d+$/;

/** What an entry's `resource` says of its cluster. A name alone is no identity: each location may have a cluster of that name. */
export function originOf(entry: Readonly<Record<string, unknown>>, serviceName: string | undefined): Partial<Origin> {
	const resource = isObject(entry["resource"]) ? entry["resource"] : {};
	const labels = isObject(resource["labels"]) ? resource["labels"] : {};
	const [account, location, clusterName] = [labels["project_id"], labels["location"], labels["cluster_name"]].map(textOrNone);
	const clusterId = idOf(account, location, clusterName);
	return {
		platform: PLATFORM,
		logProvider: LOG_PROVIDER,
		...(account === undefined ? {} : { account }),
		...(location === undefined ? {} : placeOf(location)),
		...(clusterName === undefined ? {} : { clusterName }),
		...(clusterId === undefined ? {} : { clusterId, clusterKey: clusterId }),
		...(typeof entry["logName"] === "string" ? { logName: entry["logName"] } : {}),
		...(serviceName === undefined ? {} : { logSource: serviceName }),
	};
}

/** Completes an origin: the id from project, location and name, or those from an id given in the place of a name. */
export function resolveOrigin(origin: Origin): Origin {
	const parts = CLUSTER_ID.exec(origin.clusterName ?? "") ?? CLUSTER_ID.exec(origin.clusterId ?? "");
	if (parts === null) return keyed(origin, idOf(origin.account, origin.zone ?? origin.region, origin.clusterName));
	const [, account = "", location = "", clusterName = ""] = parts;
	const id = idOf(account, location, clusterName);
	return keyed({ ...origin, account, ...placeOf(location), clusterName, ...(id === undefined ? {} : { clusterId: id }) }, id);
}

function keyed(origin: Origin, id: string | undefined): Origin {
	const clusterId = origin.clusterId ?? id;
	const clusterKey = origin.clusterKey ?? clusterId;
	return {
		...origin,
		platform: origin.platform ?? PLATFORM,
		...(origin.zone !== undefined && origin.region === undefined ? placeOf(origin.zone) : {}),
		...(clusterId === undefined ? {} : { clusterId }),
		...(clusterKey === undefined ? {} : { clusterKey }),
	};
}

function idOf(account: string | undefined, location: string | undefined, name: string | undefined): string | undefined {
	if (account === undefined || location === undefined || name === undefined) return undefined;
	return `//container.googleapis.com/projects/${account}/locations/${location}/clusters/${name}`;
}

/** `europe-west4-a` is a zone of the region `europe-west4`; what looks like neither is left to the id. */
function placeOf(location: string): Pick<Origin, "region" | "zone"> {
	const region = ZONE.exec(location)?.[1];
	if (region !== undefined) return { region, zone: location };
	return REGION.test(location) ? { region: location } : {};
}

/** Writes what is asked of Cloud Logging for one stretch of time, and what a user must have said for it. */

import type { Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { BucketLimits } from "../../src/pull/bucket.ts";
import type { Window } from "../../src/pull/listing.ts";
import type { ListRequest } from "./client.ts";
import { resolveOrigin } from "./cluster.ts";
import { SERVICE } from "./selection.ts";
import type { Settings } from "./settings.ts";

type Asked = Pick<Settings, "clusters" | "locations" | "filter" | "lookbackHours">;
type Places = Pick<Settings, "projects" | "folders" | "organizations" | "views" | "clusters" | "locations">;

const HOUR_MS = 3_600_000;
/** Entries may bear times as far ahead of their arrival as this; those that bear more are not stored. */
const AHEAD_MS = 24 * HOUR_MS;
const ALL_LOGS = ["cloudaudit.googleapis.com/activity", "cloudaudit.googleapis.com/data_access"];
/** Calls that may come at once, as a share of those of a minute. */
const BURST_SHARE = 1 / 6;

/**
 * Everything that arrived in the window, in the order of the entries' own times. The time of arrival is not indexed, so the
 * entries' own times are bounded as well. Equal windows give equal requests, since a listing must not change on its way.
 */
export function listRequest(resource: string, { fromMs, toMs }: Window, asked: Asked, pageSize: number): ListRequest {
	const conditions = [
		'resource.type="k8s_cluster"',
		`(${ALL_LOGS.map((log) => `log_id(${quoted(log)})`).join(" OR ")})`,
		`protoPayload.serviceName=${quoted(SERVICE)}`,
		// Times have nanoseconds: the last millisecond of the window ends where the next begins.
		`receiveTimestamp>=${timeOf(fromMs)}`,
		`receiveTimestamp<${timeOf(toMs + 1)}`,
		`timestamp>=${timeOf(fromMs - asked.lookbackHours * HOUR_MS)}`,
		`timestamp<=${timeOf(toMs + 1 + AHEAD_MS)}`,
		...anyOf("resource.labels.cluster_name", asked.clusters),
		...anyOf("resource.labels.location", asked.locations),
		// On lines of its own, so that a comment in it ends.
		...(asked.filter === undefined ? [] : [`(${asked.filter}\n)`]),
	];
	return { resourceNames: [resource], filter: conditions.join("\nAND "), orderBy: "timestamp asc", pageSize };
}

function anyOf(field: string, values: readonly string[]): readonly string[] {
	return values.length === 0 ? [] : [`${field}=(${values.map(quoted).join(" OR ")})`];
}

function quoted(text: string): string {
	return JSON.stringify(text);
}

function timeOf(ms: number): string {
	return quoted(new Date(ms).toISOString());
}

/**
 * One scope for each resource that the settings name; its name is the resource's. Each may hold many clusters, and entries
 * say themselves of which they are. Throws CONFIG_INVALID if the settings name none.
 */
export function scopes(places: Places): readonly Scope[] {
	const names = [
		...places.projects.map((id) => `projects/${id}`),
		...places.folders.map((id) => `folders/${id}`),
		...places.organizations.map((id) => `organizations/${id}`),
		...places.views,
	];
	if (names.length === 0) throw new CollectorError("CONFIG_INVALID", "nothing to read: name projects, folders, organizations or views");
	return [...new Set(names)].map((name) => ({ name, origin: resolveOrigin({ connector: "gcp-cloud-logging", ...placeOf(name, places) }) }));
}

/** A project is an account; if one cluster alone is asked for, it is known before any entry comes. */
function placeOf(resource: string, { clusters, locations }: Places): { readonly account?: string; readonly clusterName?: string } {
	const account = /^projects\/([^/]+)$/.exec(resource)?.[1];
	if (account === undefined) return {};
	const [cluster, ...others] = clusters;
	const [location, ...elsewhere] = locations;
	const isOne = cluster !== undefined && location !== undefined && others.length + elsewhere.length === 0;
	return { account, ...(isOne ? { clusterName: `projects/${account}/locations/${location}/clusters/${cluster}` } : {}) };
}

/** Whose quota a scope is read on: that of its project, folder or organisation, views included. */
export function quotaName({ name }: Scope): string {
	return name.split("/", 2).join("/");
}

/** How fast that one may be asked. */
export function quotaOf({ quota: { share, perMinute } }: Pick<Settings, "quota">): BucketLimits {
	const callsPerMinute = share * perMinute;
	return { perSecond: callsPerMinute / 60, burst: Math.max(1, Math.floor(callsPerMinute * BURST_SHARE)) };
}

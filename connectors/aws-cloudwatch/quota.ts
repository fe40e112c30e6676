/** How many calls a second an account may make in a Region, and how many of them are ours: asked before buckets are made. */

import type { Scope } from "../../src/contract/connector.ts";
import type { Settings } from "./settings.ts";

/** Calls a second, shared with consoles and every other reader of the account in that Region. */
export interface RegionQuota {
	readonly filterLogEvents: number;
	readonly describeLogGroups: number;
	/** StartQuery, and GetQueryResults, each. */
	readonly insights: number;
}

/** source-semantics 1.1: "FilterLogEvents 25/s us-east-1; 5/s ap-northeast-3, ...; 10/s elsewhere". Not adjustable. */
const FILTER_LOG_EVENTS: ReadonlyMap<string, number> = new Map([
	["us-east-1", 25],
	["ap-northeast-3", 5],
	["ap-southeast-3", 5],
	["ca-west-1", 5],
	["eu-central-1", 5],
	["il-central-1", 5],
]);
const FILTER_LOG_EVENTS_ELSEWHERE = 10;
/** source-semantics 1.1: "DescribeLogGroups 10/s", adjustable, in all Regions. */
const DESCRIBE_LOG_GROUPS = 10;
/** source-semantics 1.1: "StartQuery 10/s, GetQueryResults 10/s". */
const INSIGHTS = 10;

/** What AWS grants in a Region, by its page "CloudWatch Logs quotas". A Region that is not known has the usual figure. */
export function quotaOf(region: string): RegionQuota {
	return {
		filterLogEvents: FILTER_LOG_EVENTS.get(region) ?? FILTER_LOG_EVENTS_ELSEWHERE,
		describeLogGroups: DESCRIBE_LOG_GROUPS,
		insights: INSIGHTS,
	};
}

/** What a bucket for FilterLogEvents in that Region is made of. */
export function callsOf({ quota }: Pick<Settings, "quota">, region: string): { readonly perSecond: number; readonly burst: number } {
	const perSecond = quota.perSecond ?? quota.share * quotaOf(region).filterLogEvents;
	return { perSecond, burst: Math.max(1, Math.floor(perSecond)) };
}

/** Scopes of one such name draw on one quota, and so on one bucket: `<account>/<region>`. */
export function quotaName({ origin }: Scope): string {
	return `${origin.account ?? "?"}/${origin.region ?? "?"}`;
}

/** Which cluster, account and region a log event comes from: told by log groups and ARNs, never by who called. */

import type { Origin } from "../../src/contract/record.ts";

const LOG_PROVIDER = "AWS CloudWatch Logs";
const GROUP_ARN = /^arn:([\w-]+):logs:([\w-]+):(\d{12}):log-group:([^:*]+)/;
const ACCOUNT_AND_GROUP = /^(\d{12}):(.+)$/;
const EKS_GROUP = /^\/aws\/eks\/([^/]+)\/cluster$/;
const CLUSTER_ARN = /^arn:([\w-]+):eks:([\w-]+):(\d{12}):cluster\/(.+)$/;
const ANY_ARN = /^arn:([\w-]{1,32}):[\w-]{1,64}:([\w-]{1,32}):/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z][a-z0-9-]{3,31}$/;
const NAME_CHARACTERS_MAX = 1024;

/** What the services say around a log event. */
export interface Whereabouts {
	readonly account?: string | undefined;
	readonly region?: string | undefined;
	readonly partition?: string | undefined;
	/** A log group's name, its ARN, or `<account>:<name>` as Logs Insights writes it. */
	readonly logGroup?: string | undefined;
	readonly logStream?: string | undefined;
}

/** The origin that follows; what is not known is left out. */
export function originOf({ account, region, partition, logGroup, logStream }: Whereabouts): Partial<Origin> {
	const group = isName(logGroup) ? readGroup(logGroup) : {};
	return known({
		account: account !== undefined && ACCOUNT.test(account) ? account : group.account,
		region: region !== undefined && REGION.test(region) ? region : group.region,
		partition: partition ?? group.partition,
		logName: group.logName,
		clusterName: group.clusterName,
		logSource: isName(logStream) ? logStream : undefined,
	});
}

/** CloudWatch Logs allows 512 characters, an ARN some more. A longer one would be multiplied by the records that it goes to. */
function isName(text: string | undefined): text is string {
	return text !== undefined && text !== "" && text.length <= NAME_CHARACTERS_MAX;
}

/** Whether a group holds the control-plane logs of an EKS cluster; undefined if the group is not known. */
export function isEksGroup(logName: string | undefined): boolean | undefined {
	return logName === undefined ? undefined : EKS_GROUP.test(logName);
}

/** What every event of this connector has; a group of another kind may hold the events of any cluster. */
export function commonOrigin(isEks: boolean): Partial<Origin> {
	return { connector: "aws-cloudwatch", logProvider: LOG_PROVIDER, ...(isEks ? { platform: "eks" } : {}) };
}

/** Region and partition of any ARN that has a region, such as a Kinesis stream's. Its account need not be the log group's. */
export function placeOfArn(arn: string | undefined): Pick<Whereabouts, "region" | "partition"> {
	const [, partition, region] = ANY_ARN.exec(arn ?? "") ?? [];
	return { partition, region };
}

/** What a log group's name says, or its ARN, or `<account>:<name>`. */
export function readGroup(text: string): Partial<Origin> {
	const arn = GROUP_ARN.exec(text);
	if (arn !== null) return known({ partition: arn[1], region: arn[2], account: arn[3], ...nameOf(arn[4] ?? "") });
	const [, account, name = text] = ACCOUNT_AND_GROUP.exec(text) ?? [];
	return known({ account, ...nameOf(name) });
}

/** The ARN of an origin's log group as policies have it; its name and Region where the ARN is not known. */
export function groupAddress({ partition, region, account, logName }: Origin): string {
	if (partition === undefined || account === undefined) return `the log group ${logName ?? "?"} in ${region ?? "?"}`;
	return `arn:${partition}:logs:${region}:${account}:log-group:${logName}:*`;
}

function nameOf(logName: string): { logName: string; clusterName: string | undefined } {
	return { logName, clusterName: EKS_GROUP.exec(logName)?.[1] };
}

/**
 * Completes an origin: an ARN given as the cluster's name, or as the log group, is taken apart; `clusterId` is the
 * cluster's ARN once all its parts are known. Until then `clusterKey` has `?` for what is missing, and differs from a live one.
 */
export function resolve(origin: Origin): Origin {
	const { clusterId: _, clusterKey: __, ...given } = origin;
	const parts = { ...readClusterArn(origin.clusterId), ...withoutArn(given) };
	const { account, region, clusterName } = parts;
	const partition = parts.partition ?? partitionOf(region);
	const all = { ...commonOrigin(isEksGroup(parts.logName) ?? true), ...parts, ...(partition === undefined ? {} : { partition }) };
	if (clusterName === undefined) return all;
	if (account === undefined || region === undefined || partition === undefined)
		return { ...all, clusterKey: `eks/${account ?? "?"}/${region ?? "?"}/${clusterName}` };
	const clusterId = `arn:${partition}:eks:${region}:${account}:cluster/${clusterName}`;
	return { ...all, clusterId, clusterKey: clusterId };
}

/** What an ARN says stands back behind what is said plainly, but its name stands in for the ARN. */
function withoutArn(origin: Origin): Origin {
	const cluster = readClusterArn(origin.clusterName);
	const group = origin.logName === undefined ? {} : readGroup(origin.logName);
	return {
		...group,
		...cluster,
		...origin,
		...known({ logName: group.logName, clusterName: cluster.clusterName ?? origin.clusterName ?? group.clusterName }),
	};
}

function readClusterArn(text: string | undefined): Partial<Origin> {
	const [, partition, region, account, clusterName] = CLUSTER_ARN.exec(text ?? "") ?? [];
	return known({ partition, region, account, clusterName });
}

/** Regions belong to one partition each, told by their prefix. */
function partitionOf(region: string | undefined): string | undefined {
	if (region === undefined) return undefined;
	const [prefix] = /^(?:cn|us-gov|us-isob|us-isof|us-iso|eu-isoe|eusc)-/.exec(region) ?? [""];
	return PARTITIONS.get(prefix) ?? "aws";
}

const PARTITIONS: ReadonlyMap<string, string> = new Map([
	["cn-", "aws-cn"],
	["us-gov-", "aws-us-gov"],
	["us-iso-", "aws-iso"],
	["us-isob-", "aws-iso-b"],
	["eu-isoe-", "aws-iso-e"],
	["us-isof-", "aws-iso-f"],
	["eusc-", "aws-eusc"],
]);

type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function known<T extends object>(parts: T): Known<T> {
	return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Known<T>;
}

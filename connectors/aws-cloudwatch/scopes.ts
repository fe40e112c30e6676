/** Finds the log groups that settings name or let us discover: each is a scope of its own. */

import type { Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Origin } from "../../src/contract/record.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import { type Page, readGroupPage } from "./answer.ts";
import type { Client, LogGroup } from "./client.ts";
import { toCollectorError } from "./client-error.ts";
import { isEksGroup, readGroup, resolve } from "./origin.ts";
import type { Settings } from "./settings.ts";

export interface Search {
	readonly client: Client;
	/** Makes the calls of DescribeLogGroups, which have a quota of their own. */
	readonly attempt: Attempt;
	readonly signal: AbortSignal;
	/** What is left out, and why. */
	log(message: string): void;
}

const DAY_MS = 86_400_000;
const PERMISSION = "logs:DescribeLogGroups";

/**
 * The scopes, in the order of the settings, none twice. Throws CONFIG_INVALID for a log group that is in none of the Regions,
 * of another account or of a class that cannot be read, and ACCESS_DENIED if a log group cannot do without being looked up.
 */
export async function scopes(settings: Settings, search: Search): Promise<readonly Scope[]> {
	const found: Scope[] = [];
	for (const name of namesOf(settings)) found.push(...(await findNamed(name, settings, search)));
	for (const arn of settings.logGroups.filter(isArn)) found.push(await findArn(arn, search));
	if (settings.discover !== undefined)
		for (const region of settings.regions) found.push(...(await discover(settings.discover.prefix, region, settings, search)));
	return unique(found);
}

/** The ARN by which the settings name the scope's log group; of a linked account only that finds it. */
export function logGroupArn(settings: Settings, scope: Scope): string | undefined {
	const arn = settings.logGroups.find((group) => isArn(group) && scopeOf(readGroup(group)).name === scope.name);
	return arn?.replace(/:\*$/, "");
}

function namesOf({ clusters, logGroups }: Settings): readonly string[] {
	return [...clusters.map((cluster) => `/aws/eks/${cluster}/cluster`), ...logGroups.filter((group) => !isArn(group))];
}

function isArn(group: string): boolean {
	return group.startsWith("arn:");
}

async function findNamed(name: string, settings: Settings, search: Search): Promise<readonly Scope[]> {
	const { account, regions } = settings;
	const found: Scope[] = [];
	for (const region of regions) {
		const group = await lookUp(name, region, search, account !== undefined && regions.length === 1);
		if (group === "denied" && account !== undefined) found.push(scopeOf({ account, region, logName: name }));
		else if (group !== undefined && group !== "denied") found.push(describedScope(group, account));
	}
	if (found.length === 0)
		throw new CollectorError(
			"CONFIG_INVALID",
			`there is no log group ${name} in ${regions.join(", ")}: check its name, the Region, the account, and that control-plane logging is on`,
		);
	return found;
}

/** Its ARN says all that is needed: a log group that is not found may be of a linked account. */
async function findArn(arn: string, search: Search): Promise<Scope> {
	const origin = readGroup(arn);
	const { account, region = "", logName = "" } = origin;
	const group = await lookUp(logName, region, search, true);
	if (group === undefined || group === "denied" || readGroup(group.arn).account !== account) return scopeOf(origin);
	return describedScope(group, account);
}

async function discover(prefix: string, region: string, { account }: Settings, search: Search): Promise<readonly Scope[]> {
	const found: Scope[] = [];
	for await (const group of groupsOf(prefix, region, search)) {
		if (group.logGroupName.startsWith("/aws/eks/") && isEksGroup(group.logGroupName) !== true) continue;
		if (group.logGroupClass === "INFREQUENT_ACCESS") search.log(`left out: ${unreadable(group.logGroupName)}`);
		else found.push(describedScope(group, account));
	}
	if (found.length === 0) search.log(`no log group in ${region} begins with ${prefix}: is control-plane logging on?`);
	return found;
}

/** Undefined if there is none; "denied" if we may not look, and `mayGoOn`. */
async function lookUp(name: string, region: string, search: Search, mayGoOn: boolean): Promise<LogGroup | undefined | "denied"> {
	try {
		for await (const group of groupsOf(name, region, search)) if (group.logGroupName === name) return group;
		return undefined;
	} catch (error) {
		if (!(error instanceof CollectorError) || error.code !== "ACCESS_DENIED") throw error;
		if (!mayGoOn)
			throw new CollectorError("ACCESS_DENIED", `${error.message}; or set account and a single Region, or name the log group by its ARN`);
		search.log(`${name} in ${region} is read without knowing its class and retention, since ${error.message}`);
		return "denied";
	}
}

async function* groupsOf(prefix: string, region: string, { client, attempt, signal }: Search): AsyncGenerator<LogGroup> {
	const asked = { permission: PERMISSION, on: `log groups of ${region}` };
	let token: string | undefined;
	do {
		const request = { region, logGroupNamePrefix: prefix, ...(token === undefined ? {} : { nextToken: token }) };
		const page: Page<LogGroup> = await attempt(async () => {
			try {
				return readGroupPage(await client.describeLogGroups(request, signal));
			} catch (error) {
				signal.throwIfAborted();
				throw toCollectorError(error, asked);
			}
		}, signal);
		yield* page.items;
		if (page.nextToken !== undefined && page.nextToken === token)
			throw new CollectorError("SOURCE_UNAVAILABLE", `${PERMISSION} in ${region}: the same page token came twice`);
		token = page.nextToken;
	} while (token !== undefined);
}

function describedScope({ arn, logGroupClass, logGroupName, retentionInDays }: LogGroup, account: string | undefined): Scope {
	const origin = readGroup(arn);
	if (origin.account === undefined) throw new CollectorError("SOURCE_UNAVAILABLE", `${PERMISSION}: the ARN of ${logGroupName} is none`);
	if (account !== undefined && origin.account !== account)
		throw new CollectorError(
			"CONFIG_INVALID",
			`${logGroupName} is of account ${origin.account}, and the settings say ${account}: check the credentials in use`,
		);
	if (logGroupClass === "INFREQUENT_ACCESS") throw new CollectorError("CONFIG_INVALID", unreadable(logGroupName));
	return scopeOf({ ...origin, logName: logGroupName }, retentionInDays ?? undefined);
}

function unreadable(name: string): string {
	return `${name} is of class INFREQUENT_ACCESS, which FilterLogEvents does not read and which is not supported yet: use a group of class STANDARD`;
}

/** `<account>/<region>/<log group without its leading slash>`: what cursors and batches of the log group bear. */
export function scopeName(account: string, region: string, logName: string): string {
	return `${account}/${region}/${logName.replace(/^\//, "")}`;
}

function scopeOf(origin: Partial<Origin>, retentionInDays?: number): Scope {
	const { account = "?", region = "?", logName = "?" } = origin;
	return {
		name: scopeName(account, region, logName),
		origin: resolve({ connector: "aws-cloudwatch", ...origin }),
		...(retentionInDays === undefined ? {} : { retentionMs: retentionInDays * DAY_MS }),
	};
}

/** Two groups whose names differ in the leading slash alone would share a cursor. */
function unique(found: readonly Scope[]): readonly Scope[] {
	const byName = new Map<string, Scope>();
	for (const scope of found) {
		const other = byName.get(scope.name)?.origin.logName;
		if (other !== undefined && other !== scope.origin.logName)
			throw new CollectorError(
				"CONFIG_INVALID",
				`the log groups ${other} and ${scope.origin.logName} cannot be told apart: read them as two sources`,
			);
		if (other === undefined) byName.set(scope.name, scope);
	}
	return [...byName.values()];
}

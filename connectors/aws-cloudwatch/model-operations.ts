/** How the simulated service lists events and log groups, without what may befall a call on its way. */

import type { Place } from "../../src/simulation/stored-log.ts";
import type { Answer, DescribeLogGroupsRequest, FilterLogEventsRequest } from "./client.ts";
import type { ModelLimits, Oddities } from "./model.ts";
import type { Queries } from "./model-insights.ts";
import type { PageTokens } from "./page-token.ts";
import { serviceError, tokenRefused } from "./service-error.ts";
import { type GroupSettings, groupArn, type StoredGroup, type Stretch } from "./stored-group.ts";

export interface Service {
	readonly groups: readonly StoredGroup[];
	readonly limits: ModelLimits;
	readonly tokens: PageTokens;
	readonly queries: Queries;
	now(): number;
	random(): number;
	/** Whether this page has that oddity. */
	happens(oddity: keyof Oddities): boolean;
}

/** A page of events, as the service would give it now. Throws what the SDK throws. */
export function filterLogEvents(service: Service, request: FilterLogEventsRequest): Answer {
	const { limits, tokens, now, random, happens } = service;
	const { region, logGroup, logStreamNamePrefix: streamPrefix, startTime, endTime, limit, nextToken } = request;
	const group = groupNamed(service, region, logGroup);
	refuseClass(group.settings);
	const question = JSON.stringify([region, logGroup, streamPrefix, startTime, endTime]);
	const nowMs = now();
	const after = nextToken === undefined ? undefined : tokens.read(nextToken, question, nowMs);
	if (after === "refused") throw tokenRefused();
	if (happens("empty")) return { events: [], nextToken: tokens.make(after, question, nowMs) };
	const most = Math.min(limit ?? limits.pageEventsMax, limits.pageEventsMax);
	const eventsMax = happens("short") ? 1 + Math.floor(random() * most) : most;
	const stretch = group.stretch({ fromMs: startTime, toMs: endTime, streamPrefix, after, nowMs, eventsMax, bytesMax: limits.pageBytesMax });
	const events = happens("unordered") ? stretch.events.toReversed() : stretch.events;
	const place = placeToGoOn(stretch, happens);
	return place === undefined ? { events } : { events, nextToken: tokens.make(place, question, nowMs) };
}

/** By its name, or its ARN. Throws as the service does. */
export function groupNamed({ groups }: Service, region: string, logGroup: string): StoredGroup {
	const group = groups.find(({ settings }) => settings.region === region && [settings.name, groupArn(settings)].includes(logGroup));
	if (group === undefined) throw serviceError("ResourceNotFoundException", "The specified log group does not exist.");
	return group;
}

/** A token is a position: what becomes visible behind it is not returned any more (source-semantics 1.2). */
function placeToGoOn({ isFull, places }: Stretch, happens: Service["happens"]): Place | undefined {
	if (!isFull && !(places.length > 0 && happens("lateEnd"))) return undefined;
	return isFull && places.length > 1 && happens("overlapping") ? places[places.length >> 1] : places.at(-1);
}

/** In AWS's words; seen in aws/karpenter-provider-aws#9567. */
function refuseClass({ name, logGroupClass }: GroupSettings): void {
	if (logGroupClass !== "INFREQUENT_ACCESS") return;
	const message = `The log group ${name} is of log-group-class ${logGroupClass}. FilterLogEvents is not supported for this log class.`;
	throw serviceError("InvalidOperationException", message);
}

/** A page of log groups, by name. */
export function describeLogGroups({ groups, limits }: Service, request: DescribeLogGroupsRequest): Answer {
	const { region, logGroupNamePrefix, nextToken = "" } = request;
	const all = groups
		.map(({ settings }) => settings)
		.filter(({ name, region: other }) => other === region && name.startsWith(logGroupNamePrefix) && name > nextToken)
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const logGroups = all.slice(0, limits.groupsPageMax).map(describe);
	const last = logGroups.at(-1);
	return { logGroups, ...(all.length > logGroups.length && last !== undefined ? { nextToken: last.logGroupName } : {}) };
}

function describe(settings: GroupSettings) {
	const { name, retentionInDays, logGroupClass = "STANDARD" } = settings;
	return {
		logGroupName: name,
		arn: `${groupArn(settings)}:*`,
		logGroupArn: groupArn(settings),
		creationTime: 0,
		metricFilterCount: 0,
		storedBytes: 0,
		logGroupClass,
		...(retentionInDays === undefined ? {} : { retentionInDays }),
	};
}

/** Success that is none: source-semantics 7, rule 17 ("200-empty"); feasibility 1.1 ("responses are not validated"). */
export function garbled(member: string, dice: number): Answer {
	if (dice < 1 / 3) return {};
	return { [member]: dice < 2 / 3 ? "nonsense" : [{ message: 1 }] } as unknown as Answer;
}

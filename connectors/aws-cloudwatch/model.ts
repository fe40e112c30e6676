/** A pure model of CloudWatch Logs, as source-semantics.md describes it, behind the client's own interface: for simulations and the simulator. */

import type { Clock } from "../../src/contract/connector.ts";
import { rememberTexts } from "../../src/json/remember.ts";
import type { Faults } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import type { Answer, Client } from "./client.ts";
import { AUDIT_STREAM } from "./decode.ts";
import { createQueries, getQueryResults, startQuery } from "./model-insights.ts";
import { describeLogGroups, filterLogEvents, garbled, type Service } from "./model-operations.ts";
import { createPageTokens } from "./page-token.ts";
import { quotaOf, type RegionQuota } from "./quota.ts";
import { scopeName } from "./scopes.ts";
import { errorOf, throttled, tokenRefused } from "./service-error.ts";
import { createStoredGroup, type GroupSettings } from "./stored-group.ts";

/** What the service does now and then, and readers did not expect: how likely a page has it. */
export interface Oddities {
	/** source-semantics 1.1: "a page may be part full". */
	readonly short: number;
	/** source-semantics 1.1: "or empty with a nextToken". */
	readonly empty: number;
	/** The last page has a token all the same; the one after it is empty and has none. */
	readonly lateEnd: number;
	/** source-semantics 5, boto/boto3#4472: "token-overlap pages". */
	readonly overlapping: number;
	/** source-semantics 1.1: "Out-of-order pages were nevertheless seen (aws/aws-sdk-js#3994)". */
	readonly unordered: number;
	/** A query of Insights ends without its results. */
	readonly failedQuery: number;
}

export interface ModelLimits {
	/** source-semantics 1.1: "up to 1 MB or 10,000 events". */
	readonly pageEventsMax: number;
	readonly pageBytesMax: number;
	/** source-semantics 1.1: "nextToken expires after 24 h". */
	readonly tokenLifeMs: number;
	/** source-semantics 1.3: "one event may be 1 MB". */
	readonly eventBytesMax: number;
	readonly groupsPageMax: number;
	/** Calls of each operation a second in each Region. Absent: as AWS grants there. */
	readonly callsPerSecond?: number;
	/** How long the client waits for an answer that does not come. */
	readonly requestMs: number;
	/** How long every answer takes. */
	readonly latencyMs: number;
	/** How long a query of Insights runs. */
	readonly queryMs: number;
}

export interface ModelOptions {
	readonly clock: Clock;
	/** In [0, 1). */
	readonly random: () => number;
	readonly faults: Faults;
	/** Absent: one, of the cluster "prod". */
	readonly groups?: readonly GroupSettings[];
	readonly limits?: Partial<ModelLimits>;
	readonly oddities?: Partial<Oddities>;
	/** The service's clock less the given one. */
	readonly skewMs?: number;
}

/** A log event as its producer puts it. */
interface PutEvent {
	readonly logStreamName: string;
	/** Epoch milliseconds. */
	readonly timestamp: number;
	readonly message: string;
	/** Absent: now. */
	readonly ingestionTime?: number;
	/** Reads return it from then on. Absent: when it was taken in. */
	readonly visibleAtMs?: number;
}

export interface Model {
	/** Its event id; undefined if the service refuses it for its time. `scope` is a scope's name; absent: the first log group. */
	put(event: PutEvent, scope?: string): string | undefined;
	/** Puts an audit event into the stream of its API server, cut as EKS cuts it if it is too large. */
	plant(event: PlantedEvent, scope?: string): string | undefined;
	client(): Client;
	/** Drops what is older, as retention does. */
	forget(beforeMs: number): void;
	/** The service's clock, epoch milliseconds. */
	now(): number;
	/** The names of the scopes that its log groups are. */
	readonly scopeNames: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const DEFAULT_GROUP: GroupSettings = { name: "/aws/eks/prod/cluster", region: "eu-central-1", account: "123456789012" };
const LIMITS: ModelLimits = {
	pageEventsMax: 10_000,
	pageBytesMax: 1024 * 1024,
	tokenLifeMs: DAY_MS,
	eventBytesMax: 1024 * 1024,
	groupsPageMax: 50,
	requestMs: 60_000,
	latencyMs: 0,
	queryMs: 4_000,
};

/** A service that has stored nothing yet. The same random numbers, events and questions give the same answers. */
export function createModel(options: ModelOptions): Model {
	const { clock, random, skewMs = 0, groups = [DEFAULT_GROUP] } = options;
	const limits = { ...LIMITS, ...options.limits };
	const stored = groups.map(createStoredGroup);
	const ofScope = new Map(stored.map((group) => [scopeName(group.settings.account, group.settings.region, group.settings.name), group]));
	const service: Service = {
		groups: stored,
		limits,
		tokens: createPageTokens(limits.tokenLifeMs),
		queries: createQueries(),
		now: () => clock.now() + skewMs,
		random,
		happens(oddity) {
			const likely = options.oddities?.[oddity] ?? 0;
			return likely > 0 && random() < likely;
		},
	};
	const spend = createSpending(limits);
	const [firstScope = ""] = ofScope.keys();
	let serial = 0;

	function put(event: PutEvent, scope = firstScope): string | undefined {
		const { logStreamName, timestamp, message, ingestionTime = service.now(), visibleAtMs = ingestionTime } = event;
		const group = ofScope.get(scope);
		if (group === undefined) throw new Error(`the model has no scope ${scope}`);
		// source-semantics 1.3: "from 14 days (or the retention) in the past to 2 h in the future".
		const oldestMs = ingestionTime - Math.min(14, group.settings.retentionInDays ?? 14) * DAY_MS;
		if (timestamp < oldestMs || timestamp > ingestionTime + 2 * HOUR_MS) return undefined;
		const eventId = `3${String(serial++).padStart(55, "0")}`;
		group.put({ logStreamName, timestamp, message, ingestionTime, eventId }, visibleAtMs);
		return eventId;
	}

	return {
		put,
		plant({ text, timeMs, takenInMs, visibleAtMs, server }, scope) {
			const message = cut(text, limits.eventBytesMax);
			return put(
				{ logStreamName: streamOf(server.toString(16)), timestamp: timeMs, message, ingestionTime: takenInMs, visibleAtMs },
				scope,
			);
		},
		client: () => clientOf(service, options, spend),
		forget(beforeMs) {
			for (const group of service.groups) group.forget(beforeMs);
		},
		now: service.now,
		scopeNames: [...ofScope.keys()],
	};
}

/** The stream of the API server of that number, in hexadecimal; one text for all of its many events. */
const streamOf = rememberTexts((server) => AUDIT_STREAM + server.padStart(32, "0"));

const CUT_MARK = "[Truncated...]";

/** source-semantics 1.3: `EKS events can arrive cut, with a "[Truncated...]" marker and invalid JSON`. */
function cut(text: string, bytesMax: number): string {
	if (Buffer.byteLength(text) <= bytesMax) return text;
	return (
		Buffer.from(text)
			.subarray(0, bytesMax - CUT_MARK.length)
			.toString("utf8") + CUT_MARK
	);
}

/** Calls of the service, with what may befall them. */
function clientOf(service: Service, { clock, faults }: ModelOptions, spend: Spend): Client {
	const { limits, random } = service;

	async function call(kind: Kind, region: string, hasToken: boolean, signal: AbortSignal, answer: () => Answer): Promise<Answer> {
		signal.throwIfAborted();
		const fault = faults(kind.operation);
		const waitMs = fault === "timeout" ? limits.requestMs : limits.latencyMs;
		if (waitMs > 0) await clock.wait(waitMs, signal);
		const error = fault === undefined ? undefined : errorOf(fault, kind.operation, region, random);
		if (error !== undefined) throw error;
		if (fault === "bad-token" && hasToken) throw tokenRefused();
		if (!spend(kind, region, service.now())) throw throttled();
		const answered = fault === "garbled" ? garbled(kind.member, random()) : answer();
		return { ...answered, servedAtMs: Math.floor(service.now() / 1000) * 1000 };
	}

	return {
		filterLogEvents: (request, signal) =>
			call(FILTER, request.region, request.nextToken !== undefined, signal, () => filterLogEvents(service, request)),
		describeLogGroups: (request, signal) =>
			call(DESCRIBE, request.region, request.nextToken !== undefined, signal, () => describeLogGroups(service, request)),
		startQuery: (request, signal) => call(START, request.region, false, signal, () => startQuery(service, request)),
		getQueryResults: (request, signal) => call(RESULTS, request.region, false, signal, () => getQueryResults(service, request)),
		[Symbol.asyncDispose]: async () => {},
	};
}

interface Kind {
	readonly operation: "FilterLogEvents" | "DescribeLogGroups" | "StartQuery" | "GetQueryResults";
	/** What an answer must have. */
	readonly member: "events" | "logGroups" | "queryId" | "results";
	readonly quota: keyof RegionQuota;
}

const FILTER: Kind = { operation: "FilterLogEvents", member: "events", quota: "filterLogEvents" };
const DESCRIBE: Kind = { operation: "DescribeLogGroups", member: "logGroups", quota: "describeLogGroups" };
const START: Kind = { operation: "StartQuery", member: "queryId", quota: "insights" };
const RESULTS: Kind = { operation: "GetQueryResults", member: "results", quota: "insights" };

/** Whether one more call is within the quota. */
type Spend = (kind: Kind, region: string, nowMs: number) => boolean;

/** source-semantics 1.1: "Quotas per account and Region", calls a second. */
function createSpending({ callsPerSecond }: ModelLimits): Spend {
	const spent = new Map<string, { second: number; calls: number }>();
	return ({ operation, quota }, region, nowMs) => {
		const allowed = callsPerSecond ?? quotaOf(region)[quota];
		const key = `${operation} ${region}`;
		const second = Math.floor(nowMs / 1000);
		const known = spent.get(key);
		const now = known?.second === second ? known : { second, calls: 0 };
		spent.set(key, now);
		return now.calls++ < allowed;
	};
}

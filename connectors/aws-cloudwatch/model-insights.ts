/** Logs Insights of the simulated service: the one query that is asked of it, which takes its time. */

import type { Answer, GetQueryResultsRequest, StartQueryRequest } from "./client.ts";
import { binField, countQuery } from "./count.ts";
import { AUDIT_STREAM } from "./decode.ts";
import { groupNamed, type Service } from "./model-operations.ts";
import { serviceError } from "./service-error.ts";
import type { StoredGroup } from "./stored-group.ts";

/** One that was started. */
interface Query {
	readonly group: StoredGroup;
	readonly binMs: number;
	readonly fromMs: number;
	readonly toMs: number;
	readonly startedMs: number;
	readonly fails: boolean;
}

export type Queries = Map<string, Query>;

export function createQueries(): Queries {
	return new Map();
}

const MINUTE_MS = 60_000;

/** Takes the query to the letter. Class INFREQUENT_ACCESS can be queried, too. Throws what the SDK throws. */
export function startQuery(service: Service, { region, logGroup, queryString, startTime, endTime }: StartQueryRequest): Answer {
	const group = groupNamed(service, region, logGroup);
	const binMs = Number(/bin\((\d+)m\)$/.exec(queryString)?.[1]) * MINUTE_MS;
	if (queryString !== countQuery(binMs)) throw serviceError("MalformedQueryException", "unexpected symbol found");
	if (startTime > endTime)
		throw serviceError("InvalidParameterException", "End time should not be before start time. (Service: CloudWatchLogs)");
	const queryId = `00000000-0000-4000-8000-${String(service.queries.size).padStart(12, "0")}`;
	// source-semantics 1.1: "StartQuery is inclusive at both ends and in seconds".
	const [fromMs, toMs] = [startTime * 1000, endTime * 1000 + 999];
	service.queries.set(queryId, { group, binMs, fromMs, toMs, startedMs: service.now(), fails: service.happens("failedQuery") });
	return { queryId };
}

/** source-semantics 1.4: "`Running` results are partial". */
export function getQueryResults(service: Service, { queryId }: GetQueryResultsRequest): Answer {
	const query = service.queries.get(queryId);
	if (query === undefined) throw serviceError("ResourceNotFoundException", "The specified query does not exist.");
	const age = (service.now() - query.startedMs) / service.limits.queryMs;
	if (age < 1 / 4) return { status: "Scheduled", results: [] };
	const results = rowsOf(query, service.now());
	if (age < 1) return { status: "Running", results: results.slice(0, results.length >> 1) };
	return query.fails ? { status: "Failed", results: [] } : { status: "Complete", results };
}

function rowsOf({ group, binMs, fromMs, toMs }: Query, nowMs: number): NonNullable<Answer["results"]> {
	const all = { fromMs, toMs, streamPrefix: AUDIT_STREAM, after: undefined, nowMs, eventsMax: Infinity, bytesMax: Infinity };
	const bins = Map.groupBy(group.stretch(all).events, ({ timestamp }) => Math.floor(timestamp / binMs) * binMs);
	return [...bins].map(([bin, events]) => [
		{ field: binField(binMs), value: new Date(bin).toISOString().replace("T", " ").replace("Z", "") },
		{ field: "records", value: String(events.length) },
	]);
}

/** Counts the audit events of a log group by Logs Insights, which scans the group's bytes of that time and charges for them. */

import type { Clock, Counts, Stretch } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { type Row, readQueryId, readQueryResults } from "./answer.ts";
import type { Answer } from "./client.ts";
import { type Asked, toCollectorError } from "./client-error.ts";
import { AUDIT_STREAM } from "./decode.ts";
import { groupAddress } from "./origin.ts";
import type { Listing } from "./poll.ts";

export interface Counting extends Pick<Listing, "client" | "attempt" | "scope" | "logGroupArn"> {
	readonly clock: Clock;
}

/** Between two looks at a query that runs: at first, and at most. */
const LOOK_MS = 1_000;
const LOOK_MS_MAX = 15_000;
/** The service itself gives up after an hour. */
const QUERY_MS_MAX = 20 * 60_000;
/** source-semantics 1.4: "`Running` results are partial". */
const UNDER_WAY = new Set(["Scheduled", "Running"]);

/** The query, less its time. The name of the field that bins are in is the call itself. */
export function countQuery(binMs: number): string {
	return `filter @logStream like /^${AUDIT_STREAM}/ | stats count(*) as records by ${binField(binMs)}`;
}

export function binField(binMs: number): string {
	return `bin(${binMs / 60_000}m)`;
}

/**
 * Events by the bin of their timestamp, which is the time that FilterLogEvents lists by. Throws ACCESS_DENIED without
 * logs:StartQuery or logs:GetQueryResults, and SOURCE_UNAVAILABLE if the query does not come to its end.
 */
export async function countEvents(
	counting: Counting,
	{ fromMs, untilMs, binMs }: Stretch & { readonly binMs: number },
	signal: AbortSignal,
): Promise<Counts> {
	const { client, scope, logGroupArn } = counting;
	const { region = "", logName = "" } = scope.origin;
	const request = {
		region,
		logGroup: logGroupArn ?? logName,
		queryString: countQuery(binMs),
		startTime: Math.floor(fromMs / 1000),
		// Inclusive to the second: the bin that begins there is none of ours.
		endTime: Math.ceil(untilMs / 1000),
	};
	const queryId = await ask(counting, "logs:StartQuery", () => client.startQuery(request, signal), readQueryId, signal);
	const rows = await resultsOf(counting, region, queryId, signal);
	const counts = new Map(rows.map((row) => countOf(row, binMs)));
	for (const bin of counts.keys()) if (bin < fromMs || bin >= untilMs) counts.delete(bin);
	return counts;
}

async function resultsOf(counting: Counting, region: string, queryId: string, signal: AbortSignal): Promise<readonly Row[]> {
	const { client, clock } = counting;
	const endMs = clock.now() + QUERY_MS_MAX;
	for (let waitMs = LOOK_MS; ; waitMs = Math.min(LOOK_MS_MAX, waitMs * 2)) {
		await clock.wait(waitMs, signal);
		const look = () => client.getQueryResults({ region, queryId }, signal);
		const { status, rows } = await ask(counting, "logs:GetQueryResults", look, readQueryResults, signal);
		if (status === "Complete") return rows;
		if (!UNDER_WAY.has(status)) throw unfinished(counting, `ended as ${/^\w{1,20}$/.test(status) ? status : "something unknown"}`);
		if (clock.now() >= endMs) throw unfinished(counting, `has not ended after ${QUERY_MS_MAX / 60_000} minutes`);
	}
}

async function ask<T>(
	{ attempt, scope }: Counting,
	permission: string,
	call: () => Promise<Answer>,
	read: (answer: Answer) => T,
	signal: AbortSignal,
): Promise<T> {
	const asked: Asked = { permission, on: groupAddress(scope.origin) };
	return attempt(async () => {
		try {
			return read(await call());
		} catch (error) {
			signal.throwIfAborted();
			throw toCollectorError(error, asked);
		}
	}, signal);
}

/** "2026-11-23 10:05:00.000" is UTC (wire-formats). */
function countOf(row: Row, binMs: number): readonly [bin: number, count: number] {
	const bin = Date.parse(`${row.get(binField(binMs))?.replace(" ", "T")}Z`);
	const count = Number(row.get("records") || Number.NaN);
	if (Number.isNaN(bin) || !Number.isSafeInteger(count) || count < 0)
		throw new CollectorError("SOURCE_UNAVAILABLE", "Logs Insights answered with a row that is no count");
	return [bin, count];
}

function unfinished({ scope }: Counting, how: string): CollectorError {
	return new CollectorError("SOURCE_UNAVAILABLE", `the query of Logs Insights on ${groupAddress(scope.origin)} ${how}`);
}

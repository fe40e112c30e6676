/** Looks at what CloudWatch Logs answered before anybody relies on it: the SDK hands over whatever came as a success. */

import { CollectorError } from "../../src/contract/errors.ts";
import { isObject } from "../../src/json/value.ts";
import type { LogEvent, LogGroup } from "./client.ts";

export interface Page<T> {
	readonly items: readonly T[];
	/** What leads on; the page without one is the last, and no other sign ends a listing. */
	readonly nextToken: string | undefined;
}

/** A page of FilterLogEvents. Throws SOURCE_UNAVAILABLE if it is none: an empty answer is not an empty page. */
export function readEventPage(answer: unknown): Page<LogEvent> {
	return readPage(answer, "events", isLogEvent);
}

/** A page of DescribeLogGroups, likewise. */
export function readGroupPage(answer: unknown): Page<LogGroup> {
	return readPage(answer, "logGroups", isLogGroup);
}

/** The id of a query that was started. Throws likewise. */
export function readQueryId(answer: unknown): string {
	const { queryId } = isObject(answer) ? answer : {};
	if (!isText(queryId)) throw noAnswer("query id");
	return queryId;
}

/** A row of Insights, by the names of its fields. */
export type Row = ReadonlyMap<string, string>;

/** What GetQueryResults answered: whole only if the status is Complete. Throws likewise. */
export function readQueryResults(answer: unknown): { readonly status: string; readonly rows: readonly Row[] } {
	const { status, results } = isObject(answer) ? answer : {};
	if (!isText(status) || !Array.isArray(results) || !results.every(isRow)) throw noAnswer("query result");
	return { status, rows: results.map((fields) => new Map(fields.map(({ field, value }) => [field, value]))) };
}

function readPage<T>(answer: unknown, member: string, isItem: (value: unknown) => value is T): Page<T> {
	const { [member]: items, nextToken } = isObject(answer) ? answer : {};
	const isEnd = nextToken === undefined || nextToken === null;
	if (!Array.isArray(items) || !items.every(isItem) || !(isEnd || (typeof nextToken === "string" && nextToken !== "")))
		throw noAnswer(`page of ${member}`);
	return { items, nextToken: isEnd ? undefined : (nextToken as string) };
}

function noAnswer(what: string): CollectorError {
	return new CollectorError("SOURCE_UNAVAILABLE", `CloudWatch Logs answered with something that is no ${what}; it is asked again`);
}

function isRow(value: unknown): value is readonly { readonly field: string; readonly value: string }[] {
	return Array.isArray(value) && value.every((field) => isObject(field) && isText(field["field"]) && typeof field["value"] === "string");
}

function isLogEvent(value: unknown): value is LogEvent {
	if (!isObject(value)) return false;
	const { eventId, message, timestamp, ingestionTime, logStreamName } = value;
	return (
		isText(eventId) &&
		typeof message === "string" &&
		Number.isSafeInteger(timestamp) &&
		Number.isSafeInteger(ingestionTime) &&
		isText(logStreamName)
	);
}

function isLogGroup(value: unknown): value is LogGroup {
	if (!isObject(value)) return false;
	const { logGroupName, arn, retentionInDays, logGroupClass } = value;
	return isText(logGroupName) && isText(arn) && isAbsentOr(retentionInDays, "number") && isAbsentOr(logGroupClass, "string");
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

function isAbsentOr(value: unknown, type: "number" | "string"): boolean {
	return value === undefined || value === null || typeof value === type;
}

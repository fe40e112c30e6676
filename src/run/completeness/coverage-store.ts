/** Reads the watermarks of the embedded store, and counts what is stored of the clusters that they speak of. */

import { runQuery } from "../../backend/query.ts";
import { COVERAGE } from "../../backend/views.ts";
import { asRecord } from "../../json/value.ts";
import type { Comparison, Count, Mark } from "./coverage.ts";
import type { Range } from "./ranges.ts";

export interface StoredCoverage {
	readonly marks: readonly Mark[];
	readonly counts: readonly Count[];
	/** Watermarks that lack what every one of them has. */
	readonly unreadable: number;
}

/** Not from the view: a store that nobody has written to since an older version has none. */
const MARKS = `SELECT uid, time, source, scope, complete_from, complete_to, coalesce(cluster, cluster_uid) AS cluster, late, repeated, gaps, reconciled, previous, hash FROM (${COVERAGE})`;

/**
 * Events before a moment, by cluster and second, and the difference between two moments: a join of events with stretches
 * would compare each with each. Watermarks lie on whole seconds.
 */
const COUNTS = `WITH marks AS (${COVERAGE}),
	named AS (
		SELECT uid, complete_from, complete_to, unnest(coalesce(clusters, [{name: cluster, uid: cluster_uid, delivered: delivered, within: within}])) AS of FROM marks
	),
	counts AS (
		SELECT uid, complete_from, complete_to, of.delivered AS delivered, of.within AS within, coalesce(of.name, of.uid) AS cluster, coalesce(of.name, '') || chr(10) || coalesce(of.uid, '') AS key
		FROM named
	),
	seconds AS (
		SELECT coalesce(cluster, '') || chr(10) || coalesce(cluster_uid, '') AS key, date_trunc('second', time) AS second, count(*) AS events
		FROM events WHERE class_uid = 6003 GROUP BY ALL
	),
	totals AS (SELECT key, second, sum(events) OVER (PARTITION BY key ORDER BY second) AS total FROM seconds),
	begun AS (SELECT c.*, coalesce(t.total, 0) AS before FROM counts c ASOF LEFT JOIN totals t ON c.key = t.key AND c.complete_from > t.second)
	SELECT uid, cluster, delivered, within, (coalesce(t.total, 0) - before)::BIGINT AS stored
	FROM begun b ASOF LEFT JOIN totals t ON b.key = t.key AND b.complete_to > t.second`;

/** Throws as `runQuery` does. */
export async function readCoverage(path: string, signal: AbortSignal): Promise<StoredCoverage> {
	const rows = await rowsOf(path, MARKS, signal);
	const marks = rows.map(markOf).filter((mark) => mark !== undefined);
	const counts = (await rowsOf(path, COUNTS, signal)).map(countOf);
	return { marks, counts, unreadable: rows.length - marks.length };
}

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(path: string, sql: string, signal: AbortSignal): Promise<readonly Row[]> {
	const { columns, rows } = await runQuery(path, sql, { signal });
	const found: Row[] = [];
	for await (const page of rows) for (const row of page) found.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
	return found;
}

function markOf(row: Row): Mark | undefined {
	const { uid, source, scope, cluster, late, repeated, gaps, reconciled, previous, hash } = row;
	const [timeMs, fromMs, toMs] = [row["time"], row["complete_from"], row["complete_to"]].map(msOf) as [number, number, number];
	if (typeof source !== "string" || typeof scope !== "string" || ![timeMs, fromMs, toMs].every(Number.isFinite)) return undefined;
	return {
		uid: String(uid),
		timeMs,
		fromMs,
		toMs,
		source,
		scope,
		cluster: textOf(cluster),
		late: numberOf(late),
		isDistinct: typeof repeated === "number",
		gaps: listOf(gaps).map(rangeOf),
		reconciled: listOf(reconciled)
			.map(comparisonOf)
			.filter(({ fromMs, toMs }) => toMs > fromMs),
		previous: textOf(previous),
		hash: String(hash),
	};
}

function countOf({ uid, cluster, delivered, within, stored }: Row): Count {
	return {
		uid: String(uid),
		cluster: textOf(cluster),
		delivered: numberOf(delivered),
		within: numberOf(within),
		stored: numberOf(stored),
	};
}

/** What is no object, as only a changed event has it, is one that says nothing. */
function listOf(value: unknown): readonly Row[] {
	return Array.isArray(value) ? value.map(asRecord) : [];
}

function rangeOf({ from, to }: Row): Range {
	return { fromMs: msOf(from), toMs: msOf(to) };
}

function comparisonOf(row: Row): Comparison {
	const { expected, delivered, found, missing } = row;
	const counts = { expected: numberOf(expected), delivered: numberOf(delivered), found: numberOf(found), missing: numberOf(missing) };
	return { ...rangeOf(row), ...counts };
}

function msOf(value: unknown): number {
	return Date.parse(String(value));
}

function numberOf(value: unknown): number {
	return typeof value === "number" ? value : 0;
}

function textOf(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

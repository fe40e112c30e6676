/** Watermarks as they are stored -> what of each cluster is complete, late or missing. */

import { merged, type Range, uncovered } from "./ranges.ts";

/** One watermark event. Times are epoch milliseconds. */
export interface Mark extends Range {
	readonly uid: string;
	/** When it was made. */
	readonly timeMs: number;
	readonly source: string;
	readonly scope: string;
	/** Of the scope; absent: it holds several clusters, or they are not known. */
	readonly cluster: string | undefined;
	readonly late: number;
	/** Whether its counts are of distinct events. */
	readonly isDistinct: boolean;
	/** Stretches that the collector says it could not read. */
	readonly gaps: readonly Range[];
	/** What was compared with the service's own count. */
	readonly reconciled: readonly Comparison[];
	readonly previous: string | undefined;
	/** Of the bytes that are stored. */
	readonly hash: string;
}

/** Records of a stretch: those that the service counts, that had been seen, that were found by reading again, that are missing. */
export interface Comparison extends Range {
	readonly expected: number;
	readonly delivered: number;
	readonly found: number;
	readonly missing: number;
}

/** What a watermark says of one cluster, beside what is stored of it. */
export interface Count {
	readonly uid: string;
	readonly cluster: string | undefined;
	readonly delivered: number;
	/** Delivered events whose time lies in the stretch that the watermark adds, and stored ones. */
	readonly within: number;
	readonly stored: number;
}

export interface Problem extends Range {
	/** "service": it counts more than it lists. */
	readonly kind: "gap" | "chain" | "count" | "service";
	readonly what: string;
}

/** Of one cluster in one scope. */
export interface CoverageReport {
	readonly cluster: string | undefined;
	readonly source: string;
	readonly scope: string;
	readonly complete: readonly Range[];
	readonly watermarks: number;
	/** When the newest of them was made. */
	readonly newestMs: number;
	readonly delivered: number;
	/** Stored events whose time lies in what the watermarks cover. */
	readonly stored: number;
	/** Records of the whole scope. */
	readonly late: number;
	/** Of the whole scope. */
	readonly reconciled: readonly Comparison[];
	/** Watermarks whose count could be compared with what is stored. */
	readonly compared: number;
	/** Nothing but what is told here is missing, as far as watermarks can tell. */
	readonly problems: readonly Problem[];
}

/** By source, scope and cluster, in this order. The order of the marks does not matter. */
export function coverageOf(marks: readonly Mark[], counts: readonly Count[]): readonly CoverageReport[] {
	const byMark = Map.groupBy(counts, ({ uid }) => uid);
	const scopes = Map.groupBy(marks, ({ source, scope }) => JSON.stringify([source, scope]));
	const names = [...scopes.keys()].sort();
	return names.flatMap((name) => reportsOf((scopes.get(name) ?? []).toSorted(byTime), byMark));
}

function byTime(a: Mark, b: Mark): number {
	return a.timeMs - b.timeMs || a.toMs - b.toMs;
}

function reportsOf(chain: readonly Mark[], byMark: ReadonlyMap<string, readonly Count[]>): readonly CoverageReport[] {
	const newest = chain.at(-1) as Mark;
	const complete = merged(chain.flatMap((mark) => uncovered(mark, mark.gaps)));
	const problems = [...gapsOf(chain, complete), ...chainFaults(chain), ...unlisted(chain)];
	const counted = chain.flatMap((mark) => (byMark.get(mark.uid) ?? []).map((count) => ({ mark, count })));
	const clusters = Map.groupBy(counted, ({ count }) => count.cluster);
	if (clusters.size === 0) clusters.set(newest.cluster, []);
	return [...clusters].map(([cluster, all]): CoverageReport => {
		const distinct = all.filter(({ mark }) => mark.isDistinct);
		const sum = (of: "delivered" | "stored"): number => all.reduce((total, { count }) => total + count[of], 0);
		return {
			cluster,
			source: newest.source,
			scope: newest.scope,
			complete,
			watermarks: chain.length,
			newestMs: newest.timeMs,
			delivered: sum("delivered"),
			stored: sum("stored"),
			late: chain.reduce((total, { late }) => total + late, 0),
			reconciled: chain.flatMap(({ reconciled }) => reconciled),
			compared: distinct.length,
			problems: [...problems, ...distinct.flatMap(shortfall)],
		};
	});
}

/** All between the first watermark and the last that is not complete. */
function gapsOf(chain: readonly Mark[], complete: readonly Range[]): readonly Problem[] {
	const fromMs = chain.reduce((least, mark) => Math.min(least, mark.fromMs), Number.POSITIVE_INFINITY);
	const toMs = chain.reduce((most, mark) => Math.max(most, mark.toMs), Number.NEGATIVE_INFINITY);
	const told = chain.flatMap(({ gaps }) => gaps);
	return uncovered({ fromMs, toMs }, complete).map((gap) => {
		const isTold = told.some((other) => other.fromMs < gap.toMs && gap.fromMs < other.toMs);
		return { kind: "gap", ...gap, what: isTold ? "the service no longer kept it when it was to be read" : "no watermark covers it" };
	});
}

/** The first may follow one that went to the sinks before there was this store; one without a predecessor begins a chain anew. */
function chainFaults(chain: readonly Mark[]): readonly Problem[] {
	return chain.slice(1).flatMap((mark, i) => {
		const before = chain[i] as Mark;
		if (mark.previous === undefined || mark.previous === before.hash) return [];
		return { kind: "chain", fromMs: before.fromMs, toMs: mark.fromMs, what: "a watermark is missing here, or was changed" };
	});
}

function unlisted(chain: readonly Mark[]): readonly Problem[] {
	return chain
		.flatMap(({ reconciled }) => reconciled)
		.filter(({ missing }) => missing > 0)
		.map(({ fromMs, toMs, expected, missing }) => {
			const what = `the service counted ${expected} records, ${missing} of which it did not list`;
			return { kind: "service", fromMs, toMs, what };
		});
}

function shortfall({ mark, count }: { readonly mark: Mark; readonly count: Count }): readonly Problem[] {
	const missing = count.within - count.stored;
	if (missing <= 0) return [];
	const what = `${missing} of ${count.within} delivered events are not in the store`;
	return [{ kind: "count", fromMs: mark.fromMs, toMs: mark.toMs, what }];
}

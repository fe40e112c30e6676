/** Counts what a simulated day asks of its service: pages and how full they are, polls and how far apart. */

import type { Meter } from "../src/contract/meter.ts";
import type { Batch } from "../src/contract/record.ts";
import type { List, Listed } from "../src/pull/listing.ts";
import { pull } from "../src/pull/pull.ts";
import type { PullRequest } from "../src/pull/state.ts";

export interface DayCounts {
	records: number;
	bytes: number;
	/** Pages that others follow in their listing: only the last has a reason not to be full. Whole listings, where they are not paged. */
	innerPages: number;
	/** Of those pages: the sum of the parts that are filled, in [0, 1] each. */
	innerFill: number;
	/** Sum over all polls, seconds. */
	overlapSeconds: number;
	/** Counters of the collector's own meter. */
	readonly metered: Record<string, number>;
}

export function newDayCounts(): DayCounts {
	return { records: 0, bytes: 0, innerPages: 0, innerFill: 0, overlapSeconds: 0, metered: {} };
}

export function meterOf(counts: DayCounts): Meter {
	return {
		count(name, by = 1) {
			counts.metered[name] = (counts.metered[name] ?? 0) + by;
		},
		gauge(name, value) {
			if (name === "overlap_seconds") counts.overlapSeconds += value;
		},
		observe() {},
	};
}

/** What one answer of the service holds at most. */
export interface PageSize {
	readonly bytes?: number;
	readonly records?: number;
	/** The service does not page: all of a listing comes in one answer, which the connector hands on in parts. */
	readonly isWhole?: boolean;
}

/** The real loop, with its listings counted. */
export function countedPull(counts: DayCounts, page: PageSize): (request: PullRequest) => AsyncIterable<Batch> {
	return (request) => pull({ ...request, list: counted(request.list, counts, page) });
}

function counted(list: List, counts: DayCounts, page: PageSize): List {
	const { bytes = Number.POSITIVE_INFINITY, records = Number.POSITIVE_INFINITY, isWhole = false } = page;
	const add = (fill: number): void => {
		counts.innerPages++;
		counts.innerFill += fill;
	};
	return async function* (window, signal) {
		let fill: number | undefined;
		for await (const listed of list(window, signal)) {
			if (fill !== undefined && !isWhole) add(fill);
			const size = sizeOf(listed);
			counts.records += size.records;
			counts.bytes += size.bytes;
			fill = Math.max(size.bytes / bytes, size.records / records) + (isWhole ? (fill ?? 0) : 0);
			yield listed;
		}
		if (fill !== undefined && isWhole) add(fill);
	};
}

function sizeOf(listed: Listed): { readonly bytes: number; readonly records: number } {
	if (listed.kind !== "page") return { bytes: 0, records: 0 };
	let bytes = 0;
	for (const { body } of listed.records) bytes += body.length;
	return { bytes, records: listed.records.length };
}

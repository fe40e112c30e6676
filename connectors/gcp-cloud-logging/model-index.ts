/** The entries that the model has stored, found by the time of their arrival and given in the order of their own times. */

import type { ListedRecord } from "../../src/pull/listing.ts";
import { createStoredLog, type Stored } from "../../src/simulation/stored-log.ts";
import type { Asked, LoggingQuery } from "./logging-query.ts";

export interface IndexedEntry extends Asked {
	readonly record: ListedRecord;
	/** Resources by whose names it is found. */
	readonly resources: readonly string[];
	/** Orders entries of one millisecond; unique. */
	readonly order: string;
	/** Project, time and insertId: entries that share it are one to a query. */
	readonly twinKey: string;
	readonly visibleAtMs: number;
}

/** Where a listing stands. */
export interface Place {
	readonly timeMs: number;
	readonly order: string;
	readonly twinKey: string;
}

export interface Selection {
	readonly resources: readonly string[];
	/** The filter's text. */
	readonly filter: string;
	readonly query: LoggingQuery;
}

export interface EntryIndex {
	put(entry: IndexedEntry): void;
	/** What the selection matches and is visible at `nowMs`, in the order of time, after a place; of twins only the first. */
	list(selection: Selection, nowMs: number, after?: Place): Iterable<IndexedEntry>;
	forget(beforeMs: number): void;
	readonly size: number;
}

/** Matches of a selection up to this number are sorted once and kept; more are looked for on the way. */
const VIEW_ENTRIES_MAX = 500_000;
const VIEWS_MAX = 4;

interface View {
	readonly selection: Selection;
	/** In order, visible or not. */
	readonly entries: IndexedEntry[];
}

export function createEntryIndex(viewEntriesMax = VIEW_ENTRIES_MAX): EntryIndex {
	const byArrival = createStoredLog<IndexedEntry>();
	const byTime = createStoredLog<IndexedEntry>();
	const views = new Map<string, View>();

	function viewOf(selection: Selection): View | undefined {
		const key = `${selection.resources.join(",")}\n${selection.filter}`;
		const known = views.get(key);
		const view = known ?? madeView(selection);
		if (view === undefined) return undefined;
		// The one that was used last stands last.
		views.delete(key);
		views.set(key, view);
		for (const oldest of views.keys()) if (views.size > VIEWS_MAX) views.delete(oldest);
		return view;
	}

	function madeView(selection: Selection): View | undefined {
		const { from, to } = selection.query.receivedMs;
		const entries: IndexedEntry[] = [];
		let seen = 0;
		for (const { entry } of byArrival.list(from, to, Number.POSITIVE_INFINITY)) {
			if (++seen > viewEntriesMax) return undefined;
			if (isOf(selection, entry)) entries.push(entry);
		}
		return { selection, entries: entries.sort(inOrder) };
	}

	function* walk(selection: Selection, nowMs: number, after: Place | undefined): Generator<IndexedEntry> {
		const { from, to } = selection.query.timeMs;
		for (const { entry } of byTime.list(from, to, nowMs, after)) if (isOf(selection, entry)) yield entry;
	}

	return {
		put(entry) {
			const { order, visibleAtMs } = entry;
			const stored: Omit<Stored<IndexedEntry>, "timeMs"> = { entry, order, visibleAtMs };
			byArrival.put({ ...stored, timeMs: entry.receiveTimestamp.ms });
			byTime.put({ ...stored, timeMs: entry.timestamp.ms });
			for (const { selection, entries } of views.values()) {
				if (isOf(selection, entry)) entries.splice(indexAfter(entries, placeOf(entry)), 0, entry);
			}
		},
		*list(selection, nowMs, after) {
			const view = viewOf(selection);
			const entries = view === undefined ? walk(selection, nowMs, after) : seen(view, nowMs, after);
			let last = after?.twinKey;
			for (const entry of entries) {
				if (entry.twinKey !== last) yield entry;
				last = entry.twinKey;
			}
		},
		forget(beforeMs) {
			byArrival.forget(beforeMs);
			byTime.forget(beforeMs);
			views.clear();
		},
		get size() {
			return byTime.size;
		},
	};
}

export function placeOf({ timestamp, order, twinKey }: IndexedEntry): Place {
	return { timeMs: timestamp.ms, order, twinKey };
}

function isOf({ resources, query }: Selection, entry: IndexedEntry): boolean {
	return entry.resources.some((resource) => resources.includes(resource)) && query.matches(entry);
}

function* seen({ entries }: View, nowMs: number, after: Place | undefined): Generator<IndexedEntry> {
	for (let i = after === undefined ? 0 : indexAfter(entries, after); i < entries.length; i++) {
		const entry = entries[i] as IndexedEntry;
		if (entry.visibleAtMs <= nowMs) yield entry;
	}
}

function inOrder(a: IndexedEntry, b: IndexedEntry): number {
	return a.timestamp.ms - b.timestamp.ms || (a.order < b.order ? -1 : 1);
}

/** The first index whose entry stands behind the place. */
function indexAfter(entries: readonly IndexedEntry[], { timeMs, order }: Place): number {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const { timestamp, order: other } = entries[middle] as IndexedEntry;
		if (timestamp.ms < timeMs || (timestamp.ms === timeMs && other <= order)) low = middle + 1;
		else high = middle;
	}
	return low;
}

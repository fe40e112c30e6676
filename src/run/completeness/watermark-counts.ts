/** Counts what a scope delivers, by cluster and by the time of events: only what lies before a watermark belongs to it. */

import type { Origin } from "../../contract/record.ts";
import type { EncodedEvent } from "../../contract/sink.ts";
import type { ClusterCount } from "./watermark-event.ts";

/** Watermarks lie on whole seconds, so that each of these counts lies on one side of them. */
export const SECOND_MS = 1_000;
/** Different moments that are kept apart; beyond it, all become coarser. */
const MOMENTS_MAX = 4_096;
/** Clusters of one scope; those that come after them are not counted by themselves. */
const CLUSTERS_MAX = 500;

/** Times of events, in bounded memory. */
interface TimeCounts {
	add(timeMs: number): void;
	/** Takes out what lies before `toMs` for certain: how much that is, and how much of it does not lie before `fromMs`. */
	take(fromMs: number, toMs: number): Taken;
}

interface Taken {
	readonly delivered: number;
	/** Never more than there is. */
	readonly within: number;
}

/** Events of [fromMs, untilMs). */
interface Moment {
	readonly untilMs: number;
	events: number;
}

function createTimeCounts(momentsMax = MOMENTS_MAX): TimeCounts {
	let widthMs = SECOND_MS;
	let moments = new Map<number, Moment>();

	function put(timeMs: number, events: number): void {
		const fromMs = Math.floor(timeMs / widthMs) * widthMs;
		const known = moments.get(fromMs);
		if (known === undefined) moments.set(fromMs, { untilMs: fromMs + widthMs, events });
		else known.events += events;
	}

	/** Of moments that begin together only the widest is left. */
	function coarsen(): void {
		const before = moments;
		moments = new Map();
		widthMs *= 2;
		for (const [fromMs, { untilMs, events }] of before) {
			if (untilMs - fromMs < widthMs) put(fromMs, events);
			else moments.set(fromMs, { untilMs, events: events + (moments.get(fromMs)?.events ?? 0) });
		}
	}

	return {
		add(timeMs) {
			put(timeMs, 1);
			while (moments.size > momentsMax) coarsen();
		},
		take(fromMs, toMs) {
			let [delivered, within] = [0, 0];
			for (const [momentMs, { untilMs, events }] of moments) {
				if (untilMs > toMs) continue;
				moments.delete(momentMs);
				delivered += events;
				if (momentMs >= fromMs) within += events;
			}
			// A backlog makes moments coarse; what comes after it is counted finely again.
			if (moments.size <= momentsMax / 2) widthMs = SECOND_MS;
			return { delivered, within };
		},
	};
}

/** How many ids all scopes of a process may hold together. */
export interface IdBudget {
	left: number;
}

/** About 10 MiB. */
export const IDS_MAX = 250_000;

export interface ScopeCounts {
	event(event: EncodedEvent, origin: Origin): void;
	/** As of TimeCounts, by cluster; those that delivered nothing are left out. Counting begins anew. */
	take(fromMs: number, toMs: number): TakenCounts;
	/** Nothing more will be counted. */
	close(): void;
}

interface TakenCounts {
	readonly clusters: readonly ClusterCount[];
	readonly delivered: number;
	readonly within: number;
	/** Absent: ids were too many. */
	readonly repeated: number | undefined;
}

/** An event that comes again is counted once, if it came since the watermark before the last. */
export function createScopeCounts(budget: IdBudget): ScopeCounts {
	const clusters = new Map<string, { readonly origin: Origin; readonly times: TimeCounts }>();
	const others = createTimeCounts();
	const ids = createIds(budget);

	function timesOf(origin: Origin): TimeCounts {
		const key = JSON.stringify([origin.clusterId, origin.clusterName]);
		const known = clusters.get(key);
		if (known !== undefined) return known.times;
		if (clusters.size >= CLUSTERS_MAX) return others;
		const times = createTimeCounts();
		clusters.set(key, { origin, times });
		return times;
	}

	return {
		event({ uid, timeMs }, origin) {
			if (ids.isNew(uid)) timesOf(origin).add(timeMs);
		},
		take(fromMs, toMs) {
			const taken = [...clusters.values()].map(({ origin, times }) => ({
				name: origin.clusterName,
				uid: origin.clusterId,
				...times.take(fromMs, toMs),
			}));
			const rest = others.take(fromMs, toMs);
			const sum = (of: keyof Taken): number => taken.reduce((all, counts) => all + counts[of], rest[of]);
			return {
				clusters: taken.filter(({ delivered }) => delivered > 0),
				delivered: sum("delivered"),
				within: sum("within"),
				repeated: ids.next(),
			};
		},
		close: ids.close,
	};
}

interface Ids {
	isNew(uid: string): boolean;
	/** How many were not; undefined if that cannot be told. What was new before the last call is forgotten. */
	next(): number | undefined;
	close(): void;
}

/** 48 bits of an id: two that are equal by chance make one event too few, which nobody takes for a loss. */
const ID_DIGITS = 13;

function createIds(budget: IdBudget): Ids {
	let older = new Set<number>();
	let newer = new Set<number>();
	let repeated = 0;
	/** Whether all ids could be kept since the last call, and between it and the one before. */
	let isWhole = true;
	let wasWhole = true;

	function forget(ids: Set<number>): void {
		budget.left += ids.size;
		ids.clear();
	}

	return {
		isNew(uid) {
			const id = Number.parseInt(uid.slice(0, ID_DIGITS).replace("-", ""), 16);
			if (older.has(id) || newer.has(id)) {
				repeated++;
				return false;
			}
			if (budget.left > 0) {
				budget.left--;
				newer.add(id);
			} else isWhole = false;
			return true;
		},
		next() {
			const told = isWhole && wasWhole ? repeated : undefined;
			forget(older);
			[older, newer] = [newer, older];
			[wasWhole, isWhole] = [isWhole, true];
			repeated = 0;
			return told;
		},
		close() {
			forget(older);
			forget(newer);
		},
	};
}

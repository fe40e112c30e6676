/** What became of each of some millions of planted events: numbers in arrays, since names of them would fill the memory. */

import type { EncodedEvent } from "../src/contract/sink.ts";
import type { PlantedEvent } from "../src/simulation/planted-event.ts";
import { BEGIN_MS } from "./kit/life.ts";
import { indexIn } from "./kit/load.ts";
import { quantileOf } from "./quantile.ts";

const HOUR_MS = 3_600_000;
const BUCKET_MS = 10;
const LAG_MS_MAX = 12 * HOUR_MS;
const SENDS_MAX = 255;

export interface Lags {
	add(ms: number): void;
	/** Seconds, to the bucket of 10 ms. */
	quantile(share: number): number;
	max(): number;
}

export interface DayRecord {
	plant(index: number, event: PlantedEvent, isLate: boolean): void;
	/** The sink took it when the service's clock showed that. */
	take(event: EncodedEvent, serviceMs: number): void;
	/** Since the event happened, of those that did not come late. */
	readonly sinceEvent: Lags;
	/** Since the service showed it, likewise. */
	readonly sinceVisible: Lags;
	/** Since the service showed it, of those that came late. */
	readonly lateSinceVisible: Lags;
	/** Numbers of the events that were planted and never taken. */
	untaken(): readonly number[];
	/** How many were sent that often. */
	sends(): readonly number[];
}

/** Counts of a bucket each: lags up to twelve hours. */
function createLags(): Lags {
	const counts = new Uint32Array(LAG_MS_MAX / BUCKET_MS);
	let maxMs = 0;
	return {
		add(ms) {
			const bucket = Math.min(counts.length - 1, Math.max(0, Math.floor(ms / BUCKET_MS)));
			counts[bucket] = (counts[bucket] as number) + 1;
			maxMs = Math.max(maxMs, ms);
		},
		quantile: (share) => (Math.max(0, quantileOf(counts, share)) * BUCKET_MS) / 1000,
		max: () => maxMs / 1000,
	};
}

/** `events`: how many there will be at most. */
export function createDayRecord(events: number): DayRecord {
	const sends = new Uint8Array(events);
	const isLate = new Uint8Array(events);
	// Milliseconds since the beginning, by the service's clock: a day has 86.4 million of them.
	const happenedMs = new Uint32Array(events);
	const visibleMs = new Uint32Array(events);
	const [sinceEvent, sinceVisible, lateSinceVisible] = [createLags(), createLags(), createLags()];
	let planted = 0;

	function takeFirst(index: number, serviceMs: number): void {
		const atMs = serviceMs - BEGIN_MS;
		const lagMs = atMs - (visibleMs[index] as number);
		if (isLate[index] === 1) lateSinceVisible.add(lagMs);
		else {
			sinceEvent.add(atMs - (happenedMs[index] as number));
			sinceVisible.add(lagMs);
		}
	}

	return {
		sinceEvent,
		sinceVisible,
		lateSinceVisible,
		plant(index, { timeMs, visibleAtMs }, late) {
			happenedMs[index] = timeMs - BEGIN_MS;
			visibleMs[index] = visibleAtMs - BEGIN_MS;
			isLate[index] = late ? 1 : 0;
			planted = Math.max(planted, index + 1);
		},
		take({ bytes }, serviceMs) {
			const index = indexIn(bytes);
			if (index === undefined || index >= planted) throw new Error("the sink was given an event that nobody planted");
			if (sends[index] === 0) takeFirst(index, serviceMs);
			sends[index] = Math.min(SENDS_MAX, (sends[index] as number) + 1);
		},
		untaken: () => [...indexesOf(sends.subarray(0, planted), 0)],
		sends() {
			const counts: number[] = [];
			for (const times of sends.subarray(0, planted)) counts[times] = (counts[times] ?? 0) + 1;
			return counts;
		},
	};
}

function* indexesOf(array: Uint8Array, value: number): Generator<number> {
	for (let at = array.indexOf(value); at >= 0; at = array.indexOf(value, at + 1)) yield at;
}

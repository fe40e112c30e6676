/** Deliveries that wait for their load: loads are cut to the sizes that DuckDB writes best, not to those that arrive. */

import type { Delivery, EncodedEvent, Rejection, SendResult } from "../contract/sink.ts";

/** What one load takes at most, and the number of events of which it is best a multiple. */
interface LoadLimits {
	readonly eventsMax: number;
	readonly bytesMax: number;
	readonly eventsBest: number;
}

/** A run of events of one delivery, for one load. */
export interface Slice {
	readonly events: readonly EncodedEvent[];
	/** These events are loaded, but for the ones given, by their place in the slice. The last slice settles the delivery. */
	done(rejected: readonly Rejection[]): void;
	/** These events are not loaded, or it is not known which: the delivery is handed back. */
	fail(result: SendResult): void;
}

export interface Queue {
	/** Resolves when all events are loaded, or with `stopped` if the signal fires before the first is taken. */
	add(delivery: Delivery, signal: AbortSignal, stopped: SendResult): Promise<SendResult>;
	/** The next load, oldest events first; empty if nothing waits. */
	take(limits: LoadLimits): readonly Slice[];
}

interface Entry {
	readonly events: readonly EncodedEvent[];
	/** How many were given out. */
	taken: number;
	/** How many are loaded. */
	loaded: number;
	readonly rejected: Rejection[];
	readonly settle: (result: SendResult) => void;
}

export function createQueue(): Queue {
	const waiting: Entry[] = [];

	function leave(entry: Entry): boolean {
		const at = waiting.indexOf(entry);
		if (at >= 0) waiting.splice(at, 1);
		return at >= 0;
	}

	function slice(entry: Entry, count: number): Slice {
		const from = entry.taken;
		entry.taken += count;
		if (entry.taken === entry.events.length) leave(entry);
		return {
			events: entry.events.slice(from, entry.taken),
			done(rejected) {
				for (const { index, error } of rejected) entry.rejected.push({ index: from + index, error });
				entry.loaded += count;
				if (entry.loaded === entry.events.length) entry.settle({ status: "settled", rejected: entry.rejected });
			},
			fail(result) {
				leave(entry);
				entry.settle(result);
			},
		};
	}

	return {
		add({ events }, signal, stopped) {
			return new Promise((resolve) => {
				const onAbort = (): void => {
					if (entry.taken === 0 && leave(entry)) entry.settle(stopped);
				};
				const settle = (result: SendResult): void => {
					signal.removeEventListener("abort", onAbort);
					resolve(result);
				};
				const entry: Entry = { events, taken: 0, loaded: 0, rejected: [], settle };
				signal.addEventListener("abort", onAbort);
				waiting.push(entry);
			});
		},
		take(limits) {
			let left = countOf(waiting, limits);
			const slices: Slice[] = [];
			for (let entry = waiting[0]; entry !== undefined && left > 0; entry = waiting[0]) {
				const count = Math.min(left, entry.events.length - entry.taken);
				slices.push(slice(entry, count));
				left -= count;
			}
			return slices;
		},
	};
}

/** At least one event, however large; a multiple of the best number, once there are so many. */
function countOf(waiting: readonly Entry[], { eventsMax, bytesMax, eventsBest }: LoadLimits): number {
	let [count, bytes] = [0, 0];
	for (const { events, taken } of waiting) {
		for (let i = taken; i < events.length && count < eventsMax; i++) {
			bytes += events[i]?.bytes.length ?? 0;
			if (bytes > bytesMax && count > 0) return rounded(count, eventsBest);
			count++;
		}
	}
	return rounded(count, eventsBest);
}

function rounded(count: number, best: number): number {
	return count < best ? count : count - (count % best);
}

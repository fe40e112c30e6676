/** How far a poll reads back: follows the largest delay of the last day. */

const HOUR_MS = 3_600_000;
const HOURS = 24;

export interface Overlap {
	/** At present, milliseconds. */
	width(nowMs: number): number;
	/** A record came that much later than a poll that covered its time. */
	late(byMs: number, nowMs: number): void;
	save(): SavedOverlap;
}

/** Hour -> largest delay seen in it, milliseconds. */
export type SavedOverlap = readonly (readonly [hour: number, delayMs: number])[];

/** Twice the largest delay, but never less than `minMs` nor more than `maxMs` (source-semantics 7, rule 12). */
export function createOverlap(minMs: number, maxMs: number, saved: SavedOverlap = []): Overlap {
	const largest = new Map<number, number>(saved);
	const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);
	return {
		width(nowMs) {
			let delayMs = 0;
			for (const [hour, ms] of largest) {
				if (hour <= hourOf(nowMs) - HOURS) largest.delete(hour);
				else delayMs = Math.max(delayMs, ms);
			}
			return Math.min(maxMs, Math.max(minMs, 2 * delayMs));
		},
		late: (byMs, nowMs) => void largest.set(hourOf(nowMs), Math.max(byMs, largest.get(hourOf(nowMs)) ?? 0)),
		save: () => [...largest],
	};
}

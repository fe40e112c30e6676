/** When and how far to ask: the settings of a pull, in milliseconds. */

export interface Timing {
	/** Between two polls of a source that has something new. */
	readonly intervalMs: number;
	/** What the interval grows to while nothing comes. */
	readonly intervalMaxMs: number;
	/** How far a poll reads behind the last one, at least and at most; in between it follows the delays that are seen. */
	readonly overlapMs: number;
	readonly overlapMaxMs: number;
	/** Rarer, wider readings behind the fast one. */
	readonly sweeps: readonly SweepTiming[];
	/** How often what was seen is saved. */
	readonly memoryIntervalMs: number;
	/** First width of a window when there is much to catch up with; it doubles while windows are small and halves when they are not. */
	readonly widthMs: number;
	readonly widthMaxMs: number;
	/** Pages of a window above which the next one is made narrower. */
	readonly windowPages: number;
}

export interface SweepTiming {
	readonly everyMs: number;
	readonly depthMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** source-semantics 7, rules 12 and 13. */
export const DEFAULT_TIMING: Timing = {
	intervalMs: 10 * SECOND,
	intervalMaxMs: 30 * SECOND,
	overlapMs: 2 * MINUTE,
	overlapMaxMs: 30 * MINUTE,
	sweeps: [
		{ everyMs: 10 * MINUTE, depthMs: 30 * MINUTE },
		{ everyMs: 6 * HOUR, depthMs: 12 * HOUR },
	],
	memoryIntervalMs: MINUTE,
	widthMs: 10 * MINUTE,
	widthMaxMs: 24 * HOUR,
	windowPages: 64,
};

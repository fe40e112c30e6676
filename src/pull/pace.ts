/** How long to wait until the next poll: shorter while something comes, longer while nothing does, never in step with others. */

export interface Pace {
	/** Milliseconds; `isNew` says whether the last poll brought anything. */
	next(isNew: boolean): number;
}

const GROWTH = 1.5;
/** Of the interval, either way. */
const JITTER = 0.1;

export function createPace(limits: { readonly intervalMs: number; readonly intervalMaxMs: number }, random: () => number): Pace {
	let intervalMs = limits.intervalMs;
	return {
		next(isNew) {
			intervalMs = isNew ? limits.intervalMs : Math.min(limits.intervalMaxMs, intervalMs * GROWTH);
			return intervalMs * (1 - JITTER + 2 * JITTER * random());
		},
	};
}

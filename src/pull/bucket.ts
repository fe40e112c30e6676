/** Keeps calls within a share of a quota that others use too; those who wait are served in turn. */

import type { Clock } from "../contract/connector.ts";

export interface Bucket {
	/** Waits until the next call may be made. */
	take(signal?: AbortSignal): Promise<void>;
	/** The service refused a call for its rate: go slower, and come back bit by bit. */
	throttled(): void;
}

export interface BucketLimits {
	/** Calls a second at most. */
	readonly perSecond: number;
	/** Calls that may come at once after a pause. */
	readonly burst: number;
}

/** Of the full rate; below it, being throttled does not slow down any further. */
const SLOWEST = 1 / 16;
/** Of the full rate, given back by every call that goes through. */
const RECOVERY = 1 / 64;

export function createBucket(clock: Clock, { perSecond, burst }: BucketLimits): Bucket {
	let share = 1;
	/** When the bucket would be full. Being in the past: it is. */
	let fullAtMs = 0;
	let turn: Promise<void> = Promise.resolve();

	async function next(signal: AbortSignal | undefined): Promise<void> {
		const costMs = 1000 / (perSecond * share);
		const waitMs = fullAtMs - clock.now() - (burst - 1) * costMs;
		if (waitMs > 0) await clock.wait(waitMs, signal);
		signal?.throwIfAborted();
		fullAtMs = Math.max(fullAtMs, clock.now()) + costMs;
		share = Math.min(1, share + RECOVERY);
	}

	return {
		take(signal) {
			const mine = turn.then(() => next(signal));
			turn = mine.catch(() => {});
			return mine;
		},
		throttled() {
			share = Math.max(SLOWEST, share / 2);
		},
	};
}

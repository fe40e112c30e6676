/** The machine's clock: the one that all front doors hand in, and tests replace. */

import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "../contract/connector.ts";

/** What a timer of the platform can hold; a longer wait is cut to it. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
	now: Date.now,
	async wait(ms, signal) {
		try {
			await wait(Math.min(ms, TIMER_MS_MAX), undefined, signal === undefined ? {} : { signal });
		} catch (error) {
			throw signal?.reason ?? error;
		}
	},
};

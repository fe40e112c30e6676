/** When and how far to ask if nobody says otherwise. */

import type { Timing } from "../contract/connector.ts";

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
	memoryIntervalMs: 5 * SECOND,
	widthMs: 10 * MINUTE,
	widthMaxMs: 24 * HOUR,
	windowPages: 64,
};

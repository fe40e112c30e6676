/** Times on the command line. */

import { CollectorError } from "../../contract/errors.ts";
import { readTime } from "../../normalise/times.ts";

/** Epoch milliseconds. Throws CONFIG_INVALID for what is no time. */
export function parseTime(text: string): number {
	const time = readTime(text);
	if (time === undefined) throw new CollectorError("CONFIG_INVALID", `${text} is no time: write it as 2026-11-23T15:00:00Z`);
	return time.ms;
}

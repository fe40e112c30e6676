/** What a short reading of a scope tells in numbers: how much comes, how late, and what collecting it will cost. */

import type { Timing } from "../../contract/connector.ts";
import type { Sample } from "./check-sample.ts";

/** Times in milliseconds. */
export interface ScopeFacts {
	/** How long a stretch the numbers are of. */
	readonly sampleMs: number;
	/** More came than could be read in the time given: the rest is not counted. */
	readonly isCut: boolean;
	readonly records: number;
	readonly events: number;
	readonly skipped: Readonly<Record<string, number>>;
	readonly bad: Readonly<Record<string, number>>;
	readonly eventsPerMinute: number;
	readonly bytesPerMinute: number;
	/** Of the newest event; absent: there is none. */
	readonly newestAgeMs?: number;
	/** From an event's time to that at which the service took it in. */
	readonly delayMedianMs?: number;
	readonly delayMaxMs?: number;
	/** How often each record is read: once, again in overlaps, again in sweeps. */
	readonly readFactor: number;
	readonly callsPerHour: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** What a sweep begins with; its slices double from there. */
const SWEEP_SLICE_MS = 8 * MINUTE_MS;

/** How a service is asked. */
export interface Asking {
	readonly timing: Timing;
	/** Calls that a poll makes at least. */
	readonly callsPerPoll: number;
	/** Calls that are made whatever comes. */
	readonly callsPerHourBeside: number;
	/** Records of one call at most, by their mean size; absent: not known. */
	recordsPerCall?(recordBytes: number): number;
}

export function factsOf(sample: Sample, asking: Asking, nowMs: number): ScopeFacts {
	const { records, events, skipped, bad, bytes, newestMs, sampleMs, isCut } = sample;
	const minutes = sampleMs / MINUTE_MS;
	const delays = sample.delaysMs.toSorted((a, b) => a - b);
	return {
		sampleMs,
		isCut,
		records,
		events,
		skipped: Object.fromEntries(skipped),
		bad: Object.fromEntries(bad),
		eventsPerMinute: events / minutes,
		bytesPerMinute: bytes / minutes,
		...(newestMs === undefined ? {} : { newestAgeMs: nowMs - newestMs }),
		...(delays.length === 0 ? {} : { delayMedianMs: delays[Math.floor(delays.length / 2)] as number, delayMaxMs: delays.at(-1) as number }),
		readFactor: readFactor(asking.timing),
		callsPerHour: callsPerHour(sample, asking),
	};
}

/** R = 1 + overlap / interval + the sweeps' depth / every. */
function readFactor({ overlapMs, intervalMs, sweeps }: Timing): number {
	return 1 + overlapMs / intervalMs + sweeps.reduce((sum, { depthMs, everyMs }) => sum + depthMs / everyMs, 0);
}

/** One call or more for each window, however empty, and one for every further page of what is read R times. */
function callsPerHour(sample: Sample, asking: Asking): number {
	const { records, sampleMs } = sample;
	const { timing, callsPerPoll, callsPerHourBeside } = asking;
	const intervalMs = records > 0 ? timing.intervalMs : timing.intervalMaxMs;
	const polls = (HOUR_MS / intervalMs) * callsPerPoll;
	const sweeps = timing.sweeps.reduce(
		(sum, { everyMs, depthMs }) =>
			sum + (HOUR_MS / everyMs) * callsPerPoll * Math.ceil(1 + Math.max(0, Math.log2(depthMs / SWEEP_SLICE_MS))),
		0,
	);
	const recordsPerHour = records * (HOUR_MS / sampleMs);
	const further = (recordsPerHour * readFactor(timing)) / recordsPerCall(sample, asking);
	return Math.ceil(polls + sweeps + further + callsPerHourBeside);
}

/** Pages that were full tell best how much one holds; the last of a window seldom is. */
function recordsPerCall({ records, bytes, pages }: Sample, asking: Asking): number {
	const known = asking.recordsPerCall?.(records === 0 ? 1 : bytes / records) ?? Number.POSITIVE_INFINITY;
	const measured = pages > 2 ? records / (pages - 1) : Number.POSITIVE_INFINITY;
	return Math.max(1, asking.recordsPerCall === undefined ? measured : known);
}

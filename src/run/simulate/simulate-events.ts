/** Events of fixtures -> events as if they happened now: their times moved together, their text an API server's. */

import { randomUUID } from "node:crypto";
import { encodeAudit } from "../../encode/audit.ts";
import { readTime } from "../../normalise/times.ts";
import { eventText, type PlantedEvent } from "../../simulation/planted-event.ts";
import type { FixtureEvent } from "./simulate-fixtures.ts";

const MINUTE_MS = 60_000;
/** Services refuse what is too old, and nobody wants to wait for what is spread over years. */
const SPAN_MS_MAX = 12 * 60 * MINUTE_MS;
/** API servers of the simulated cluster. */
const SERVERS = 2;

/**
 * Where sorted times come to lie if the last of them is `newestMs`. Distances stay; where that would be more than 12 hours
 * in all, pauses are cut to a minute, or to as much less as is needed.
 */
export function movedTimes(timesMs: readonly number[], newestMs: number): readonly number[] {
	const first = timesMs[0] ?? newestMs;
	const isShort = (timesMs.at(-1) ?? newestMs) - first <= SPAN_MS_MAX;
	const pauseMsMax = isShort ? SPAN_MS_MAX : Math.min(MINUTE_MS, SPAN_MS_MAX / timesMs.length);
	const moved: number[] = [];
	let atMs = 0;
	for (const [i, timeMs] of timesMs.entries()) {
		atMs += Math.min(pauseMsMax, timeMs - (timesMs[i - 1] ?? first));
		moved.push(Math.floor(atMs));
	}
	const shiftMs = newestMs - (moved.at(-1) ?? 0);
	return moved.map((ms) => ms + shiftMs);
}

/** The event as if it happened at `timeMs`, with another audit id if one is given. The log service had it and showed it at once. */
export function plantedOf({ event, timeMs: wasMs }: FixtureEvent, timeMs: number, auditID = event.auditID): PlantedEvent {
	const { requestReceivedTimestamp, stageTimestamp } = event;
	const move = (text: string | undefined): string | undefined => movedTime(text, timeMs - wasMs);
	const received = move(requestReceivedTimestamp);
	const text = encodeAudit({
		...event,
		auditID,
		...(received === undefined ? {} : { requestReceivedTimestamp: received }),
		stageTimestamp: move(stageTimestamp) ?? new Date(timeMs).toISOString(),
	});
	return {
		serial: auditID,
		text: Buffer.from(text).toString("utf8"),
		timeMs,
		takenInMs: timeMs,
		visibleAtMs: timeMs,
		server: Math.abs(wasMs) % SERVERS,
	};
}

/** What lies below a millisecond stays as it was written. */
function movedTime(text: string | undefined, byMs: number): string | undefined {
	const time = readTime(text);
	if (time === undefined) return undefined;
	const [, finer = ""] = /\.\d{3}(\d{1,6})/.exec(time.dt) ?? [];
	return new Date(time.ms + byMs).toISOString().replace("Z", `${finer}Z`);
}

/** The events again and again, one a call, each with an audit id of its own in every round; stages of one request share it. */
export function endlessly(events: readonly FixtureEvent[]): (nowMs: number) => PlantedEvent {
	let next = 0;
	let ids = new Map<string, string>();
	return (nowMs) => {
		if (next === events.length) [next, ids] = [0, new Map()];
		const event = events[next++] as FixtureEvent;
		const { auditID } = event.event;
		const id = ids.get(auditID) ?? randomUUID();
		ids.set(auditID, id);
		return plantedOf(event, nowMs, id);
	};
}

const SAMPLES = 60;

/** For those who have no fixtures: an event a minute, for an hour. */
export function sampleEvents(): readonly FixtureEvent[] {
	return Array.from({ length: SAMPLES }, (_, i) => {
		const auditID = randomUUID();
		const timeMs = i * MINUTE_MS;
		return { event: { ...(JSON.parse(eventText(auditID, timeMs)) as object), auditID }, timeMs };
	});
}

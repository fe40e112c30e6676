/** What happens in a simulated day besides collecting: events are planted minute by minute, and the process is killed every hour. */

import { randomOf } from "../src/simulation/random.ts";
import type { DayRecord } from "./day-record.ts";
import type { DayService } from "./day-subjects.ts";
import { BEGIN_MS, CRASH, type World } from "./kit/life.ts";
import { type LoadOptions, plannedEvents } from "./kit/load.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export interface DayLoad {
	readonly hours: number;
	/** Events a second. */
	readonly rate: number;
	readonly seed: number;
	/** How far back the widest sweep reads. */
	readonly sweptMs: number;
}

/** Clumps of events that come later than the overlap is long: one for the small sweep to find, one for the wide one. */
const LATE = [
	{ atShare: 1 / 2, lateMs: 15 * MINUTE },
	{ atShare: 3 / 4, lateMs: 70 * MINUTE },
];
const LATE_EVENTS = 5;
export const LATE_MS_MAX = Math.max(...LATE.map(({ lateMs }) => lateMs));

const USUAL: Omit<LoadOptions, "events" | "fromMs" | "toMs"> = {
	delayMs: 3 * SECOND,
	slowRate: 0.001,
	slowMs: 50 * SECOND,
	lateRate: 0,
	lateMs: 0,
	twinRate: 0.1,
	futureRate: 0,
	futureMs: 0,
	largeRate: 0,
	largeCharacters: 0,
};

/** Plants the day's events, each minute of them a minute ahead, and lets the service forget what no sweep reads any more. */
export async function plantDay({ clock, service, options }: World, load: DayLoad, record: DayRecord): Promise<void> {
	const random = randomOf(load.seed);
	const perMinute = load.rate * 60;
	const minutes = Math.round(load.hours * 60);
	for (let minute = 0; minute < minutes; minute++) {
		const fromMs = BEGIN_MS + minute * MINUTE;
		// Times of events are those of the service's clock.
		await clock.wait(fromMs - MINUTE - (options.skewMs ?? 0) - clock.now());
		const firstIndex = minute * perMinute;
		const events = plannedEvents({ ...USUAL, events: perMinute, fromMs, toMs: fromMs + MINUTE - 1, firstIndex }, random);
		const late = LATE.find(({ atShare }) => Math.floor(minutes * atShare) === minute);
		for (const [i, event] of events.entries()) {
			const lateMs = late !== undefined && i < LATE_EVENTS ? late.lateMs : 0;
			const planted = lateMs > 0 ? { ...event, visibleAtMs: event.visibleAtMs + lateMs } : event;
			record.plant(firstIndex + i, planted, lateMs > 0);
			service.plant(planted);
		}
		(service as DayService).forget(fromMs - load.sweptMs - HOUR);
	}
	await clock.wait(MINUTE);
}

/** Kills the process once in every hour of the day, whatever it does then. */
export async function killHourly(world: World, { hours, seed }: DayLoad): Promise<void> {
	const random = randomOf(seed + 1);
	const kills = Math.ceil(hours);
	for (let kill = 0; kill < kills; kill++) {
		await world.clock.wait(BEGIN_MS + ((kill + random()) / kills) * hours * HOUR - world.clock.now());
		world.process.abort(CRASH);
	}
}

/**
 * Simulates a day of one connector, with the real loop, pipeline and policy over a model of the service that fails now and then:
 * `node scripts/run.mjs test/day.ts --connector aws-cloudwatch [--hours 24] [--rate 100] [--seed 1]`.
 * Prints what it came to; exits with 1 if an event is lost.
 */

import { parseArgs } from "node:util";
import type { Timing } from "../src/contract/connector.ts";
import type { FaultRates } from "../src/simulation/faults.ts";
import { countedPull, type DayCounts, meterOf, newDayCounts } from "./day-count.ts";
import { type DayLoad, killHourly, LATE_MS_MAX, plantDay } from "./day-load.ts";
import { createDayRecord } from "./day-record.ts";
import { reportOf } from "./day-report.ts";
import { DAY_SUBJECTS } from "./day-subjects.ts";
import { runWorld } from "./kit/index.ts";
import { BEGIN_MS, type World } from "./kit/life.ts";
import { serialOf } from "./kit/load.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SKEW_MS = 2_000;
/** Of the calls on the service. */
const FAULTS: FaultRates = { throttle: 0.005, unavailable: 0.005, reset: 0.003, timeout: 0.002, "bad-token": 0.003 };
const SINK_FAULTS = 0.002;
const STORE_FAULTS = 0.002;
const SEND_MS = 50;
const SWEEPS: Timing["sweeps"] = [
	{ everyMs: 10 * MINUTE, depthMs: 30 * MINUTE },
	{ everyMs: HOUR, depthMs: 3 * HOUR },
];
/** After the last event: until what came late is surely swept. */
const TAIL_MS = LATE_MS_MAX + HOUR + 15 * MINUTE;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** "client FilterLogEvents" -> FilterLogEvents: how many. */
function callsOf(calls: readonly string[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const call of calls) {
		const [who, operation = ""] = call.split(" ");
		if (who === "client") counts.set(operation, (counts.get(operation) ?? 0) + 1);
	}
	return counts;
}

/** What a day looked like at the end of its load, before the tail. */
interface Evening {
	readonly counts: DayCounts;
	readonly calls: ReadonlyMap<string, number>;
}

async function simulate(name: string, load: DayLoad): Promise<void> {
	const { hours, rate, seed } = load;
	const planted = Math.round(hours * 60) * rate * 60;
	const record = createDayRecord(planted);
	const counts = newDayCounts();
	const { [name]: subjectOf } = DAY_SUBJECTS;
	if (subjectOf === undefined) throw new Error(`no connector "${name}": there are ${Object.keys(DAY_SUBJECTS).join(", ")}`);
	const { page } = subjectOf(() => [] as never);
	const startedMs = performance.now();
	const seen: { world?: World; evening?: Evening } = {};
	const outcome = await runWorld(subjectOf(countedPull(counts, page)), {
		seed,
		events: [],
		endMs: BEGIN_MS + hours * HOUR + TAIL_MS,
		calmMs: BEGIN_MS + hours * HOUR + MINUTE,
		skewMs: SKEW_MS,
		sendMs: SEND_MS,
		clientFaults: FAULTS,
		sinkFaultRate: SINK_FAULTS,
		storeFaultRate: STORE_FAULTS,
		timing: { sweeps: SWEEPS },
		meter: meterOf(counts),
		took: (event) => record.take(event, (seen.world as World).clock.now() + SKEW_MS),
		async meanwhile(world) {
			seen.world = world;
			await Promise.all([plantDay(world, load, record), killHourly(world, load)]);
			seen.evening = { counts: structuredClone(counts), calls: callsOf(world.calls) };
		},
	});
	if (outcome.error !== undefined) throw new Error("the collector ended before its time", { cause: outcome.error });
	const quarantined = seen.world?.quarantined ?? new Set();
	const lost = record.untaken().filter((index) => !quarantined.has(serialOf(index)));
	const wallSeconds = (performance.now() - startedMs) / 1000;
	const rest = { timing: { sweeps: SWEEPS }, page, record, outcome, quarantined: quarantined.size, wallSeconds };
	for (const line of reportOf({ name, hours, rate, planted, lost: lost.length, ...rest, ...(seen.evening as Evening) })) print(line);
	for (const index of lost.slice(0, 10)) print(`  lost: ${serialOf(index)}`);
	if (lost.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({
	options: {
		connector: { type: "string", default: "aws-cloudwatch" },
		hours: { type: "string", default: "24" },
		rate: { type: "string", default: "100" },
		seed: { type: "string", default: "1" },
	},
});
const sweptMs = Math.max(...SWEEPS.map(({ depthMs }) => depthMs));
await simulate(values.connector, { hours: Number(values.hours), rate: Number(values.rate), seed: Number(values.seed), sweptMs });

/** Tells what a simulated day came to, and what source-semantics section 8 has for it. */

import { resourceUsage } from "node:process";
import type { Timing } from "../src/contract/connector.ts";
import type { DayCounts, PageSize } from "./day-count.ts";
import type { DayRecord, Lags } from "./day-record.ts";
import type { Outcome } from "./kit/index.ts";

export interface Day {
	readonly name: string;
	readonly hours: number;
	readonly rate: number;
	readonly planted: number;
	readonly lost: number;
	readonly timing: Pick<Timing, "sweeps">;
	readonly page: PageSize;
	readonly record: DayRecord;
	readonly outcome: Outcome;
	readonly quarantined: number;
	/** As they stood when the last event had been planted. */
	readonly counts: DayCounts;
	/** Of those calls, all on the service: operation -> how many. */
	readonly calls: ReadonlyMap<string, number>;
	readonly wallSeconds: number;
}

const number = (value: number, digits = 0): string => value.toLocaleString("en", { maximumFractionDigits: digits, useGrouping: false });

/** Lines of text. */
export function* reportOf(day: Day): Generator<string> {
	const { name, hours, rate, planted, lost, record, outcome, quarantined, counts, calls, wallSeconds } = day;
	const sends = record.sends();
	const total = sends.reduce((sum, count, times) => sum + count * times, 0);
	yield `${name}: ${hours} h at ${rate} events/s`;
	yield `  planted    ${planted}`;
	yield `  lost       ${lost}; in quarantine ${quarantined}`;
	yield `  sends      mean ${number(total / planted, 4)}, max ${sends.length - 1}; ${outcome.restarts - 1} restarts`;
	yield `  lag        since the event: ${lagText(record.sinceEvent)}`;
	yield `             since it was visible: ${lagText(record.sinceVisible)}`;
	yield `             of those that came late, since visible: p50 ${number(record.lateSinceVisible.quantile(0.5), 1)} s, max ${number(record.lateSinceVisible.max(), 1)} s`;
	const perMillion = (count: number): string => number(count / (planted / 1e6));
	yield `  API calls  ${[...calls].map(([operation, count]) => `${operation} ${perMillion(count)}`).join(", ")} per million events`;
	yield* formulaOf(day);
	const { metered } = counts;
	yield `  meter      ${Object.entries(metered)
		.map(([key, count]) => `${key} ${count}`)
		.join(", ")}`;
	const { userCPUTime, systemCPUTime, maxRSS } = resourceUsage();
	const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
	yield `  cost       ${number(wallSeconds)} s wall, ${number(cpuSeconds)} s CPU, peak RSS ${number(maxRSS / 1024)} MiB`;
}

function lagText(lags: Lags): string {
	return `p50 ${number(lags.quantile(0.5), 1)} s, p99 ${number(lags.quantile(0.99), 1)} s, max ${number(lags.max(), 1)} s`;
}

/** `R*1e6*S/(f*page) + T_M/p`: pages to read all events R times, and one page more a poll. */
function* formulaOf({ hours, planted, counts, calls, timing, page }: Day): Generator<string> {
	const polls = counts.metered["polls_total"] ?? 0;
	const p = (hours * 3600) / polls;
	const overlapSeconds = counts.overlapSeconds / polls;
	const sweeps = timing.sweeps.map(({ everyMs, depthMs }) => depthMs / everyMs).reduce((sum, each) => sum + each, 0);
	const rule = 1 + overlapSeconds / p + sweeps;
	const R = counts.records / planted;
	const S = counts.bytes / counts.records;
	const f = counts.innerPages === 0 ? 1 : counts.innerFill / counts.innerPages;
	const pageRecords = Math.min((page.bytes ?? Number.POSITIVE_INFINITY) / S, page.records ?? Number.POSITIVE_INFINITY);
	const pollsPerMillion = (1e6 * hours * 3600) / planted / p;
	const callsOf = (factor: number): number => (factor * 1e6) / (f * pageRecords) + pollsPerMillion;
	const made = [...calls.values()].reduce((sum, count) => sum + count, 0) / (planted / 1e6);
	yield `  formula    R ${number(R, 2)} (read / planted), p ${number(p, 2)} s, S ${number(S)} bytes, f ${number(f, 3)}: ${number(callsOf(R))} calls; made / formula ${number(made / callsOf(R), 3)}`;
	yield `             R ${number(rule, 2)} (1 + sum O/p, O ${number(overlapSeconds)} s): ${number(callsOf(rule))} calls; made / formula ${number(made / callsOf(rule), 3)}`;
}

/** What a backfill shows of itself: how far it is in time, as a bar or in lines, and at the end what became of every record. */

import cliProgress from "cli-progress";
import type { Clock } from "../../contract/connector.ts";
import { NO_METER } from "../../contract/meter.ts";
import type { Tally } from "../../contract/tally.ts";
import { total } from "../../pipeline/tally.ts";
import { redactSecrets } from "../config/secrets.ts";
import type { Outside } from "../outside/outside.ts";
import type { Range } from "./backfill-range.ts";

export interface BackfillReport extends Disposable {
	readonly outside: Outside;
	/** A line for people, above the bar. */
	say(line: string): void;
	/** What became of the records of each scope. */
	readonly tallies: ReadonlyMap<string, Tally>;
	/** A scope was given up. */
	hasFailed(): boolean;
}

export interface ReportOptions {
	/** The source's own id. */
	readonly source: string;
	readonly range: Range;
	readonly clock: Clock;
	/** A bar can be shown. */
	readonly isTerminal: boolean;
	err(text: string): void;
}

/** Between two lines where there is no bar. */
const LINE_MS = 10_000;

export function openReport({ source, range, clock, isTerminal, err }: ReportOptions): BackfillReport {
	const positions = new Map<string, number>();
	const tallies = new Map<string, Tally>();
	const bar = new cliProgress.SingleBar(
		{ format: " {bar} {percentage}%  {at}  {events} events  {eta_formatted} left", clearOnComplete: true, hideCursor: true, etaBuffer: 50 },
		cliProgress.Presets.shades_classic,
	);
	let [events, saidAtMs, failed] = [0, clock.now(), false];

	function say(line: string): void {
		const clear = bar.isActive ? "\r\u001b[K" : "";
		err(`${clear}${source}: ${redactSecrets(line)}\n`);
	}

	/** Scopes are read side by side: the one furthest behind says up to when all is done. */
	function show(): void {
		const atMs = Math.min(...positions.values());
		const mean = [...positions.values()].reduce((sum, ms) => sum + ms - range.fromMs, 0) / positions.size;
		const share = mean / (range.untilMs - range.fromMs);
		const at = new Date(atMs).toISOString();
		if (bar.isActive) bar.update(Math.round(share * BAR_STEPS), { at, events });
		if (isTerminal || clock.now() - saidAtMs < LINE_MS) return;
		saidAtMs = clock.now();
		say(`${Math.floor(share * 100)} %, at ${at}, ${events} events`);
	}

	const outside: Outside = {
		watch(_, scope) {
			const name = scope?.name ?? "";
			if (scope !== undefined) positions.set(name, positions.get(name) ?? range.fromMs);
			if (scope !== undefined && isTerminal && !bar.isActive) bar.start(BAR_STEPS, 0, { at: "", events: 0 });
			return {
				source,
				scope,
				state(state) {
					if (state.kind === "running") return;
					const reason = state.error instanceof Error ? state.error.message : String(state.error);
					if (state.kind !== "stopped") return say(`${reason}; again in ${Math.ceil(state.waitMs / 1000)} s`);
					failed = true;
					say(`${name}${name === "" ? "" : " "}has stopped: ${reason}`);
				},
				settled(watermarkMs) {
					positions.set(name, Math.min(range.untilMs, watermarkMs + 1));
					show();
				},
				ended() {},
			};
		},
		meterOf: () => NO_METER,
		observerOf: () => ({ event: () => void events++, skipped() {}, bad() {} }),
		done(_, { name }, ofRoutes) {
			if (ofRoutes[0] !== undefined) tallies.set(name, ofRoutes[0]);
		},
	};
	return { outside, say, tallies, hasFailed: () => failed, [Symbol.dispose]: () => bar.stop() };
}

const BAR_STEPS = 1_000;

/** "12 forwarded, 3 filtered, 0 skipped, 1 quarantined" */
export function countsOf({ forwarded, filtered, skipped, quarantined }: Tally): string {
	const counts = { forwarded, filtered: total(filtered), skipped: total(skipped), quarantined: total(quarantined) };
	return Object.entries(counts)
		.map(([what, count]) => `${count} ${what}`)
		.join(", ");
}

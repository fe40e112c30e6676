/** Tells the sinks, for every scope and at most every so often, up to when all of it has been delivered. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import type { Clock, Scope } from "../../contract/connector.ts";
import type { Meter } from "../../contract/meter.ts";
import type { Origin } from "../../contract/record.ts";
import type { Sink } from "../../contract/sink.ts";
import type { Outside } from "../outside/outside.ts";
import type { SourcePlan } from "../source-runner.ts";
import { IDS_MAX } from "./watermark-counts.ts";
import { createScopeCoverage, type ScopeCoverage } from "./watermark-scope.ts";

export interface CoverageOptions {
	readonly everyMs: number;
	readonly clock: Clock;
	/** As for audit events, if uids are keyed. */
	readonly identityKey?: string | undefined;
	log(line: string): void;
}

export interface Coverage {
	/** The same outside, which is told all that it was told before; from now on we hear it, too. */
	around<T extends Outside>(outside: T): T;
	/** Before any source starts: where events go, all of them in OCSF, and where chains are kept. */
	start(sinks: readonly Sink[], store: CheckpointStore): void;
	/** After all sources have ended, before the sinks are closed: tells what is left to tell, unless `kill` fires. */
	close(kill: AbortSignal): Promise<void>;
}

const COUNTED_AS_LATE: ReadonlySet<string> = new Set(["late_records_total", "sweep_finds_total"]);

/** Whatever fails here is said and tried again; it never touches collection. */
export function createCoverage({ everyMs, clock, identityKey, log }: CoverageOptions): Coverage {
	const scopes = new Map<string, ScopeCoverage>();
	/** A meter is made for an origin; this tells whose that is. */
	const byOrigin = new WeakMap<Origin, ScopeCoverage>();
	const budget = { left: IDS_MAX };
	const closing = new AbortController();
	let store: CheckpointStore | undefined;
	let sinks: readonly Sink[] = [];
	let working: Promise<void> = Promise.resolve();

	function scopeOf(plan: SourcePlan, scope: Scope): ScopeCoverage | undefined {
		if (store === undefined || sinks.length === 0) return undefined;
		const key = JSON.stringify([plan.id, scope.name]);
		const coverage = scopes.get(key) ?? createScopeCoverage(store, { clock, budget, identityKey, log });
		scopes.set(key, coverage);
		byOrigin.set(scope.origin, coverage);
		return coverage;
	}

	async function tickAll(signal: AbortSignal): Promise<void> {
		await Promise.all([...scopes.values()].map((scope) => scope.tick(sinks, signal)));
	}

	async function work(): Promise<void> {
		while (!closing.signal.aborted) {
			await clock.wait(everyMs, closing.signal).catch(() => {});
			if (!closing.signal.aborted) await tickAll(closing.signal);
		}
	}

	const hearing: Hearing = {
		scopeOf,
		coverageOf: (origin) => byOrigin.get(origin),
	};
	return {
		around: (outside) => ({ ...outside, ...heard(outside, hearing) }),
		start(openSinks, openStore) {
			[sinks, store] = [openSinks, openStore];
			working = work();
		},
		async close(kill) {
			closing.abort();
			await working;
			if (!kill.aborted) await tickAll(kill);
			for (const { counts } of scopes.values()) counts.close();
			scopes.clear();
		},
	};
}

/** How the outside's calls find the scope that they are of. */
interface Hearing {
	scopeOf(plan: SourcePlan, scope: Scope): ScopeCoverage | undefined;
	coverageOf(origin: Origin): ScopeCoverage | undefined;
}

/** The same outside, heard by us. */
function heard(outside: Outside, { scopeOf, coverageOf }: Hearing): Outside {
	return {
		watch(plan, scope) {
			const watch = outside.watch(plan, scope);
			const coverage = scope && scopeOf(plan, scope);
			if (coverage === undefined || scope === undefined) return watch;
			coverage.began(plan, scope);
			return {
				...watch,
				state(state) {
					if (state.kind === "running") coverage.reopened();
					watch.state(state);
				},
				settled(watermarkMs) {
					coverage.settled(watermarkMs);
					watch.settled(watermarkMs);
				},
				gap(stretch) {
					coverage.gap(stretch);
					watch.gap?.(stretch);
				},
				reconciled(outcome) {
					coverage.reconciled(outcome);
					watch.reconciled?.(outcome);
				},
			};
		},
		meterOf(plan, origin) {
			const meter = outside.meterOf(plan, origin);
			const coverage = coverageOf(origin);
			return coverage === undefined ? meter : heardMeter(meter, coverage);
		},
		observerOf(plan, scope) {
			const observer = outside.observerOf(plan, scope);
			const coverage = scopeOf(plan, scope);
			if (coverage === undefined) return observer;
			return {
				...observer,
				event(decoded, origin, prepared) {
					if (prepared.kind === "encoded") coverage.counts.event(prepared.event, origin);
					observer.event(decoded, origin, prepared);
				},
			};
		},
		done: outside.done,
	};
}

function heardMeter(meter: Meter, coverage: ScopeCoverage): Meter {
	return {
		...meter,
		count(name, by = 1) {
			if (COUNTED_AS_LATE.has(name)) coverage.late(by);
			meter.count(name, by);
		},
	};
}

/** What is known of one scope between two watermark events, and when the next one is due. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import type { Clock, Reconciled, Scope, Stretch } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Sink } from "../../contract/sink.ts";
import type { SourcePlan } from "../source-runner.ts";
import { merged, type Range } from "./ranges.ts";
import { type Chain, type ChainEnd, openChain } from "./watermark-chain.ts";
import { createScopeCounts, type IdBudget, type ScopeCounts, SECOND_MS } from "./watermark-counts.ts";
import { type ClusterCount, type WatermarkFact, watermarkEvent } from "./watermark-event.ts";

export interface ScopeOptions {
	readonly clock: Clock;
	readonly budget: IdBudget;
	readonly identityKey?: string | undefined;
	log(line: string): void;
}

/** Told while the scope is read; asked for its watermark event now and then. */
export interface ScopeCoverage {
	readonly counts: ScopeCounts;
	/** The source begins to read it, at first or again. */
	began(plan: SourcePlan, scope: Scope): void;
	reopened(): void;
	settled(watermarkMs: number): void;
	late(records: number): void;
	/** It is gone. A crash before that is told of leaves a stretch that no watermark covers: the cursor says where reading began anew. */
	gap(stretch: Stretch): void;
	reconciled(outcome: Reconciled): void;
	/** Makes, saves and sends what is due. Never rejects; what fails is tried again the next time. */
	tick(sinks: readonly Sink[], signal: AbortSignal): Promise<void>;
}

/** Where reading goes on from, and the chain to add to. */
interface Opened {
	readonly chain: Chain;
	end: ChainEnd;
	fromMs: number;
}

/** What lies between two watermark events. */
interface State {
	readonly store: CheckpointStore;
	readonly options: ScopeOptions;
	readonly counts: ScopeCounts;
	plan?: SourcePlan;
	scope?: Scope;
	opened: Opened | undefined;
	resuming: Promise<Resumed | undefined> | undefined;
	settledMs: number | undefined;
	lateRecords: number;
	/** Merged; what of them is told by a watermark is no longer here. */
	gaps: readonly Range[];
	reconciled: readonly Reconciled[];
	isRestart: boolean;
	isOver: boolean;
}

export function createScopeCoverage(store: CheckpointStore, options: ScopeOptions): ScopeCoverage {
	const counts = createScopeCounts(options.budget);
	const state: State = {
		store,
		options,
		counts,
		opened: undefined,
		resuming: undefined,
		settledMs: undefined,
		lateRecords: 0,
		gaps: [],
		reconciled: [],
		isRestart: true,
		isOver: false,
	};
	let turn: Promise<void> = Promise.resolve();

	return {
		counts,
		began(plan, scope) {
			Object.assign(state, { plan, scope, isRestart: true });
			const { opened } = state;
			if (opened === undefined) state.resuming ??= readResumed(state);
			else if (plan.isForced === true) [opened.fromMs, state.settledMs] = [fromSecond(plan.startMs), undefined];
			state.resuming?.catch(() => {});
		},
		reopened() {
			state.isRestart = true;
		},
		settled(watermarkMs) {
			state.settledMs = Math.max(watermarkMs, state.settledMs ?? watermarkMs);
		},
		late(records) {
			state.lateRecords += records;
		},
		gap({ fromMs, untilMs }) {
			state.gaps = merged([...state.gaps, { fromMs, toMs: untilMs }]);
		},
		reconciled(outcome) {
			state.reconciled = [...state.reconciled, outcome];
		},
		tick(sinks, signal) {
			turn = turn.then(() => tickOnce(state, sinks, signal));
			return turn;
		},
	};
}

/** A scope is told to have begun before anything is asked of it. */
function begun({ plan, scope }: State): { readonly plan: SourcePlan; readonly scope: Scope } {
	if (plan === undefined || scope === undefined) throw new Error("a scope was counted before it began");
	return { plan, scope };
}

/** The cursor that reading goes on from; asked before the first save can change it. */
async function readResumed(state: State): Promise<Resumed | undefined> {
	const { plan, scope } = begun(state);
	const saved = plan.isForced === true ? undefined : await state.store.load({ source: plan.id, scope: scope.name, tier: "fast" });
	const [watermarkMs, sinceMs] = ["watermark", "since"].map((name) => Date.parse(String(saved?.cursor[name])));
	return watermarkMs === undefined || Number.isNaN(watermarkMs) ? undefined : { watermarkMs, sinceMs: sinceMs || 0 };
}

async function open(state: State): Promise<Opened> {
	const { plan, scope } = begun(state);
	state.resuming ??= readResumed(state);
	const resumed = await state.resuming.catch((error: unknown) => {
		state.resuming = undefined;
		throw error;
	});
	const chain = openChain({ source: plan.id, scope: scope.name, store: state.store, log: state.options.log });
	const end = await chain.open();
	return { chain, end, fromMs: fromSecond(resumed === undefined ? plan.startMs : resumedFrom(resumed, end)) };
}

function factOf(state: State, { end, fromMs }: Opened, completeToMs: number): WatermarkFact {
	const { plan, scope } = begun(state);
	const { clusters, delivered, within, repeated } = state.counts.take(fromMs, completeToMs);
	const { origin } = scope;
	const isOwn = ({ name, uid }: ClusterCount): boolean => name === origin.clusterName && uid === origin.clusterId;
	return {
		source: plan.id,
		scope: scope.name,
		origin,
		// A clock that is set back does not turn the chain's order round.
		timeMs: Math.max(state.options.clock.now(), (end.timeMs ?? Number.NEGATIVE_INFINITY) + 1),
		fromMs,
		completeToMs,
		delivered,
		within,
		late: state.lateRecords,
		repeated,
		gaps: clipped(state.gaps, fromMs, completeToMs),
		reconciled: state.reconciled,
		previous: end.previous,
		isRestart: state.isRestart,
		clusters: clusters.every(isOwn) && isNamed(scope) ? undefined : clusters,
	};
}

function addNext(state: State, into: Opened): void {
	const completeToMs = Math.floor((state.settledMs ?? Number.NEGATIVE_INFINITY) / SECOND_MS) * SECOND_MS;
	if (!(completeToMs > into.fromMs)) return;
	const event = watermarkEvent(factOf(state, into, completeToMs), state.options.identityKey);
	into.end = into.chain.add(event, completeToMs);
	into.fromMs = completeToMs;
	state.gaps = clipped(state.gaps, completeToMs, Number.POSITIVE_INFINITY);
	Object.assign(state, { lateRecords: 0, reconciled: [], isRestart: false });
}

async function tickOnce(state: State, sinks: readonly Sink[], signal: AbortSignal): Promise<void> {
	if (state.isOver) return;
	try {
		const opened = state.opened ?? (await open(state));
		state.opened = opened;
		if (!(await opened.chain.flush(sinks, signal))) return;
		addNext(state, opened);
		await opened.chain.flush(sinks, signal);
	} catch (error) {
		const { plan, scope } = begun(state);
		state.isOver = error instanceof CollectorError && error.code === "CHECKPOINT_CONFLICT";
		const when = state.isOver ? "any more" : "for now";
		state.options.log(`no watermark event of ${plan.id}: ${scope.name} ${when}: ${(error as Error).message}`);
	}
}

interface Resumed {
	readonly watermarkMs: number;
	/** Where that reading began. */
	readonly sinceMs: number;
}

/** A chain that was saved less often than the cursor goes on where it ended, unless reading has begun elsewhere since. */
function resumedFrom({ watermarkMs, sinceMs }: Resumed, { completeToMs = watermarkMs }: ChainEnd): number {
	return Math.max(sinceMs, Math.min(watermarkMs, completeToMs));
}

function fromSecond(ms: number): number {
	return Math.ceil(ms / SECOND_MS) * SECOND_MS;
}

function isNamed({ origin }: Scope): boolean {
	return origin.clusterName !== undefined || origin.clusterId !== undefined;
}

function clipped(ranges: readonly Range[], fromMs: number, toMs: number): readonly Range[] {
	return ranges
		.map((range) => ({ fromMs: Math.max(fromMs, range.fromMs), toMs: Math.min(toMs, range.toMs) }))
		.filter((range) => range.toMs > range.fromMs);
}

/** What is known of one scope between two watermark events, and when the next one is due. */

import type { CheckpointStore } from "../contract/checkpoint.ts";
import type { Clock, Scope } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Sink } from "../contract/sink.ts";
import type { SourcePlan } from "./source-runner.ts";
import { type Chain, type ChainEnd, openChain } from "./watermark-chain.ts";
import { createScopeCounts, type IdBudget, type ScopeCounts, SECOND_MS } from "./watermark-counts.ts";
import { type ClusterCount, type Gap, type WatermarkFact, watermarkEvent } from "./watermark-event.ts";

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
	/** Gives whether that is to be told soon: a gap must not be forgotten by a crash. */
	settled(watermarkMs: number): boolean;
	late(records: number): void;
	/** The service no longer keeps what lies between the watermark and now less its retention. */
	expired(): void;
	/** Makes, saves and sends what is due. Never rejects; what fails is tried again the next time. */
	tick(sinks: readonly Sink[], signal: AbortSignal): Promise<void>;
}

/** Where reading goes on from, and the chain to add to. */
interface Opened {
	readonly chain: Chain;
	end: ChainEnd;
	fromMs: number;
}

export function createScopeCoverage(store: CheckpointStore, { clock, budget, identityKey, log }: ScopeOptions): ScopeCoverage {
	const counts = createScopeCounts(budget);
	let plan: SourcePlan;
	let scope: Scope;
	let opened: Opened | undefined;
	let resuming: Promise<Resumed | undefined> | undefined;
	let settledMs: number | undefined;
	let lateRecords = 0;
	let expiries: { readonly fromMs: number | undefined; readonly toMs: number }[] = [];
	let isRestart = true;
	let isOver = false;
	let turn: Promise<void> = Promise.resolve();

	/** The cursor that reading goes on from; asked before the first save can change it. */
	async function readResumed(): Promise<Resumed | undefined> {
		const saved = plan.isForced === true ? undefined : await store.load({ source: plan.id, scope: scope.name, tier: "fast" });
		const [watermarkMs, sinceMs] = ["watermark", "since"].map((name) => Date.parse(String(saved?.cursor[name])));
		return watermarkMs === undefined || Number.isNaN(watermarkMs) ? undefined : { watermarkMs, sinceMs: sinceMs || 0 };
	}

	async function open(): Promise<Opened> {
		resuming ??= readResumed();
		const resumed = await resuming.catch((error: unknown) => {
			resuming = undefined;
			throw error;
		});
		const chain = openChain({ source: plan.id, scope: scope.name, store, log });
		const end = await chain.open();
		return { chain, end, fromMs: fromSecond(resumed === undefined ? plan.startMs : resumedFrom(resumed, end)) };
	}

	function factOf({ end, fromMs }: Opened, completeToMs: number): WatermarkFact {
		const { clusters, delivered, within, repeated } = counts.take(fromMs, completeToMs);
		const { origin } = scope;
		const isOwn = ({ name, uid }: ClusterCount): boolean => name === origin.clusterName && uid === origin.clusterId;
		return {
			source: plan.id,
			scope: scope.name,
			origin,
			timeMs: clock.now(),
			fromMs,
			completeToMs,
			delivered,
			within,
			late: lateRecords,
			repeated,
			gaps: gapsOf(expiries, fromMs, completeToMs),
			previous: end.previous,
			isRestart,
			clusters: clusters.every(isOwn) && isNamed(scope) ? undefined : clusters,
		};
	}

	function addNext(into: Opened): void {
		const completeToMs = Math.floor((settledMs ?? Number.NEGATIVE_INFINITY) / SECOND_MS) * SECOND_MS;
		if (!(completeToMs > into.fromMs)) return;
		const event = watermarkEvent(factOf(into, completeToMs), identityKey);
		into.end = into.chain.add(event, completeToMs);
		into.fromMs = completeToMs;
		[lateRecords, expiries, isRestart] = [0, [], false];
	}

	async function tickOnce(sinks: readonly Sink[], signal: AbortSignal): Promise<void> {
		if (isOver) return;
		try {
			opened ??= await open();
			if (!(await opened.chain.flush(sinks, signal))) return;
			addNext(opened);
			await opened.chain.flush(sinks, signal);
		} catch (error) {
			isOver = error instanceof CollectorError && error.code === "CHECKPOINT_CONFLICT";
			log(`no watermark event of ${plan.id}: ${scope.name} ${isOver ? "any more" : "for now"}: ${(error as Error).message}`);
		}
	}

	return {
		counts,
		began(newPlan, newScope) {
			[plan, scope, isRestart] = [newPlan, newScope, true];
			if (opened === undefined) resuming ??= readResumed();
			else if (plan.isForced === true) [opened.fromMs, settledMs] = [fromSecond(plan.startMs), undefined];
			resuming?.catch(() => {});
		},
		reopened() {
			isRestart = true;
		},
		settled(watermarkMs) {
			settledMs = Math.max(watermarkMs, settledMs ?? watermarkMs);
			return expiries.length > 0;
		},
		late(records) {
			lateRecords += records;
		},
		expired() {
			if (scope.retentionMs !== undefined) expiries.push({ fromMs: settledMs, toMs: clock.now() - scope.retentionMs });
		},
		tick(sinks, signal) {
			turn = turn.then(() => tickOnce(sinks, signal));
			return turn;
		},
	};
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

/** Without what a watermark before has told of, and in the order in which they were met. */
function gapsOf(
	expiries: readonly { readonly fromMs: number | undefined; readonly toMs: number }[],
	fromMs: number,
	completeToMs: number,
): readonly Gap[] {
	return expiries
		.map((expiry) => ({ fromMs: Math.max(fromMs, expiry.fromMs ?? fromMs), toMs: Math.min(completeToMs, expiry.toMs) }))
		.filter((gap) => gap.toMs > gap.fromMs);
}

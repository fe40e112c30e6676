/** Asks the service now and then how many records it has, and has read again what it has more of than was seen. */

import type { Counts, Reconcile, Reconciled, Stretch } from "../contract/connector.ts";
import type { Memory } from "./position.ts";
import type { Seen } from "./seen.ts";
import type { Pulling, PullRequest } from "./state.ts";
import type { Sweeping } from "./sweep.ts";

const MINUTE_MS = 60_000;
/** Only bins that differ are read again: short enough that those are little, long enough that a day has not many. */
const BIN_MS = 5 * MINUTE_MS;
/** After a count that failed. */
const RETRY_MS = 60 * MINUTE_MS;

export interface Reconciling {
	/** All before it is compared, or cannot be any more. */
	fromMs: number;
	/** Nothing is asked before then. */
	dueMs: number;
	counting: Counting | undefined;
}

/** A stretch that the service is asked about, and what has come of it. */
interface Counting extends Stretch {
	readonly ending: AbortController;
	/** Absent: the answer is not there yet. */
	counts?: Counts;
	compared?: Compared;
}

interface Compared {
	/** Stretches that are not yet read again. */
	readonly suspects: Stretch[];
	/** One was read again, and so many records were found; or there was none to read. */
	read(finds: number): void;
}

/** Counts of before are good as long as memory is: where there is none, they begin with the first whole bin that is read. */
export function beginReconciling({ reconcile }: PullRequest, seen: Seen, memory: Memory | undefined): Reconciling | undefined {
	if (reconcile === undefined) return undefined;
	return { fromMs: memory?.reconciledMs ?? ceiling(seen.forgottenMs() + MINUTE_MS), dueMs: Number.NEGATIVE_INFINITY, counting: undefined };
}

/** Asks if it is time to, without waiting for the answer, and compares once it is there. */
export function reconcileStep(pulling: Pulling): void {
	const { reconciling, sweeping } = pulling;
	const { reconcile } = pulling.request;
	if (reconcile === undefined || reconciling === undefined) return;
	const { counting } = reconciling;
	if (counting === undefined) return void ask(pulling, reconcile, reconciling);
	// What a sweep is about to find would seem to be missing.
	if (counting.counts === undefined || counting.compared !== undefined || sweeping !== undefined) return;
	counting.compared = compare(pulling.seen, counting, counting.counts, (outcome) => {
		reconciling.fromMs = counting.untilMs;
		reconciling.counting = undefined;
		reconcile.reconciled(outcome);
	});
	if (counting.compared.suspects.length === 0) counting.compared.read(0);
}

/** The next stretch that is to be read again. */
export function suspectSweep({ reconciling }: Pulling): Sweeping | undefined {
	const compared = reconciling?.counting?.compared;
	const suspect = compared?.suspects.shift();
	if (compared === undefined || suspect === undefined) return undefined;
	return { atMs: suspect.fromMs, untilMs: suspect.untilMs, minutes: 1, finds: 0, ended: compared.read };
}

/** Nobody waits for the answer any more. */
export function endReconciling({ reconciling }: Pulling): void {
	reconciling?.counting?.ending.abort();
}

/** Counts before this are of no use any more, epoch milliseconds. Without a bound a service that never counts would fill memory. */
export function countsNeededFromMs({ request: { reconcile }, reconciling }: Pulling, nowMs: number): number {
	if (reconcile === undefined || reconciling === undefined) return Number.POSITIVE_INFINITY;
	return Math.max(reconciling.fromMs, ceiling(nowMs - 2 * reconcile.everyMs - reconcile.delayMs));
}

function ask(pulling: Pulling, reconcile: Reconcile, reconciling: Reconciling): void {
	const { signal, host } = pulling.request;
	const stretch = dueStretch(pulling, reconcile, reconciling);
	if (stretch === undefined) return;
	const counting: Counting = { ...stretch, ending: new AbortController() };
	reconciling.counting = counting;
	const ending = AbortSignal.any([signal, counting.ending.signal]);
	reconcile.count(stretch, BIN_MS, ending).then(
		(counts) => {
			counting.counts = counts;
		},
		(error: unknown) => {
			if (ending.aborted) return;
			reconciling.counting = undefined;
			reconciling.dueMs = host.clock.now() + Math.min(reconcile.everyMs, RETRY_MS);
			reconcile.failed(error);
		},
	);
}

/** What is behind the overlap and old enough, in bins, as long as the settings say. */
function dueStretch(pulling: Pulling, { everyMs, delayMs }: Reconcile, reconciling: Reconciling): Stretch | undefined {
	const { request, serviceClock, seen, position } = pulling;
	const localMs = request.host.clock.now();
	if (localMs < reconciling.dueMs) return undefined;
	const nowMs = serviceClock.atLeast(localMs);
	const keptMs = request.scope.retentionMs === undefined ? Number.NEGATIVE_INFINITY : nowMs - request.scope.retentionMs;
	const fromMs = Math.max(countsNeededFromMs(pulling, nowMs), ceiling(keptMs), ceiling(position.sinceMs));
	const lengthMs = floor(everyMs);
	const untilMs = Math.min(fromMs + lengthMs, floor(Math.min(nowMs - delayMs, seen.forgottenMs())));
	return untilMs - fromMs < lengthMs ? undefined : { fromMs, untilMs };
}

/** `conclude` is told when all suspects are read again. */
function compare(seen: Seen, { fromMs, untilMs }: Stretch, counts: Counts, conclude: (outcome: Reconciled) => void): Compared {
	const gaps: { fromMs: number; untilMs: number }[] = [];
	let [expected, delivered, lacking, found] = [0, 0, 0, 0];
	for (let binMs = fromMs; binMs < untilMs; binMs += BIN_MS) {
		const [counted, known] = [counts.get(binMs) ?? 0, seenIn(seen, binMs)];
		expected += counted;
		delivered += known;
		if (counted <= known) continue;
		lacking += counted - known;
		const last = gaps.at(-1);
		if (last?.untilMs === binMs) last.untilMs += BIN_MS;
		else gaps.push({ fromMs: binMs, untilMs: binMs + BIN_MS });
	}
	const suspects = [...gaps];
	return {
		suspects,
		read(finds) {
			found += finds;
			if (suspects.length > 0) return;
			const missing = Math.max(0, lacking - found);
			conclude({ fromMs, untilMs, expected, delivered, found, missing, gaps: missing === 0 ? [] : gaps });
		},
	};
}

function seenIn(seen: Seen, binMs: number): number {
	let count = 0;
	for (let minuteMs = binMs; minuteMs < binMs + BIN_MS; minuteMs += MINUTE_MS) count += seen.digestOf(minuteMs).count;
	return count;
}

function floor(ms: number): number {
	return Math.floor(ms / BIN_MS) * BIN_MS;
}

function ceiling(ms: number): number {
	return Math.ceil(ms / BIN_MS) * BIN_MS;
}

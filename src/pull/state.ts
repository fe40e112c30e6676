/** What one reading of a scope works with, and how it makes batches. */

import type { ReadRequest, Timing } from "../contract/connector.ts";
import type { Batch, Cursor } from "../contract/record.ts";
import type { List, ListedRecord } from "./listing.ts";
import { createOverlap, type Overlap } from "./overlap.ts";
import type { Span } from "./pages.ts";
import { cursorOf, memoryCursorOf, memoryOf, type Position, positionOf } from "./position.ts";
import { beginReconciling, type Reconciling } from "./reconcile.ts";
import { createSeen, type Seen } from "./seen.ts";
import { createServiceClock, type ServiceClock } from "./service-clock.ts";
import type { Sweeping } from "./sweep.ts";

/** A request, less what only the connector understands, and how to ask. */
export interface PullRequest extends Omit<ReadRequest<unknown>, "settings" | "timing"> {
	readonly list: List;
	readonly timing: Timing;
	readonly signal: AbortSignal;
}

export interface Pulling {
	readonly request: PullRequest;
	readonly seen: Seen;
	readonly overlap: Overlap;
	readonly serviceClock: ServiceClock;
	readonly span: Span;
	/** Ids that are missing from memory say nothing of the service if the memory itself was missing. */
	readonly isMemoryWhole: boolean;
	position: Position;
	/** When each sweep is due, epoch milliseconds. */
	readonly sweepsDueMs: number[];
	/** The sweep under way. */
	sweeping: Sweeping | undefined;
	/** Undefined: counts are not compared with the service. */
	readonly reconciling: Reconciling | undefined;
	memorySavedAtMs: number;
	seq: number;
}

export function beginPulling(request: PullRequest): Pulling {
	const { saved, scope, startMs, timing, host } = request;
	const cursor = saved.get("fast");
	const memory = cursor === undefined ? undefined : memoryOf(saved.get("memory"));
	const overlap = createOverlap(timing.overlapMs, timing.overlapMaxMs, memory?.late);
	const nowMs = host.clock.now();
	const first: Position = { sinceMs: startMs, watermarkMs: startMs, polledAtMs: startMs + timing.overlapMaxMs, widthMs: timing.widthMs };
	const position = cursor === undefined ? first : positionOf(cursor, scope.name);
	const seen = createSeen(lowerBound(position, overlap.width(nowMs)), memory?.seen);
	return {
		request,
		seen,
		overlap,
		serviceClock: createServiceClock(),
		span: { ms: timing.widthMaxMs },
		isMemoryWhole: cursor === undefined || memory !== undefined,
		position,
		sweepsDueMs: timing.sweeps.map(({ everyMs }, i) => memory?.sweepsDueMs[i] ?? nowMs + everyMs),
		sweeping: undefined,
		reconciling: beginReconciling(request, seen, memory),
		memorySavedAtMs: Number.NEGATIVE_INFINITY,
		seq: 0,
	};
}

/**
 * From where the next window reads. All that was visible when the last one was asked for is settled up to the watermark;
 * what was not can lie no further back than the overlap before that moment.
 */
export function lowerBound({ watermarkMs, polledAtMs }: Position, overlapMs: number): number {
	return Math.min(watermarkMs, polledAtMs - overlapMs);
}

interface BatchParts {
	readonly records?: readonly ListedRecord[];
	readonly position?: Position;
	/** Save what was seen if it is time to, as with a position. */
	readonly isRemembered?: boolean;
	/** Save it even if it is not. */
	readonly isLast?: boolean;
	/** Once the batch is settled. */
	onSettled?(): void;
}

export function batchOf(pulling: Pulling, { records = [], position, isRemembered = false, isLast = false, onSettled }: BatchParts): Batch {
	const { request, seen, overlap } = pulling;
	const { scope, host, timing } = request;
	const seq = pulling.seq++;

	function memory(): Cursor | undefined {
		const nowMs = host.clock.now();
		if (!isLast && nowMs - pulling.memorySavedAtMs < timing.memoryIntervalMs) return undefined;
		pulling.memorySavedAtMs = nowMs;
		const { sweepsDueMs, reconciling } = pulling;
		const reconciled = reconciling === undefined ? {} : { reconciledMs: reconciling.fromMs };
		return memoryCursorOf({ seen: seen.save(), late: overlap.save(), sweepsDueMs, ...reconciled });
	}

	return {
		partition: scope.name,
		seq,
		origin: scope.origin,
		records,
		...(position === undefined ? {} : { cursor: cursorOf(position) }),
		...(position === undefined && !isLast && !isRemembered ? {} : { memory }),
		async settle() {
			seen.settled(seq);
			if (position !== undefined) seen.forget(lowerBound(position, overlap.width(host.clock.now())));
			onSettled?.();
		},
	};
}

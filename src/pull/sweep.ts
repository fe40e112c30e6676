/** Reads again, rarely and widely, behind the overlap: what came too late for it is found by counting, and delivered. */

import type { Batch } from "../contract/record.ts";
import { type Digest, digestOf, sameDigest } from "./digest.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import type { ListedRecord, Window } from "./listing.ts";
import { pagesOfRange } from "./pages.ts";
import { countsNeededFromMs, suspectSweep } from "./reconcile.ts";
import { minuteOf } from "./seen.ts";
import { batchOf, type Pulling } from "./state.ts";

const MINUTE_MS = 60_000;
/** Records of one slice; the fast poll waits no longer than for one. */
const SLICE_RECORDS = 20_000;

/** One sweep under way. */
export interface Sweeping {
	/** The next minute to look at, and the first not to. */
	atMs: number;
	readonly untilMs: number;
	minutes: number;
	finds: number;
	/** Told once all of it is read. */
	ended(finds: number): void;
}

/** Does a piece of the sweep that is due; gives false if none is. */
export async function* sweepSlice(pulling: Pulling): AsyncGenerator<Batch, boolean> {
	const sweeping = pulling.sweeping ?? suspectSweep(pulling) ?? dueSweep(pulling);
	pulling.sweeping = sweeping;
	if (sweeping === undefined) return false;
	if (sweeping.atMs < sweeping.untilMs) yield* sweepMinutes(pulling, sweeping);
	if (sweeping.atMs < sweeping.untilMs) return true;
	pulling.sweeping = undefined;
	pulling.request.host.meter.count("sweeps_total");
	sweeping.ended(sweeping.finds);
	return true;
}

/** The deepest that is due takes the place of the others: it reads all that they would. */
function dueSweep(pulling: Pulling): Sweeping | undefined {
	const { request, sweepsDueMs, seen, position } = pulling;
	const { timing, host } = request;
	const nowMs = host.clock.now();
	const due = timing.sweeps
		.map(({ depthMs }, index) => ({ depthMs, index }))
		.filter(({ index }) => nowMs >= (sweepsDueMs[index] as number));
	const deepest = due.sort((a, b) => b.depthMs - a.depthMs)[0];
	if (deepest === undefined) return undefined;
	const fromMs = Math.max(minuteOf(position.sinceMs), minuteOf(nowMs - deepest.depthMs));
	const ended = (finds: number): void => finish(pulling, deepest.depthMs, finds);
	return { atMs: fromMs, untilMs: seen.forgottenMs(), minutes: 8, finds: 0, ended };
}

/** Lets go of digests that nobody will compare any more; those of a sweep under way are left alone. */
export function dropOldDigests(pulling: Pulling): void {
	const { request, seen, sweeping } = pulling;
	if (sweeping !== undefined) return;
	const nowMs = request.host.clock.now();
	const depthMs = Math.max(0, ...request.timing.sweeps.map((sweep) => sweep.depthMs));
	seen.drop(Math.min(nowMs - depthMs - MINUTE_MS, countsNeededFromMs(pulling, nowMs)));
}

function finish({ request, sweepsDueMs, overlap, isMemoryWhole }: Pulling, depthMs: number, finds: number): void {
	const { timing, host, scope } = request;
	const nowMs = host.clock.now();
	for (const [i, sweep] of timing.sweeps.entries()) if (sweep.depthMs <= depthMs) sweepsDueMs[i] = nowMs + sweep.everyMs;
	if (finds === 0 || !isMemoryWhole) return;
	const overlapMs = overlap.width(nowMs);
	overlap.late(overlapMs, nowMs);
	host.log(
		`${scope.name}: a sweep found ${finds} records that came later than the overlap of ${overlapMs / 1000} s; they are delivered, and the overlap is now ${overlap.width(nowMs) / 1000} s`,
	);
}

async function* sweepMinutes(pulling: Pulling, sweeping: Sweeping): AsyncGenerator<Batch> {
	const { seen } = pulling;
	const window = { fromMs: sweeping.atMs, toMs: Math.min(sweeping.untilMs, sweeping.atMs + sweeping.minutes * MINUTE_MS) - 1 };
	const listed = await digestsOf(pulling, window);
	for (const [minuteMs, digest] of listed) {
		if (!sameDigest(digest, seen.digestOf(minuteMs))) yield* deliverMinute(pulling, sweeping, minuteMs);
	}
	sweeping.atMs = window.toMs + 1;
	const records = [...listed.values()].reduce((sum, { count }) => sum + count, 0);
	sweeping.minutes = Math.max(1, Math.min(sweeping.minutes * 2, Math.floor((sweeping.minutes * SLICE_RECORDS) / Math.max(1, records))));
}

/** Of every minute in which the service shows anything. */
async function digestsOf({ request, span }: Pulling, window: Window): Promise<ReadonlyMap<number, Digest>> {
	const { list, signal, host } = request;
	const keys = new Map<number, KeySet>();
	for await (const page of pagesOfRange(list, window, span, signal)) {
		if (page === "again") continue;
		host.meter.count("pages_total");
		host.meter.count("listed_records_total", page.records.length);
		for (const { id, timeMs } of page.records) {
			const minuteMs = minuteOf(timeMs);
			const minute = keys.get(minuteMs) ?? createKeySet();
			keys.set(minuteMs, minute);
			minute.add(id);
		}
	}
	return new Map([...keys].map(([minuteMs, set]) => [minuteMs, digestOf(set)]));
}

/** All of it: which of its records are missing is not known any more. */
async function* deliverMinute(pulling: Pulling, sweeping: Sweeping, minuteMs: number): AsyncGenerator<Batch> {
	const { request, seen } = pulling;
	const { list, signal, host } = request;
	const minute = { fromMs: minuteMs, toMs: minuteMs + MINUTE_MS - 1 };
	const delivered = createKeySet();
	const isFirst = ({ id }: ListedRecord): boolean => delivered.add(id);
	for await (const page of pagesOfRange(list, minute, pulling.span, signal)) {
		const records = page === "again" ? [] : page.records.filter(isFirst);
		if (records.length > 0) yield batchOf(pulling, { records });
	}
	const finds = Math.max(0, delivered.size() - seen.digestOf(minuteMs).count);
	sweeping.finds += finds;
	host.meter.count("sweep_finds_total", finds);
	const digest = digestOf(delivered);
	// Only now is it as if the minute had been read as it stands.
	yield batchOf(pulling, { onSettled: () => seen.replace(minuteMs, digest), isRemembered: true });
}

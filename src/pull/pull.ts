/** The loop that misses nothing: overlapping windows, each read to its end and settled before the watermark moves. */

import type { Batch } from "../contract/record.ts";
import type { ListedRecord, Window } from "./listing.ts";
import { createPace, type Pace } from "./pace.ts";
import { type Page, pagesOfRange } from "./pages.ts";
import type { Position } from "./position.ts";
import { endReconciling, reconcileStep } from "./reconcile.ts";
import { batchOf, beginPulling, lowerBound, type Pulling, type PullRequest } from "./state.ts";
import { dropOldDigests, sweepSlice } from "./sweep.ts";

const WIDTH_MS_MIN = 1_000;
/** Memory that is no larger may hold a record or a few, but no answer. */
const PAGE_BYTES_MIN = 128 * 1024;

/**
 * Reads a scope from its saved cursor, or from `startMs`, on. Every poll lists a window that begins an overlap before the
 * moment of the poll before it and ends no later than its own, by the service's clock; what was seen is left out by its id.
 * The watermark becomes the window's end only in the cursor of a batch that follows all of the window's records.
 * (source-semantics section 0 has the proof that this delivers everything that becomes visible within the overlap.)
 */
export async function* pull(request: PullRequest): AsyncGenerator<Batch> {
	const pulling = beginPulling(request);
	try {
		yield* readOn(pulling);
	} catch (error) {
		// A reading that the stop button interrupts has nothing to tell.
		if (!request.signal.aborted) throw error;
	} finally {
		endReconciling(pulling);
	}
	yield batchOf(pulling, { isLast: true });
}

async function* readOn(pulling: Pulling): AsyncGenerator<Batch> {
	const { until, host, timing, signal } = pulling.request;
	const pace = createPace(timing, host.random);
	const endMs = typeof until === "object" ? until.endMs : Number.POSITIVE_INFINITY;
	while (pulling.position.watermarkMs < endMs && !isOutOfTime(pulling)) {
		signal.throwIfAborted();
		skipWhatExpired(pulling);
		const poll = yield* pollOnce(pulling, endMs);
		dropOldDigests(pulling);
		if (poll.isCaughtUp && until === "caught-up") return;
		if (poll.isCaughtUp && pulling.position.watermarkMs < endMs) yield* rest(pulling, pace, poll.isNew);
	}
}

/** Until the next poll is due: sweeps, in small pieces, and then sleep. What the service counts is waited for meanwhile. */
async function* rest(pulling: Pulling, pace: Pace, isNew: boolean): AsyncGenerator<Batch> {
	const { host, signal } = pulling.request;
	const { clock } = host;
	const nextMs = clock.now() + pace.next(isNew);
	reconcileStep(pulling);
	for (let isDue = true; isDue && clock.now() < nextMs; ) isDue = yield* sweepSlice(pulling);
	await clock.wait(nextMs - clock.now(), signal);
}

interface Poll {
	/** The window reached the present. */
	readonly isCaughtUp: boolean;
	readonly isNew: boolean;
}

async function* pollOnce(pulling: Pulling, endMs: number): AsyncGenerator<Batch, Poll> {
	const { request, position, seen, overlap, serviceClock } = pulling;
	const { host, timing } = request;
	const startedMs = host.clock.now();
	const nowMs = serviceClock.atLeast(startedMs);
	const overlapMs = overlap.width(startedMs);
	const fromMs = Math.max(lowerBound(position, overlapMs), seen.forgottenMs());
	const window = { fromMs, toMs: Math.max(position.watermarkMs, Math.min(nowMs, endMs, position.watermarkMs + position.widthMs)) };
	const read = yield* readWindow(pulling, window, startedMs);
	if (!read.isDrained) {
		pulling.position = { ...position, widthMs: narrower(window, position) };
		// The watermark stays; only how much to ask for next time is saved.
		yield batchOf(pulling, { position: pulling.position });
		return { isCaughtUp: false, isNew: true };
	}
	const polledAtMs = read.servedAtMs ?? nowMs;
	pulling.position = {
		...position,
		watermarkMs: Math.max(position.watermarkMs, Math.min(window.toMs, polledAtMs)),
		polledAtMs,
		widthMs: nextWidth(position.widthMs, read.pages, timing),
	};
	yield batchOf(pulling, { position: pulling.position });
	host.meter.count("polls_total");
	host.meter.gauge("watermark_seconds", pulling.position.watermarkMs / 1000);
	host.meter.gauge("overlap_seconds", overlapMs / 1000);
	return { isCaughtUp: window.toMs >= nowMs, isNew: read.fresh > 0 };
}

interface WindowRead {
	readonly isDrained: boolean;
	readonly pages: number;
	readonly fresh: number;
	/** What the service's clock showed, at least, when the window was asked for. */
	readonly servedAtMs?: number;
}

async function* readWindow(pulling: Pulling, window: Window, startedMs: number): AsyncGenerator<Batch, WindowRead> {
	const { list, signal } = pulling.request;
	const listing = pagesOfRange(list, window, pulling.span, signal);
	let pages = 0;
	let fresh = 0;
	let served: { readonly servedAtMs?: number } = {};
	try {
		for (let next = await listing.next(); ; next = await listing.next()) {
			if (next.done) return { isDrained: true, pages, fresh, ...served };
			if (next.value === "again") continue;
			if (pages++ === 0) served = servedAt(pulling, next.value, startedMs);
			const records = freshOf(pulling, next.value.records, pulling.seq);
			fresh += records.length;
			if (records.length > 0) yield batchOf(pulling, { records });
			if (isOutOfTime(pulling)) return { isDrained: false, pages, fresh };
		}
	} finally {
		await listing.return("drained");
	}
}

/** Only the first answer tells when the window was asked for, and only less the time that the answer took. */
function servedAt({ request, serviceClock }: Pulling, { servedAtMs }: Page, startedMs: number): { readonly servedAtMs?: number } {
	if (servedAtMs === undefined) return {};
	const nowMs = request.host.clock.now();
	serviceClock.answered(servedAtMs, nowMs);
	return { servedAtMs: servedAtMs - Math.max(0, nowMs - startedMs) };
}

function freshOf(pulling: Pulling, listed: readonly ListedRecord[], seq: number): readonly ListedRecord[] {
	const { request, seen, position, overlap, isMemoryWhole } = pulling;
	const { meter, clock } = request.host;
	const nowMs = clock.now();
	const fresh = listed.filter(({ id, timeMs }) => seen.add(id, timeMs, seq)).map(onItsOwn);
	meter.count("pages_total");
	meter.count("listed_records_total", listed.length);
	meter.count("overlap_hits_total", listed.length - fresh.length);
	for (const { timeMs } of fresh) {
		meter.observe("delay_seconds", Math.max(0, nowMs - timeMs) / 1000);
		if (timeMs >= position.watermarkMs || !isMemoryWhole) continue;
		meter.count("late_records_total");
		overlap.late(position.watermarkMs - timeMs, nowMs);
	}
	return fresh;
}

/** A record may be a view into the whole answer, most of which was seen before: in flight it is to hold no more than itself. */
function onItsOwn(record: ListedRecord): ListedRecord {
	const { body } = record;
	return body.buffer.byteLength < PAGE_BYTES_MIN ? record : { ...record, body: Buffer.from(body) };
}

/** Half of what was new in the window: the next one, which may have no more time than this, is to be drained. */
function narrower({ toMs }: Window, { watermarkMs }: Position): number {
	return Math.max(WIDTH_MS_MIN, Math.floor((toMs - watermarkMs) / 2));
}

function nextWidth(widthMs: number, pages: number, { windowPages, widthMaxMs }: PullRequest["timing"]): number {
	if (pages > windowPages) return Math.max(WIDTH_MS_MIN, Math.floor(widthMs / 2));
	return pages < windowPages / 4 ? Math.min(widthMaxMs, widthMs * 2) : widthMs;
}

function isOutOfTime({ request: { deadlineMs, host } }: Pulling): boolean {
	return deadlineMs !== undefined && host.clock.now() >= deadlineMs;
}

/** What the service no longer keeps cannot be read: said, counted, and not waited for. */
function skipWhatExpired(pulling: Pulling): void {
	const { scope, host, timing } = pulling.request;
	if (scope.retentionMs === undefined) return;
	const horizonMs = pulling.serviceClock.atLeast(host.clock.now()) - scope.retentionMs;
	const { watermarkMs, sinceMs } = pulling.position;
	if (watermarkMs >= horizonMs) return;
	const gap = `${new Date(watermarkMs).toISOString()} to ${new Date(horizonMs).toISOString()}`;
	host.log(`${scope.name}: the service no longer keeps what lies from ${gap}; reading on from there`);
	host.meter.count("gaps_total");
	host.gap?.({ fromMs: watermarkMs, untilMs: horizonMs });
	// Reading begins anew there: whoever only sees the cursor does not take what lies before it for read.
	const position = { sinceMs: Math.max(sinceMs, horizonMs), watermarkMs: horizonMs, polledAtMs: horizonMs + timing.overlapMaxMs };
	pulling.position = { ...pulling.position, ...position };
}

/** The loop: read a batch, prepare it, send it on every route, settle it, checkpoint it; bounded, in order, counted. */

import type { Connector, Host } from "../contract/connector.ts";
import type { Batch, Cursor, Origin, RawRecord, Tier } from "../contract/record.ts";
import type { Route } from "../contract/route.ts";
import type { Quarantine } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
import { rememberEach } from "../json/remember.ts";
import { type Checkpoints, type Committer, createCommitter, keyOf, type Versions } from "./commit.ts";
import { deliver, type Position, type RetryLimits } from "./deliver.ts";
import { createGate, type Gate } from "./gate.ts";
import { createJoins, type Joins } from "./joins.ts";
import { createOrigins, type Origins } from "./origins.ts";
import { type Observer, prepareRecords, type Share } from "./prepare.ts";
import { addTally, assertConserved, count, newTally } from "./tally.ts";

export interface PipelineOptions {
	/** Opens the source where it was saved. The signal fires when reading on is of no use. */
	readonly open: (saved: Saved, signal: AbortSignal) => AsyncIterable<Batch>;
	readonly partitions: readonly string[];
	readonly connectorOf: (origin: Origin) => Connector;
	readonly routes: readonly Route[];
	readonly quarantine: Quarantine;
	readonly checkpoints: Checkpoints;
	readonly observer: Observer;
	readonly limits: PipelineLimits;
	/** Its signal stops everything at once; what is in flight is abandoned. */
	readonly host: Host;
	/** Ends reading; what is in flight is still delivered, settled and checkpointed. */
	readonly stop?: AbortSignal;
	/** Shared by the pipelines of one process, so that all of them together are bounded. Absent: one of its own. */
	readonly gate?: Gate;
}

/** Partition -> tier -> what was saved. */
export type Saved = ReadonlyMap<string, ReadonlyMap<Tier, Cursor>>;

export interface PipelineLimits {
	readonly batchesInFlightMax: number;
	readonly bytesInFlightMax: number;
	readonly retry: RetryLimits;
}

export const DEFAULT_PIPELINE_LIMITS: PipelineLimits = {
	batchesInFlightMax: 64,
	bytesInFlightMax: 8 * 1024 * 1024,
	retry: { attemptsMax: 6, delayMinMs: 200, delayMaxMs: 30_000 },
};

/**
 * Runs until the source ends or a signal fires. Resolves to one tally per route, in the order of the routes; `tallies` of
 * an earlier run are counted on. Rejects with the CollectorError that could not be got over; what was settled until then
 * is checkpointed.
 */
export async function runPipeline(options: PipelineOptions, tallies = options.routes.map(newTally)): Promise<readonly Tally[]> {
	const reading = AbortSignal.any([options.host.signal, ...(options.stop === undefined ? [] : [options.stop])]);
	await runOnce(options, tallies, reading);
	for (const [i, route] of options.routes.entries()) assertConserved(route.sink.name, tallies[i] as Tally);
	return tallies;
}

/** What one opening of the source works with. */
interface Run {
	readonly options: PipelineOptions;
	readonly tallies: readonly Tally[];
	readonly gate: Gate;
	readonly committer: Committer;
	readonly joins: Joins;
	readonly originsOf: (base: Origin) => Origins;
	readonly works: Set<Promise<void>>;
	/** Partition -> resolves when all its works so far have left the gate. */
	readonly left: Map<string, Promise<void>>;
	/** Fires when a batch cannot be got over: the run ends, its reason is why. */
	readonly failed: AbortController;
	readonly signal: AbortSignal;
}

/** Records to work on, and what their work leads to. */
interface Work {
	readonly records: readonly RawRecord[];
	readonly origin: Origin;
	readonly partition: string;
	readonly seq: number;
	/** The oldest batch that a part of a record came in. */
	readonly fromSeq: number;
	/** Parts that went into a join and did not come out, less those that came out late. */
	readonly joined: number;
}

async function runOnce(options: PipelineOptions, tallies: readonly Tally[], wanted: AbortSignal): Promise<void> {
	const { host, limits } = options;
	const { saved, versions } = await loadCursors(options);
	const joins = createJoins(options.connectorOf);
	const failed = new AbortController();
	const run: Run = {
		options,
		tallies,
		gate: options.gate ?? createGate({ batchesMax: limits.batchesInFlightMax, bytesMax: limits.bytesInFlightMax }),
		committer: createCommitter(options.checkpoints, versions, joins.heldFrom),
		joins,
		originsOf: rememberEach((base) => createOrigins(base, options.connectorOf(base))),
		works: new Set(),
		left: new Map(),
		failed,
		signal: AbortSignal.any([host.signal, failed.signal]),
	};
	const reading = AbortSignal.any([wanted, failed.signal]);
	try {
		for await (const batch of options.open(saved, reading)) {
			if (run.signal.aborted) break;
			await startBatch(run, batch);
		}
		if (!reading.aborted) await startHeldParts(run);
	} catch (error) {
		// A source that the stop button interrupts may say so by throwing.
		if (!reading.aborted) throw error;
	} finally {
		// The source is opened again only when no work is left that could still commit.
		await Promise.all(run.works);
	}
	if (failed.signal.aborted && !host.signal.aborted) throw failed.signal.reason;
}

async function startBatch(run: Run, batch: Batch): Promise<void> {
	const { origin, partition, seq } = batch;
	run.committer.begin(batch);
	const fromSeq = Math.min(seq, run.joins.heldFrom(partition) ?? seq);
	const records = [...run.joins.add(batch), ...run.joins.expire(partition, run.options.host.clock.now())];
	await startWork(run, { records, origin, partition, seq, fromSeq, joined: batch.records.length - records.length });
}

/** The source has ended: what still waits for its other parts will not get them. */
async function startHeldParts(run: Run): Promise<void> {
	for (const expired of run.joins.expireAll()) {
		await startWork(run, { ...expired, seq: Number.MAX_SAFE_INTEGER, joined: -expired.records.length });
	}
}

async function startWork(run: Run, work: Work): Promise<void> {
	const commit = run.committer.work(work.partition, work.fromSeq);
	const bytes = work.records.reduce((sum, record) => sum + record.body.length, 0);
	await run.gate.enter(bytes);
	const done = workOn(run, work)
		.then(commit)
		.catch((error: unknown) => run.failed.abort(error));
	// A batch that is done waits for those before it to commit: until then it is in flight.
	const left = Promise.all([run.left.get(work.partition), done]).then(() => {
		run.gate.leave(bytes);
		run.works.delete(left);
	});
	run.left.set(work.partition, left);
	run.works.add(left);
}

async function workOn(run: Run, { records, origin, partition, seq, joined }: Work): Promise<void> {
	const { options, signal } = run;
	if (signal.aborted) throw signal.reason;
	const { shares, quarantine } = prepareRecords(records, run.originsOf(origin), options);
	for (const entry of quarantine) await options.quarantine.add(entry);
	const position = { source: options.checkpoints.source, partition, firstSeq: seq };
	// One route that fails stops the others, and none of them may go on after the run has ended.
	const fail = (error: unknown): "failed" => {
		run.failed.abort(error);
		return "failed";
	};
	const sent = await Promise.all(shares.map((share) => sendShare(share, position, options, signal).catch(fail)));
	if (sent.includes("failed")) throw run.failed.signal.reason;
	for (const [i, { tally }] of shares.entries()) {
		tally.framed += joined;
		tally.joined = joined;
		addTally(run.tallies[i] as Tally, tally);
	}
}

async function sendShare(share: Share, position: Position, options: PipelineOptions, signal: AbortSignal): Promise<"sent"> {
	const { rejected } = await deliver(share.route.sink, share.events, position, options, signal);
	for (const entry of rejected) {
		await options.quarantine.add(entry);
		count(share.tally.quarantined, entry.error.code);
	}
	share.tally.forwarded = share.events.length - rejected.length;
	return "sent";
}

async function loadCursors({ checkpoints, partitions }: PipelineOptions): Promise<{ saved: Saved; versions: Versions }> {
	const saved = new Map<string, Map<Tier, Cursor>>();
	const versions: Versions = new Map();
	for (const partition of partitions) {
		const tiers = new Map<Tier, Cursor>();
		for (const tier of TIERS) {
			const key = keyOf(checkpoints.source, partition, tier);
			const found = await checkpoints.store.load(key);
			if (found === undefined) continue;
			tiers.set(tier, found.cursor);
			versions.set(`${tier} ${partition}`, found.version);
		}
		saved.set(partition, tiers);
	}
	return { saved, versions };
}

const TIERS: readonly Tier[] = ["fast", "memory"];

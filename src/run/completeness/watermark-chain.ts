/** One scope's chain of watermark events: made, saved, sent, in this order, so that a crash neither forks nor breaks it. */

import type { CheckpointKey, CheckpointStore, Version } from "../../contract/checkpoint.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Cursor } from "../../contract/record.ts";
import type { EncodedEvent, Sink } from "../../contract/sink.ts";
import { chainHash } from "./watermark-event.ts";

/** Where the next event of a chain goes on. */
export interface ChainEnd {
	/** Of the last event; absent: there is none, or none that is known. */
	readonly previous?: string;
	/** Up to where it told, epoch milliseconds. */
	readonly completeToMs?: number;
	/** When it was made, epoch milliseconds. */
	readonly timeMs?: number;
}

export interface Chain {
	/** Reads what was saved, once, and sends the newest event again: it may not have arrived. Rejects if it cannot be read. */
	open(): Promise<ChainEnd>;
	/** Adds the event that follows; nothing more can be added until `flush` has told true. */
	add(event: EncodedEvent, completeToMs: number): ChainEnd;
	/** Saves and sends what is outstanding; gives whether nothing is any more. Rejects if it cannot be saved; may be called again. */
	flush(sinks: readonly Sink[], signal: AbortSignal): Promise<boolean>;
}

/** An event on its way. */
interface Outgoing {
	readonly event: EncodedEvent;
	readonly cursor: Cursor;
	isSaved: boolean;
	readonly taken: Set<Sink>;
	attempt: number;
}

export interface ChainOptions {
	readonly source: string;
	readonly scope: string;
	readonly store: CheckpointStore;
	log(line: string): void;
}

export function openChain({ source, scope, store, log }: ChainOptions): Chain {
	const key: CheckpointKey = { source, scope: coverageScope(scope), tier: "memory" };
	let version: Version | undefined;
	let outgoing: Outgoing | undefined;
	let seq = 0;

	async function save(out: Outgoing): Promise<void> {
		try {
			version = await store.save(key, out.cursor, version);
		} catch (error) {
			if (!(error instanceof CollectorError) || error.code !== "CHECKPOINT_CONFLICT") throw error;
			// A save that failed may have been made all the same; anything else is somebody else's chain.
			const saved = await store.load(key);
			if (saved === undefined || savedEvent(saved.cursor)?.event.uid !== out.event.uid) throw error;
			version = saved.version;
		}
		out.isSaved = true;
	}

	async function sendTo(sink: Sink, out: Outgoing, signal: AbortSignal): Promise<void> {
		const delivery = { events: [out.event], source, partition: key.scope, firstSeq: seq, attempt: out.attempt };
		const result = await sink.send(delivery, signal).catch((error: unknown) => ({ status: "failed" as const, error }));
		if (result.status === "failed") log(`${sink.name} failed to take the watermark of ${scope}: ${result.error}`);
		if (result.status === "settled" && result.rejected[0] !== undefined)
			log(`${sink.name} refused the watermark of ${scope}: ${result.rejected[0].error.message}`);
		if (result.status === "settled" || result.status === "unclear" || (result.status === "partial" && result.retry.length === 0))
			out.taken.add(sink);
	}

	return {
		async open() {
			const saved = await store.load(key);
			version = saved?.version;
			const last = saved && savedEvent(saved.cursor);
			if (saved === undefined || last === undefined) return {};
			outgoing = { event: last.event, cursor: saved.cursor, isSaved: true, taken: new Set(), attempt: 0 };
			return endOf(last.event, last.completeToMs);
		},
		add(event, completeToMs) {
			outgoing = { event, cursor: cursorOf(event, completeToMs), isSaved: false, taken: new Set(), attempt: 0 };
			seq++;
			return endOf(event, completeToMs);
		},
		async flush(sinks, signal) {
			const out = outgoing;
			if (out === undefined) return true;
			if (!out.isSaved) await save(out);
			out.attempt++;
			await Promise.all(sinks.filter((sink) => !out.taken.has(sink)).map((sink) => sendTo(sink, out, signal)));
			if (out.taken.size < sinks.length) return false;
			outgoing = undefined;
			return true;
		},
	};
}

function endOf({ bytes, timeMs }: EncodedEvent, completeToMs: number): ChainEnd {
	return { previous: chainHash(bytes), completeToMs, timeMs };
}

/** What the chain of a scope is saved and sent as. No service names a scope like this. */
function coverageScope(scope: string): string {
	return `${scope} coverage`;
}

function cursorOf({ uid, timeMs, clusterKey, bytes }: EncodedEvent, completeToMs: number): Cursor {
	return { v: 1, uid, timeMs, clusterKey, completeTo: new Date(completeToMs).toISOString(), event: Buffer.from(bytes).toString() };
}

/** Undefined if it is none of ours: then the chain begins anew, and says so. */
function savedEvent(cursor: Cursor): { readonly event: EncodedEvent; readonly completeToMs: number } | undefined {
	const { v, uid, timeMs, clusterKey, completeTo, event } = cursor;
	const completeToMs = Date.parse(String(completeTo));
	if (v !== 1 || typeof uid !== "string" || typeof timeMs !== "number" || typeof event !== "string") return undefined;
	if (typeof clusterKey !== "string" || Number.isNaN(completeToMs)) return undefined;
	return { event: { uid, timeMs, clusterKey, bytes: Buffer.from(event) }, completeToMs };
}

/** The sink `duckdb:PATH`: the embedded store, in which each event is once, however often it is sent. */

import { CollectorError } from "../contract/errors.ts";
import type { EncodedEvent, Rejection, SendResult, Sink } from "../contract/sink.ts";
import { writingError } from "./failure.ts";
import type { Lease } from "./lease.ts";
import { type Loaded, loadEvents } from "./load.ts";
import { createQueue, type Slice } from "./queue.ts";
import { faultOf } from "./staging.ts";
import { openStore, ROW_GROUP_ROWS, type Store, type StoreOptions } from "./store.ts";

export interface DuckdbSinkOptions extends Omit<StoreOptions, "readOnly"> {
	/** What one load takes at most; what is over waits for the next. */
	readonly loadEventsMax?: number;
	readonly loadBytesMax?: number;
}

const LOAD_EVENTS_MAX = 4 * ROW_GROUP_ROWS;
const LOAD_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Opens the store as its owner. `send` resolves once its events are committed; what arrives during a load is gathered
 * for the next one. Throws as `openStore` does; later, a store that cannot be written is a retry, and opened anew.
 */
export async function openDuckdbSink(path: string, options: DuckdbSinkOptions = {}): Promise<Sink> {
	const { loadEventsMax = LOAD_EVENTS_MAX, loadBytesMax = LOAD_BYTES_MAX, ...storeOptions } = options;
	const limits = { eventsMax: loadEventsMax, bytesMax: loadBytesMax, eventsBest: ROW_GROUP_ROWS };
	const writer = createWriter(path, storeOptions);
	await writer.open();
	const queue = createQueue();
	const facts = { stored: 0, repeated: 0 };
	const stopped = retry(new CollectorError("SINK_UNAVAILABLE", `did not write ${path}: stopped before`));
	let working: Promise<void> | undefined;
	let isOpen = true;

	async function work(): Promise<void> {
		// A turn of the event loop, so that deliveries that are sent together are loaded together.
		await new Promise((resolve) => setImmediate(resolve));
		for (let slices = queue.take(limits); slices.length > 0; slices = queue.take(limits)) await loadSlices(slices);
		working = undefined;
	}

	async function loadSlices(slices: readonly Slice[]): Promise<void> {
		const { chosen, faults } = choose(slices);
		try {
			const loaded = await writer.load([...chosen.values()]);
			facts.stored += loaded.stored;
			facts.repeated -= loaded.stored;
			for (const { events, done } of slices) {
				const rejected = rejectionsOf(events, faults, loaded);
				facts.repeated += events.length - rejected.length;
				done(rejected);
			}
		} catch (error) {
			for (const { fail } of slices) fail(retry(writingError(path, error)));
		}
	}

	return {
		name: `duckdb:${path}`,
		async send(delivery, signal) {
			if (delivery.events.length === 0) return { status: "settled", rejected: [] };
			if (signal.aborted || !isOpen) return stopped;
			const result = queue.add(delivery, signal, stopped);
			working ??= work();
			return result;
		},
		facts: () => ({ ...facts }),
		async [Symbol.asyncDispose]() {
			isOpen = false;
			await working;
			await writer.close();
		},
	};
}

function retry(error: CollectorError): SendResult {
	return { status: "retry", error };
}

interface Choice {
	/** Each uid once, by the first event that has it and no fault. */
	readonly chosen: ReadonlyMap<string, EncodedEvent>;
	readonly faults: ReadonlyMap<EncodedEvent, CollectorError>;
}

function choose(slices: readonly Slice[]): Choice {
	const chosen = new Map<string, EncodedEvent>();
	const faults = new Map<EncodedEvent, CollectorError>();
	for (const { events } of slices) {
		for (const event of events) {
			const fault = faultOf(event);
			if (fault !== undefined) faults.set(event, fault);
			else if (!chosen.has(event.uid)) chosen.set(event.uid, event);
		}
	}
	return { chosen, faults };
}

function rejectionsOf(events: readonly EncodedEvent[], faults: Choice["faults"], { refused }: Loaded): readonly Rejection[] {
	const rejected: Rejection[] = [];
	events.forEach((event, index) => {
		const error = faults.get(event) ?? (refused.has(event.uid) ? unreadable() : undefined);
		if (error !== undefined) rejected.push({ index, error });
	});
	return rejected;
}

function unreadable(): CollectorError {
	return new CollectorError("SINK_REJECTED", "the store cannot take the event: DuckDB cannot read its text");
}

interface Writer {
	open(): Promise<void>;
	load(events: readonly EncodedEvent[]): Promise<Loaded>;
	close(): Promise<void>;
}

/** Holds the store, and opens it anew after a failure: DuckDB refuses all work once the disk has failed it. */
function createWriter(path: string, options: StoreOptions): Writer {
	let open: { readonly store: Store; readonly lease: Lease } | undefined;

	async function reopen(): Promise<{ readonly store: Store; readonly lease: Lease }> {
		const store = await openStore(path, options);
		return { store, lease: await store.lease() };
	}

	async function close(): Promise<void> {
		const { store } = open ?? {};
		open = undefined;
		await store?.[Symbol.asyncDispose]();
	}

	return {
		async open() {
			open = await reopen();
		},
		async load(events) {
			if (events.length === 0) return { stored: 0, refused: new Set() };
			open ??= await reopen();
			try {
				return await loadEvents(open.store, open.lease, events);
			} catch (error) {
				await close();
				throw error;
			}
		},
		close,
	};
}

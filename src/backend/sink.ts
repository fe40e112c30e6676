/** The sink `duckdb:PATH`: the embedded store, in which each event is once, however often it is sent. */

import { CollectorError } from "../contract/errors.ts";
import type { Delivery, EncodedEvent, Rejection, SendResult, Sink } from "../contract/sink.ts";
import { writingError } from "./failure.ts";
import type { Lease } from "./lease.ts";
import { type Loaded, loadEvents } from "./load.ts";
import { faultOf } from "./staging.ts";
import { openStore, type Store, type StoreOptions } from "./store.ts";

export interface DuckdbSinkOptions extends Omit<StoreOptions, "readOnly"> {
	/** Events and bytes that one load takes at most; a single delivery is never split. */
	readonly loadEventsMax?: number;
	readonly loadBytesMax?: number;
}

const LOAD_EVENTS_MAX = 16_384;
const LOAD_BYTES_MAX = 32 * 1024 * 1024;

/** A delivery that waits for its load. */
interface Waiting {
	readonly delivery: Delivery;
	readonly settle: (result: SendResult) => void;
}

/**
 * Opens the store as its owner. `send` resolves once its events are committed; what arrives during a load is gathered
 * for the next one. Throws as `openStore` does; later, a store that cannot be written is a retry, and opened anew.
 */
export async function openDuckdbSink(path: string, options: DuckdbSinkOptions = {}): Promise<Sink> {
	const { loadEventsMax = LOAD_EVENTS_MAX, loadBytesMax = LOAD_BYTES_MAX, ...storeOptions } = options;
	const writer = createWriter(path, storeOptions);
	await writer.open();
	const facts = { stored: 0, repeated: 0 };
	const waiting: Waiting[] = [];
	let working: Promise<void> | undefined;
	let isOpen = true;

	async function work(): Promise<void> {
		// A turn of the event loop, so that deliveries that are sent together are loaded together.
		await new Promise((resolve) => setImmediate(resolve));
		while (waiting.length > 0) await loadGroup(takeGroup(waiting, loadEventsMax, loadBytesMax));
		working = undefined;
	}

	async function loadGroup(group: readonly Waiting[]): Promise<void> {
		const { chosen, faults } = choose(group);
		try {
			const loaded = await writer.load([...chosen.values()]);
			facts.stored += loaded.stored;
			for (const { delivery, settle } of group) {
				const rejected = rejectionsOf(delivery.events, faults, loaded);
				facts.repeated += delivery.events.length - rejected.length;
				settle({ status: "settled", rejected });
			}
			facts.repeated -= loaded.stored;
		} catch (error) {
			for (const { settle } of group) settle({ status: "retry", error: writingError(path, error) });
		}
	}

	return {
		name: `duckdb:${path}`,
		async send(delivery, signal) {
			if (delivery.events.length === 0) return { status: "settled", rejected: [] };
			if (signal.aborted || !isOpen) return stopped(path);
			const result = enqueue(waiting, delivery, signal, path);
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

/** A delivery that still waits when the signal fires is handed back; one that is being loaded is seen through. */
function enqueue(waiting: Waiting[], delivery: Delivery, signal: AbortSignal, path: string): Promise<SendResult> {
	return new Promise((resolve) => {
		const entry: Waiting = {
			delivery,
			settle(result) {
				signal.removeEventListener("abort", leave);
				resolve(result);
			},
		};
		function leave(): void {
			const at = waiting.indexOf(entry);
			if (at >= 0) waiting.splice(at, 1);
			if (at >= 0) resolve(stopped(path));
		}
		signal.addEventListener("abort", leave, { once: true });
		waiting.push(entry);
	});
}

function stopped(path: string): SendResult {
	return { status: "retry", error: new CollectorError("SINK_UNAVAILABLE", `did not write ${path}: stopped before`) };
}

function takeGroup(waiting: Waiting[], eventsMax: number, bytesMax: number): readonly Waiting[] {
	let [events, bytes, count] = [0, 0, 0];
	for (const { delivery } of waiting) {
		events += delivery.events.length;
		bytes += delivery.events.reduce((sum, event) => sum + event.bytes.length, 0);
		if (count > 0 && (events > eventsMax || bytes > bytesMax)) break;
		count++;
	}
	return waiting.splice(0, count);
}

interface Choice {
	/** Each uid once, by the first event that has it and no fault. */
	readonly chosen: ReadonlyMap<string, EncodedEvent>;
	readonly faults: ReadonlyMap<EncodedEvent, CollectorError>;
}

function choose(group: readonly Waiting[]): Choice {
	const chosen = new Map<string, EncodedEvent>();
	const faults = new Map<EncodedEvent, CollectorError>();
	for (const { delivery } of group) {
		for (const event of delivery.events) {
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

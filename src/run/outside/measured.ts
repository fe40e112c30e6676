/** Sinks, checkpoint stores and the gate, as they are, but counted: the pipeline need not know that somebody looks. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import { CollectorError, ERRORS } from "../../contract/errors.ts";
import type { Delivery, EncodedEvent, SendResult, Sink } from "../../contract/sink.ts";
import type { Gate } from "../../pipeline/gate.ts";
import type { Metrics } from "./metrics.ts";
import type { Cell, Labels, MetricName, Spread } from "./series.ts";

/** What is counted of one source and sink. */
interface SinkRow {
	readonly events: Cell;
	readonly bytes: Cell;
	readonly retried: Cell;
	readonly seconds: Spread;
	rejected(code: string): Cell;
	failed(code: string): Cell;
}

export interface SinkOptions {
	readonly metrics: Metrics;
	now(): number;
	/** As the settings name it; absent: as it names itself. */
	readonly name?: string;
	/** Told when the sink took something of a partition. */
	taken?(source: string, partition: string): void;
}

/** The same sink; what it takes, refuses and leaves is counted by source, and how long that lasts. */
export function measuredSink(sink: Sink, { metrics, now, name = sink.name, taken }: SinkOptions): Sink {
	const rows = new Map<string, SinkRow>();

	function rowOf(source: string): SinkRow {
		const row = rows.get(source) ?? newRow(metrics, { source, sink: name });
		rows.set(source, row);
		return row;
	}

	return {
		name: sink.name,
		async send(delivery, signal) {
			const row = rowOf(delivery.source);
			const startedMs = now();
			if (delivery.attempt > 1) row.retried.value++;
			try {
				const result = await sink.send(delivery, signal);
				if (countResult(row, delivery, result) > 0) taken?.(delivery.source, delivery.partition);
				return result;
			} finally {
				row.seconds.observe(Math.max(0, now() - startedMs) / 1000);
			}
		},
		...(sink.facts === undefined ? {} : { facts: () => sink.facts?.() ?? {} }),
		[Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
	};
}

function newRow(metrics: Metrics, labels: Labels): SinkRow {
	const by = (name: MetricName) => (code: string) => metrics.counter(name, { ...labels, code });
	const rejected = by("events_rejected_total");
	// An increase can be told only from a number that was there before.
	rejected("SINK_REJECTED");
	return {
		events: metrics.counter("events_forwarded_total", labels),
		bytes: metrics.counter("bytes_forwarded_total", labels),
		retried: metrics.counter("sends_retried_total", labels),
		seconds: metrics.histogram("send_seconds", labels),
		rejected,
		failed: by("sends_failed_total"),
	};
}

/** Gives how many events the sink took. */
function countResult(row: SinkRow, { events }: Delivery, result: SendResult): number {
	if (result.status === "retry") {
		row.failed(result.error.code).value++;
		return 0;
	}
	if (result.status === "unclear") {
		row.rejected("SINK_REJECTED").value += events.length;
		return 0;
	}
	for (const { error } of result.rejected) row.rejected(error.code).value++;
	const left = [...result.rejected.map(({ index }) => index), ...(result.status === "partial" ? result.retry : [])];
	const taken = events.length - left.length;
	row.events.value += taken;
	row.bytes.value += bytesOf(events) - left.reduce((sum, index) => sum + (events[index]?.bytes.length ?? 0), 0);
	return taken;
}

function bytesOf(events: readonly EncodedEvent[]): number {
	let sum = 0;
	for (const { bytes } of events) sum += bytes.length;
	return sum;
}

/** The same store; what is saved, and what cannot be, is counted by source. */
export function measuredStore(store: CheckpointStore, metrics: Metrics): CheckpointStore {
	return {
		load: (key) => store.load(key),
		async save(key, next, expected) {
			try {
				const version = await store.save(key, next, expected);
				metrics.counter("checkpoints_saved_total", { source: key.source }).value++;
				return version;
			} catch (error) {
				const code = error instanceof CollectorError ? error.code : "FAULT";
				metrics.counter("checkpoints_failed_total", { source: key.source, code }).value++;
				throw error;
			}
		},
	};
}

/** The checkpoint codes of a source, at 0 from the beginning. */
export function startCheckpointCounts(metrics: Metrics, source: string): void {
	metrics.counter("checkpoints_saved_total", { source });
	for (const [code, { stage }] of Object.entries(ERRORS)) {
		if (stage === "checkpoint") metrics.counter("checkpoints_failed_total", { source, code });
	}
}

/** The same gate; what is inside is shown. */
export function measuredGate(gate: Gate, metrics: Metrics): Gate {
	let batches = 0;
	let inFlightBytes = 0;
	metrics.show("in_flight_batches", () => [[{}, batches]]);
	metrics.show("in_flight_bytes", () => [[{}, inFlightBytes]]);
	return {
		async enter(bytes) {
			await gate.enter(bytes);
			batches++;
			inFlightBytes += bytes;
		},
		leave(bytes) {
			batches--;
			inFlightBytes -= bytes;
			gate.leave(bytes);
		},
	};
}

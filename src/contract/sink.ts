/** Where events go: a sink takes encoded events and says exactly what became of them. */

import type { CollectorError } from "./errors.ts";

/** One event, ready to be sent. */
export interface EncodedEvent {
	/** UUIDv8, equal for a redelivery of the same record. */
	readonly uid: string;
	/** Event time, epoch milliseconds. */
	readonly timeMs: number;
	readonly clusterKey: string;
	/** Valid UTF-8 JSON of one line, without the line's end. */
	readonly bytes: Uint8Array;
}

export interface Delivery {
	readonly events: readonly EncodedEvent[];
	readonly source: string;
	readonly partition: string;
	/** The batch it came in; the same delivery always has the same. */
	readonly firstSeq: number;
	/** 1, 2, ... */
	readonly attempt: number;
}

export interface Sink extends AsyncDisposable {
	/** As the user wrote it, without credentials: "file:events.ndjson.zst". */
	readonly name: string;
	/** Outcomes are values; only a bug throws. */
	send(delivery: Delivery, signal: AbortSignal): Promise<SendResult>;
	/** After the last delivery: what the sink has to tell, such as { stored: 10, repeated: 2 }. */
	facts?(): Readonly<Record<string, number>>;
}

export interface Rejection {
	/** Into `delivery.events`. */
	readonly index: number;
	readonly error: CollectorError;
}

export type SendResult =
	| { readonly status: "settled"; readonly rejected: readonly Rejection[] }
	| {
			readonly status: "partial";
			readonly rejected: readonly Rejection[];
			readonly retry: readonly number[];
			readonly retryAfterMs?: number;
	  }
	/** The backend says how many, not which: the batch is copied to quarantine. */
	| { readonly status: "unclear"; readonly rejectedCount: number }
	/** Nothing was accepted, or it is not known what. */
	| { readonly status: "retry"; readonly error: CollectorError };

/** Where records go that nobody could take: local, readable by its owner only. */
export interface Quarantine extends AsyncDisposable {
	add(entry: QuarantineEntry): Promise<void>;
}

export interface QuarantineEntry {
	readonly error: CollectorError;
	/** The file, log group, topic, ... */
	readonly source: string;
	/** The record's id: position or the transport's own. */
	readonly position: string;
	/** The original bytes, or their beginning. */
	readonly body: Uint8Array;
	readonly whole?: { readonly sizeBytes: number; readonly sha256: string };
	/** Who did what, where the beginning of the body says so. */
	readonly salvaged?: Readonly<Record<string, string>>;
}

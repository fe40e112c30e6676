/** What a connector is: the forms it reads, how it cuts them into records, how it decodes a record, and its ways in. */

import type { Decode } from "./decode.ts";
import type { JsonObject } from "./json.ts";
import type { Meter } from "./meter.ts";
import type { Batch, Cursor, Origin, RawRecord, Tier } from "./record.ts";

/** The definition that a connector's index.ts exports. */
export interface Connector {
	/** `<vendor>-<service>`, the folder's name. */
	readonly name: string;
	/** One line, for lists. */
	readonly summary: string;
	/** Stored forms, the most specific first. */
	readonly forms: readonly Form[];
	readonly frame: Frame;
	/** Absent: one framed record is one record. */
	readonly join?: () => Join;
	readonly decode: Decode;
	/** How it is collected from live. Absent: it reads stored forms only. */
	readonly pull?: PullWay;
	/** Completes an origin with what follows from its parts: clusterId and clusterKey from account, region and name. */
	resolve(origin: Origin): Origin;
}

/** One way in which records lie in a file or arrive in a body. */
export interface Form {
	/** Unique inside the connector; `<connector>/<name>` names it everywhere. */
	readonly name: string;
	readonly summary: string;
	/** Whether a file that begins like this has this form. Told by content, never by name. */
	matches(sniff: Sniff): boolean;
}

/** The beginning of a file, after decompression. */
export interface Sniff {
	/** The first 64 KiB as text, without a byte order mark. */
	readonly text: string;
	/** The complete members of the first JSON object (of the first array element, if the text is an array). */
	readonly first?: JsonObject;
	/** Every member name seen in that object, also of a member that is cut. */
	readonly keys: ReadonlySet<string>;
	/** The text is one JSON array. */
	readonly inArray: boolean;
}

/**
 * Cuts bytes (already decompressed) into records, page by page, in bounded memory.
 * Never throws on what the bytes say: what cannot be cut is a record with an `error`.
 */
export type Frame = (bytes: AsyncIterable<Uint8Array>, form: string, limits: Limits) => AsyncIterable<readonly RawRecord[]>;

/** Reunites the parts of records that the source splits. */
export interface Join {
	/** Takes a framed record in; gives those that are whole now. `seq` is the batch it came in. */
	add(record: RawRecord, seq: number): readonly RawRecord[];
	/** Gives up on parts that have waited since before `nowMs`; Infinity: on all. */
	expire(nowMs: number): readonly RawRecord[];
	/** The oldest batch that a held part came in: it must not settle yet. */
	readonly heldFrom?: number | undefined;
}

/** Bounds on what a hostile input can make us do. All configurable. */
export interface Limits {
	/** Bytes of one record; a larger one goes to quarantine with its beginning, size and hash. */
	readonly recordBytesMax: number;
	/** Bytes of one delivery or page that must be held whole (a subscription payload, a query result), decompressed. */
	readonly documentBytesMax: number;
	/** Nesting of JSON arrays and objects. */
	readonly depthMax: number;
	/** Records of one batch. */
	readonly batchRecordsMax: number;
	/** Bytes of one batch. */
	readonly batchBytesMax: number;
	/** Once a stream has inflated to more than `inflatedBytesMin`, inflated over compressed size. */
	readonly inflationRatioMax: number;
	readonly inflatedBytesMin: number;
}

export interface Clock {
	/** Epoch milliseconds. */
	now(): number;
	/** Resolves after that many milliseconds; rejects with the signal's reason as soon as it fires. */
	wait(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What the outside gives a connector. */
export interface Host {
	/** The only stop button. */
	readonly signal: AbortSignal;
	readonly clock: Clock;
	/** In [0, 1). */
	random(): number;
	/** For people, without record content. */
	log(message: string): void;
	readonly meter: Meter;
	/** Told of what lies in the service's past for good: it was not read while it was there. Absent: nobody listens. */
	gap?(stretch: Stretch): void;
}

/** A stretch of the axis on which a service is asked, epoch milliseconds; the end is not in it. */
export interface Stretch {
	readonly fromMs: number;
	readonly untilMs: number;
}

/** What is read on its own: a log group, a project, a workspace. Its cursors and its batches bear its name. */
export interface Scope {
	/** Stable, and readable: "123456789012/eu-central-1/aws/eks/prod/cluster". */
	readonly name: string;
	/** Complete: resolved by the connector. */
	readonly origin: Origin;
	/** How long the service keeps what it stored; absent: not known, or for ever. */
	readonly retentionMs?: number;
}

export interface ReadRequest<C> {
	readonly settings: C;
	readonly scope: Scope;
	/** What was saved of this scope, by tier. */
	readonly saved: ReadonlyMap<Tier, Cursor>;
	/** Where to begin if no cursor is saved, epoch milliseconds. */
	readonly startMs: number;
	/** Absent, or a member of it: as the connector thinks best for its service. */
	readonly timing?: Partial<Timing>;
	/** A bound on what is read. */
	readonly until: "stopped" | "caught-up" | { readonly endMs: number };
	/** A bound on time, epoch milliseconds. */
	readonly deadlineMs?: number;
	/** What was seen is compared with what the service counts. Absent: never; a loop of one's own may do without. */
	readonly reconcile?: Reconcile;
	readonly host: Host;
}

/** When the service's own count is asked for, in milliseconds. */
export interface ReconcileTiming {
	/** How long a stretch is counted at a time. */
	readonly everyMs: number;
	/** How old it is by then: what comes late shall have come. */
	readonly delayMs: number;
}

export interface Reconcile extends ReconcileTiming {
	/** As `Pulls.count`, of the scope that is read. */
	count(stretch: Stretch, binMs: number, signal: AbortSignal): Promise<Counts>;
	/** Told once for each stretch, after what was missing has been read again. */
	reconciled(outcome: Reconciled): void;
	/** The stretch is counted again later. */
	failed(error: unknown): void;
}

/** What of a stretch the service counts, and what of it was seen. */
export interface Reconciled extends Stretch {
	/** Records that the service counts. */
	readonly expected: number;
	/** Records that had been seen and settled by then. */
	readonly delivered: number;
	/** Those that were read after that, where the service counts more. */
	readonly found: number;
	/** Those that the service counts and does not list. */
	readonly missing: number;
	/** Where they lie; empty if none is missing. */
	readonly gaps: readonly Stretch[];
}

/** Records by the beginning of their bin, epoch milliseconds; a bin without any may be left out. */
export type Counts = ReadonlyMap<number, number>;

export interface CountRequest<C> extends Stretch {
	readonly settings: C;
	/** One that `scopes` gave. */
	readonly scope: Scope;
	/** Bins lie on multiples of this, and so do both ends. */
	readonly binMs: number;
	readonly host: Host;
}

/** When and how far to ask, in milliseconds. */
export interface Timing {
	/** Between two polls of a source that has something new. */
	readonly intervalMs: number;
	/** What the interval grows to while nothing comes. */
	readonly intervalMaxMs: number;
	/** How far a poll reads behind the last one, at least and at most; in between it follows the delays that are seen. */
	readonly overlapMs: number;
	readonly overlapMaxMs: number;
	/** Rarer, wider readings behind the fast one. */
	readonly sweeps: readonly SweepTiming[];
	/** How often what was seen is saved. */
	readonly memoryIntervalMs: number;
	/** First width of a window when there is much to catch up with; it doubles while windows are small and halves when they are not. */
	readonly widthMs: number;
	readonly widthMaxMs: number;
	/** Pages of a window above which the next one is made narrower. */
	readonly windowPages: number;
}

export interface SweepTiming {
	readonly everyMs: number;
	readonly depthMs: number;
}

/** A way in that asks: its settings, and how to open it. */
export interface PullWay {
	/** Checks what stands in the settings file; a strict zod object. */
	readonly settings: SettingsSchema;
	/** Its Pulls have `count`, so that settings may ask for it. */
	readonly counts?: boolean;
	/** Called once a process: what it opens shares the quotas of its service, whichever source reads. */
	open(surroundings: PullSurroundings): Pulls<never>;
}

/** What a connector needs of a schema: zod has it. */
export interface SettingsSchema {
	safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}

export interface PullSurroundings {
	readonly clock: Clock;
	/** Address of an HTTP proxy. */
	readonly proxy?: string;
	/** Hosts that are reached without it, as NO_PROXY has them. */
	readonly noProxy?: string;
	/** What a vendor's library has to say, without content. */
	log(message: string): void;
}

/** A source that is asked. Backpressure is not calling `next()`; `finally` closes. */
export interface Pulls<C> {
	/** What the settings name, and what they let us discover. Throws ACCESS_DENIED with the permission that is missing. */
	scopes(settings: C, host: Host): Promise<readonly Scope[]>;
	read(request: ReadRequest<C>): AsyncIterable<Batch>;
	/**
	 * How many records the service has stored of a stretch, on the axis of `read` and of those that `read` gives alone. Never more
	 * than a reading of the same stretch would list. Absent: the service has no count that costs less than reading.
	 */
	count?(request: CountRequest<C>): Promise<Counts>;
	/** Lets go of connections; absent: there are none. */
	close?(): Promise<void>;
}

/** What a source hands over: records in batches, each batch with the cursor that follows it. */

import type { CollectorError } from "./errors.ts";

/** Where records come from. A record may know better than its batch, and its decoded content better than both. */
export interface Origin {
	/** The connector that read it, such as "aws-cloudwatch". */
	readonly connector: string;
	readonly platform?: Platform;
	/** AWS account, Google Cloud project or Azure subscription. */
	readonly account?: string;
	readonly region?: string;
	readonly zone?: string;
	/** "aws", "aws-cn", "AzureCloud", ... */
	readonly partition?: string;
	readonly resourceGroup?: string;
	readonly clusterName?: string;
	/** The canonical id: EKS ARN, `//container.googleapis.com/...`, lower-cased ARM id, kube-system uid. */
	readonly clusterId?: string;
	/** What `metadata.uid` is keyed by. Absent: the cluster is not known, and uids will not match those of live collection. */
	readonly clusterKey?: string;
	/** Log group, log name, category or path. */
	readonly logName?: string;
	/** Log stream, API-server pod, node or host. */
	readonly logSource?: string;
	readonly logProvider?: string;
	readonly labels?: Readonly<Record<string, string>>;
}

export type Platform = "eks" | "gke" | "aks" | "arc" | "kubernetes";

/** One record as the source stores it. */
export interface RawRecord {
	/** The transport's id: stable across redelivery of the same stored record. For files, the position. */
	readonly id: string;
	/** Untouched bytes, a view into one page's buffer. */
	readonly body: Uint8Array;
	/** Overrides the batch's origin. */
	readonly origin?: Partial<Origin>;
	/** When the log service took it in, epoch milliseconds. */
	readonly loggedTimeMs?: number;
	/** What framing read around the body, for the decoder of the same connector. */
	readonly envelope?: Readonly<Record<string, unknown>>;
	/** Framing could not make a record of these bytes (too large, broken container): they go to quarantine. */
	readonly error?: CollectorError;
	/** Of a record that is too large: its whole size and hash; `body` holds only its beginning. */
	readonly whole?: { readonly sizeBytes: number; readonly sha256: string };
}

/** Where to resume. JSON, with a version of its own shape. */
export interface Cursor {
	readonly v: number;
	readonly [key: string]: unknown;
}

/**
 * What a cursor is for. "fast": where to read on. "memory": what was seen lately, stored apart, since losing it may only
 * cause redelivery, and losing the other may only cause reading again.
 */
export type Tier = "fast" | "memory";

/** What became of a batch: indexes into `records` that no sink and no quarantine took. */
export interface Outcomes {
	readonly failed: readonly number[];
	readonly error?: CollectorError;
}

export interface Batch {
	/** Order and cursors are promised inside one partition only. */
	readonly partition: string;
	/** Rises by one inside a partition. */
	readonly seq: number;
	readonly origin: Origin;
	/** May be empty: a drained poll that found nothing still moves the cursor. */
	readonly records: readonly RawRecord[];
	/** Where to resume once this batch is settled. */
	readonly cursor?: Cursor;
	/** What to save in the tier "memory", if it is time to. Asked once the batch is settled, so that it holds nothing that is not. */
	readonly memory?: () => Cursor | undefined;
	/** Called once, in seq order per partition. */
	settle(outcomes: Outcomes): Promise<void>;
}

/** The outcome of decoding one record: an audit event, something else, or something broken. */

import type { AuditEvent } from "./audit-event.ts";
import type { CollectorError } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { Origin, RawRecord } from "./record.ts";

/** Pure, synchronous, total, one to one: every record gives exactly one outcome, and nothing is thrown. */
export type Decode = (record: RawRecord) => Decoded;

export type Decoded = DecodedEvent | DecodedSkip | DecodedBad;

export interface DecodedEvent {
	readonly kind: "event";
	readonly event: AuditEvent;
	readonly envelope: Envelope;
	/** What the record itself says of its cluster; overrides the batch's origin. */
	readonly origin?: Partial<Origin>;
	/** What makes this record itself, hashed with the clusterKey into `metadata.uid`. Taken before policy. */
	readonly identity: Uint8Array;
	/** Members of the event that the source did not say and the decoder concluded: "stage", "level", ... */
	readonly inferred: readonly string[];
	/** google.rpc code, where the source gives that and no HTTP code. */
	readonly rpcCode?: number;
	readonly truncated?: Truncation;
	/** The text was no valid JSON text for every consumer and was made so. */
	readonly repaired?: Repair;
}

/** Not an audit event, and no fault: counted by reason. */
export interface DecodedSkip {
	readonly kind: "skip";
	readonly reason: SkipReason;
}

export interface DecodedBad {
	readonly kind: "bad";
	readonly error: CollectorError;
}

export type SkipReason =
	/** Well-formed JSON that is no audit event. */
	| "not-an-audit-event"
	/** Another component's log stream, category or text log (klog, authenticator, ...). */
	| "other-log"
	/** A subscription's health check. */
	| "control-message"
	/** Another cloud service's entry. */
	| "other-service";

/** What the log service says around the event. */
export interface Envelope {
	/** The log service's own record id, where it has one. */
	readonly recordId?: string;
	/** When the log service took it in: RFC 3339 as written, or made of epoch milliseconds. */
	readonly loggedTime?: string;
	/** All that has no other home, in the shape of the envelope. */
	readonly rest?: JsonObject;
}

/** The record was cut somewhere on its way: what could be read of it is in the event. */
export interface Truncation {
	/** The member in which the text ends, such as "requestObject"; absent if the cut is between members. */
	readonly cutIn?: string;
	/** Bytes of the text that arrived. */
	readonly sizeBytes: number;
}

export interface Repair {
	readonly what: readonly ("invalid-utf-8" | "lone-surrogate" | "repeated-key")[];
	/** Absent once anything was redacted: it would tell what. */
	readonly original?: Uint8Array;
}

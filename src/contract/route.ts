/** One way out: a sink, and what is done to events on their way to it. */

import type { DecodedEvent } from "./decode.ts";
import type { CollectorError } from "./errors.ts";
import type { Origin } from "./record.ts";
import type { EncodedEvent, Sink } from "./sink.ts";

export interface Route {
	readonly sink: Sink;
	/** Policy, normalise and encode in one step. Pure and total; routes that share it share its work. */
	readonly prepare: Prepare;
}

export type Prepare = (decoded: DecodedEvent, origin: Origin) => Prepared;

export type Prepared =
	| { readonly kind: "encoded"; readonly event: EncodedEvent; readonly marks: Marks }
	/** Dropped on request. `bytes`: the size of what was dropped. */
	| { readonly kind: "filtered"; readonly rule: string; readonly bytes: number }
	| { readonly kind: "bad"; readonly error: CollectorError };

/** What was done to, or is to be known of, an event that is forwarded. */
export interface Marks {
	/** Rule -> how many values it replaced. */
	readonly redacted: ReadonlyMap<string, number>;
	readonly truncated: boolean;
	readonly inferred: boolean;
	/** Bytes that the filter saved by dropping bodies, by rule. */
	readonly reduced?: { readonly rule: string; readonly bytes: number };
}

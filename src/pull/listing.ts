/** How the loop asks a service for a stretch of time: the one thing in which sources that are pulled differ. */

import type { RawRecord } from "../contract/record.ts";

/** A stretch of the axis on which a service is asked, epoch milliseconds, both ends inclusive. */
export interface Window {
	readonly fromMs: number;
	readonly toMs: number;
}

export interface ListedRecord extends RawRecord {
	/** Where it lies on that axis, epoch milliseconds. The same each time it is listed. */
	readonly timeMs: number;
}

export type Listed =
	| {
			readonly kind: "page";
			readonly records: readonly ListedRecord[];
			/** The service's own clock when it answered (its Date header), epoch milliseconds. */
			readonly servedAtMs?: number;
	  }
	/** The window holds more than one listing can bring: a part of it is to be asked for. */
	| { readonly kind: "too-much" }
	/** The listing cannot go on where it stood, since its page token was refused: it is to begin anew. */
	| { readonly kind: "restart" };

/**
 * Lists, page by page, every record that the service shows in the window; ends only where the service says in its documented
 * way that there is no more. Empty pages say nothing. Throws a CollectorError once the attempts at a page are spent.
 */
export type List = (window: Window, signal: AbortSignal) => AsyncIterable<Listed>;

/** Holds the parts of a record until its end has come, as the views they are, within the bound on a record. */

import type { RawRecord } from "../contract/record.ts";
import { measureOversize, type Oversize } from "./oversize.ts";

export interface Held {
	/** Of the parts so far. */
	readonly sizeBytes: number;
	add(part: Uint8Array): void;
	/** The record, and a new beginning. Over the bound it is measured instead, with the error RECORD_TOO_LARGE. */
	take(id: string): RawRecord;
	/** A new beginning. */
	drop(): void;
}

/** A record of one part is that view; more are joined. See gather.ts for parts that must not keep their pages. */
export function holdParts(recordBytesMax: number): Held {
	let parts: Uint8Array[] = [];
	let sizeBytes = 0;
	let oversize: Oversize | undefined;

	function drop(): void {
		parts = [];
		sizeBytes = 0;
		oversize = undefined;
	}

	return {
		get sizeBytes() {
			return sizeBytes;
		},
		add(part) {
			sizeBytes += part.length;
			if (oversize === undefined && sizeBytes > recordBytesMax) {
				oversize = measureOversize(recordBytesMax);
				for (const earlier of parts.splice(0)) oversize.add(earlier);
			}
			if (oversize === undefined) parts.push(part);
			else oversize.add(part);
		},
		take(id) {
			const record = oversize?.record(id) ?? { id, body: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts) };
			drop();
			return record;
		},
		drop,
	};
}

/** Joins the parts in which one record came, within the bound on a record. */

import type { RawRecord } from "../contract/record.ts";
import { measureOversize, type Oversize } from "./oversize.ts";

export interface Gathering {
	/** Copies the part: parts may be few bytes each, and must not keep whole pages in memory. */
	add(part: Uint8Array): void;
	/** The record so far, and a new beginning. Over the bound it is measured instead, with the error RECORD_TOO_LARGE. */
	take(id: string): RawRecord;
}

const FIRST_BYTES = 32 * 1024;

/** A record that is put together part by part; holds at most twice `recordBytesMax`. */
export function gather(recordBytesMax: number): Gathering {
	let held = new Uint8Array(0);
	let size = 0;
	let oversize: Oversize | undefined;

	function append(part: Uint8Array): void {
		if (size + part.length > held.length) {
			const larger = new Uint8Array(Math.max(FIRST_BYTES, 2 * (size + part.length)));
			larger.set(held.subarray(0, size));
			held = larger;
		}
		held.set(part, size);
		size += part.length;
	}

	return {
		add(part) {
			if (oversize === undefined && size + part.length > recordBytesMax) {
				oversize = measureOversize(recordBytesMax);
				oversize.add(held.subarray(0, size));
				held = new Uint8Array(0);
			}
			if (oversize === undefined) append(part);
			else oversize.add(part);
		},
		take(id) {
			const record = oversize?.record(id) ?? { id, body: held.subarray(0, size) };
			held = new Uint8Array(0);
			size = 0;
			oversize = undefined;
			return record;
		},
	};
}

/** Measures a record that is too large to hold: its beginning, its size and its hash, in bounded memory. */

import { createHash } from "node:crypto";
import { CollectorError } from "../contract/errors.ts";
import type { RawRecord } from "../contract/record.ts";
import { HEAD_BYTES } from "./limits.ts";

export interface Oversize {
	add(bytes: Uint8Array): void;
	/** The record that goes to quarantine in its place. */
	record(id: string): RawRecord;
}

export function measureOversize(limitBytes: number): Oversize {
	const hash = createHash("sha256");
	const head: Uint8Array[] = [];
	let sizeBytes = 0;
	return {
		add(bytes) {
			if (sizeBytes < HEAD_BYTES) head.push(Uint8Array.from(bytes.subarray(0, HEAD_BYTES - sizeBytes)));
			sizeBytes += bytes.length;
			hash.update(bytes);
		},
		record(id) {
			const error = new CollectorError(
				"RECORD_TOO_LARGE",
				`a record of ${sizeBytes} bytes is over the limit of ${limitBytes}: raise limits.recordBytesMax to read it`,
			);
			return { id, body: Buffer.concat(head), error, whole: { sizeBytes, sha256: hash.digest("hex") } };
		},
	};
}

/** The record, or what goes to quarantine in its place if it is over the limit. */
export function boundedRecord(record: RawRecord, limitBytes: number): RawRecord {
	if (record.body.length <= limitBytes) return record;
	const oversize = measureOversize(limitBytes);
	oversize.add(record.body);
	return oversize.record(record.id);
}

/** Cuts a stream into lines, in bounded memory. */

import type { RawRecord } from "../contract/record.ts";
import { CARRIAGE_RETURN, NEWLINE } from "../json/bytes.ts";
import { skipSpace } from "../json/scan.ts";
import { markLength } from "./mark.ts";
import { measureOversize, type Oversize } from "./oversize.ts";

/**
 * Yields, for each chunk, the lines that end in it, without their ends and without a byte order mark.
 * Blank lines are no records. A line's id is the offset of its first byte. A last line without an end is a line.
 */
export async function* frameLines(chunks: AsyncIterable<Uint8Array>, recordBytesMax: number): AsyncGenerator<readonly RawRecord[]> {
	const cutter = createLineCutter(recordBytesMax);
	for await (const chunk of chunks) {
		const records = cutter.feed(chunk);
		if (records.length > 0) yield records;
	}
	const last = cutter.end();
	if (last.length > 0) yield last;
}

interface LineCutter {
	feed(chunk: Uint8Array): RawRecord[];
	end(): RawRecord[];
}

function createLineCutter(recordBytesMax: number): LineCutter {
	/** The beginning of a line of which earlier chunks had no end. */
	let held: Uint8Array[] = [];
	let heldBytes = 0;
	let oversize: Oversize | undefined;
	let lineStart = 0;

	function hold(bytes: Uint8Array): void {
		heldBytes += bytes.length;
		if (oversize === undefined && heldBytes > recordBytesMax) {
			oversize = measureOversize(recordBytesMax);
			for (const part of held) oversize.add(part);
			held = [];
		}
		if (oversize === undefined) held.push(bytes);
		else oversize.add(bytes);
	}

	function takeHeld(): RawRecord | undefined {
		const tooLarge = oversize?.record(String(lineStart));
		const line = held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held);
		const record = tooLarge ?? lineOf(line, 0, line.length, lineStart);
		lineStart += heldBytes + 1;
		held = [];
		heldBytes = 0;
		oversize = undefined;
		return record;
	}

	function take(chunk: Uint8Array, from: number, end: number): RawRecord | undefined {
		if (heldBytes > 0 || end - from > recordBytesMax) {
			hold(chunk.subarray(from, end));
			return takeHeld();
		}
		const record = lineOf(chunk, from, end, lineStart);
		lineStart += end - from + 1;
		return record;
	}

	return {
		feed(chunk) {
			const records: RawRecord[] = [];
			for (let from = 0; from < chunk.length; ) {
				const newline = chunk.indexOf(NEWLINE, from);
				if (newline < 0) {
					hold(chunk.subarray(from));
					break;
				}
				const record = take(chunk, from, newline);
				if (record !== undefined) records.push(record);
				from = newline + 1;
			}
			return records;
		},
		end() {
			const record = heldBytes > 0 ? takeHeld() : undefined;
			return record === undefined ? [] : [record];
		},
	};
}

/** The record of the line `bytes[from, to)`, which begins at `offset` of the stream; undefined if it is blank. */
function lineOf(bytes: Uint8Array, from: number, to: number, offset: number): RawRecord | undefined {
	const start = offset === 0 ? from + markLength(bytes.subarray(from, to)) : from;
	const end = bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to;
	if (skipSpace(bytes, start, end) >= end) return undefined;
	return { id: String(offset), body: bytes.subarray(start, end) };
}

/** Cuts a stream into lines, in bounded memory. */

import type { RawRecord } from "../contract/record.ts";
import { CARRIAGE_RETURN, NEWLINE } from "../json/bytes.ts";
import { skipSpace } from "../json/scan.ts";
import { holdParts } from "./held.ts";
import { markLength } from "./mark.ts";

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
	const held = holdParts(recordBytesMax);
	let lineStart = 0;

	function takeHeld(): RawRecord | undefined {
		const { sizeBytes } = held;
		const record = held.take(String(lineStart));
		const line = record.error === undefined ? lineOf(record.body, 0, record.body.length, lineStart) : record;
		lineStart += sizeBytes + 1;
		return line;
	}

	function take(chunk: Uint8Array, from: number, end: number): RawRecord | undefined {
		if (held.sizeBytes > 0 || end - from > recordBytesMax) {
			held.add(chunk.subarray(from, end));
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
					held.add(chunk.subarray(from));
					break;
				}
				const record = take(chunk, from, newline);
				if (record !== undefined) records.push(record);
				from = newline + 1;
			}
			return records;
		},
		end() {
			const record = held.sizeBytes > 0 ? takeHeld() : undefined;
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

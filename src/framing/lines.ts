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
	let held: Uint8Array[] = [];
	let heldBytes = 0;
	let lineStart = 0;
	let oversize: Oversize | undefined;

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

	function take(): RawRecord | undefined {
		const id = String(lineStart);
		const tooLarge = oversize?.record(id);
		const line =
			tooLarge === undefined
				? undefinedIfBlank(held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held), lineStart === 0)
				: undefined;
		held = [];
		oversize = undefined;
		lineStart += heldBytes + 1;
		heldBytes = 0;
		return tooLarge ?? (line && { id, body: line });
	}

	return {
		feed(chunk) {
			const records: RawRecord[] = [];
			for (let from = 0; from < chunk.length; ) {
				const newline = chunk.indexOf(NEWLINE, from);
				hold(chunk.subarray(from, newline < 0 ? chunk.length : newline));
				if (newline < 0) break;
				const record = take();
				if (record !== undefined) records.push(record);
				from = newline + 1;
			}
			return records;
		},
		end() {
			const record = heldBytes > 0 ? take() : undefined;
			return record === undefined ? [] : [record];
		},
	};
}

function undefinedIfBlank(line: Uint8Array, isFirst: boolean): Uint8Array | undefined {
	const start = isFirst ? markLength(line) : 0;
	const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
	if (skipSpace(line, start, end) >= end) return undefined;
	return line.subarray(start, end);
}

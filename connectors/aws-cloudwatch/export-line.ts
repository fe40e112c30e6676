/** Reads what an export task writes to S3: `<time> <message>`, where a message may go on over lines that have no time. */

import type { RawRecord } from "../../src/contract/record.ts";
import { type Gathering, gather } from "../../src/framing/gather.ts";
import { textOf } from "../../src/json/scan.ts";
import { type Entry, plainMessage } from "./entry.ts";

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z) /;
const TIME_BYTES_MAX = 32;
const NEWLINE = Buffer.from("\n");

/** The time that a line of an export begins with; undefined if it continues the line before it. */
export function exportTime(line: Uint8Array): string | undefined {
	return TIME.exec(textOf(line.subarray(0, TIME_BYTES_MAX)))?.[1];
}

/** The log event of an exported message. Text before the first time of a file has none. */
export function readExport(body: Uint8Array): Entry {
	const time = exportTime(body);
	if (time === undefined) return { ...plainMessage(body), envelope: {}, origin: {} };
	return { ...plainMessage(body.subarray(time.length + 1)), envelope: { loggedTime: time }, origin: {} };
}

export interface ExportJoin {
	/** The message that this line ends by beginning another. */
	add(line: RawRecord): RawRecord | undefined;
	end(): RawRecord | undefined;
}

/** Joins lines without a time to the message that they belong to. */
export function createExportJoin(recordBytesMax: number): ExportJoin {
	let first: RawRecord | undefined;
	let parts: Gathering | undefined;

	function take(): RawRecord | undefined {
		const record = first === undefined || parts === undefined ? first : parts.take(first.id);
		first = undefined;
		parts = undefined;
		return record;
	}

	return {
		add(line) {
			const continues = first !== undefined && first.error === undefined && line.error === undefined && exportTime(line.body) === undefined;
			if (!continues || first === undefined) {
				const before = take();
				first = line;
				return before;
			}
			if (parts === undefined) {
				parts = gather(recordBytesMax);
				parts.add(first.body);
			}
			parts.add(NEWLINE);
			parts.add(line.body);
			return undefined;
		},
		end: take,
	};
}

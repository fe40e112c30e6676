/** Writes events where DuckDB reads them from: one line each, of uid, time and the event's text. */

import { isUtf8 } from "node:buffer";
import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { CollectorError } from "../contract/errors.ts";
import type { EncodedEvent } from "../contract/sink.ts";
import { CARRIAGE_RETURN, NEWLINE, OPEN_BRACE, SPACE } from "../json/bytes.ts";
import { bufferOf } from "../json/scan.ts";
import { quoted } from "./text.ts";

const OWNER_ONLY = 0o600;
const PAGE_BYTES = 1024 * 1024;
/** What DuckDB reads at a time; larger pages make it slower and fatter. */
const READ_BYTES = 4 * 1024 * 1024;
/** No JSON text contains it, outside strings or inside. */
const SEPARATOR = 0x01;
const BETWEEN = String.fromCharCode(SEPARATOR);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The range of a Date. */
const TIME_MS_MAX = 8.64e15;

/**
 * Why an event must not be staged: it would break the line it stands on, or the reader (bytes that are not UTF-8
 * make DuckDB give up the whole database). Undefined if it may; whether it is JSON is seen when it is loaded.
 */
export function faultOf({ uid, timeMs, bytes }: EncodedEvent): CollectorError | undefined {
	const reject = (why: string): CollectorError => new CollectorError("SINK_REJECTED", `the store cannot take the event: ${why}`);
	if (!UUID.test(uid)) return reject("its uid is no UUID in lower case");
	if (!Number.isInteger(timeMs) || Math.abs(timeMs) > TIME_MS_MAX) return reject("its time is no instant");
	if (bytes[0] !== OPEN_BRACE || bufferOf(bytes).includes(SEPARATOR) || !isUtf8(bytes)) return reject("it is no JSON object in UTF-8");
	return undefined;
}

export interface Staged extends AsyncDisposable {
	/** An SQL table with the columns uid, time_ms and event. */
	readonly sql: string;
	readonly eventBytesMax: number;
}

/** Writes the events into a file of its own, readable by its owner only, which disposing removes. Throws what the disk throws. */
export async function stageEvents(folder: string, events: readonly EncodedEvent[]): Promise<Staged> {
	const path = join(folder, `load-${crypto.randomUUID()}`);
	const remove = () => rm(path, { force: true });
	try {
		const lineBytesMax = await writeLines(path, events);
		const eventBytesMax = events.reduce((most, { bytes }) => Math.max(most, bytes.length), 0);
		return { sql: tableOf(path, lineBytesMax), eventBytesMax, [Symbol.asyncDispose]: remove };
	} catch (error) {
		await remove().catch(() => {});
		throw error;
	}
}

function tableOf(path: string, lineBytesMax: number): string {
	const options = [
		quoted(path),
		`delim = '${BETWEEN}', quote = '', escape = '', new_line = '\\n'`,
		"auto_detect = false, header = false, hive_partitioning = false",
		`max_line_size = ${lineBytesMax + 1}, buffer_size = ${Math.max(READ_BYTES, lineBytesMax + 1)}`,
		"columns = {'uid': 'UUID', 'time_ms': 'BIGINT', 'event': 'VARCHAR'}",
	];
	return `read_csv(${options.join(", ")})`;
}

async function writeLines(path: string, events: readonly EncodedEvent[]): Promise<number> {
	const file = await open(path, "wx", OWNER_ONLY);
	try {
		return await writePages(file, events);
	} finally {
		await file.close();
	}
}

/** Gathers small lines in a page; a line that is larger is written by itself. Returns the bytes of the longest. */
async function writePages(file: FileHandle, events: readonly EncodedEvent[]): Promise<number> {
	const page = Buffer.allocUnsafe(PAGE_BYTES);
	let used = 0;
	let lineBytesMax = 0;
	for (const event of events) {
		const head = `${event.uid}${BETWEEN}${event.timeMs}${BETWEEN}`;
		const text = onOneLine(event.bytes);
		const lineBytes = head.length + text.length + 1;
		lineBytesMax = Math.max(lineBytesMax, lineBytes);
		if (used + lineBytes > PAGE_BYTES) {
			await writeAll(file, page.subarray(0, used));
			used = 0;
		}
		if (lineBytes > PAGE_BYTES) {
			for (const part of [Buffer.from(head), text, Buffer.of(NEWLINE)]) await writeAll(file, part);
			continue;
		}
		used += page.write(head, used, "latin1");
		page.set(text, used);
		used += text.length;
		page[used++] = NEWLINE;
	}
	await writeAll(file, page.subarray(0, used));
	return lineBytesMax;
}

/** Raw line ends are white space between tokens, wherever JSON allows them: a blank says the same. */
function onOneLine(bytes: Uint8Array): Uint8Array {
	// A Buffer looks for a byte eight times faster than a plain array.
	const view = bufferOf(bytes);
	if (!view.includes(NEWLINE) && !view.includes(CARRIAGE_RETURN)) return bytes;
	return bytes.map((byte) => (byte === NEWLINE || byte === CARRIAGE_RETURN ? SPACE : byte));
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
	for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

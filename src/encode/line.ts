/** The line that is being written: its bytes go straight to where they stay. */

import { CARRIAGE_RETURN, NEWLINE, SPACE } from "../json/bytes.ts";
import { bufferOf } from "../json/scan.ts";

/** Written from its first byte to its last, one line at a time. */
export interface Line {
	/** Memory that many lines share: a buffer for each is what would cost most of encoding. It lives as long as one of them. */
	slab: Buffer;
	start: number;
	at: number;
}

const SLAB_BYTES = 64 * 1024;

const line: Line = { slab: Buffer.alloc(0), start: 0, at: 0 };

/** What `write` writes of `value`: a view that nobody else writes to. */
export function writeLine<T>(value: T, write: (line: Line, value: T) => void): Uint8Array {
	line.at = line.start;
	write(line, value);
	const bytes = line.slab.subarray(line.start, line.at);
	line.start = line.at;
	return bytes;
}

/** Makes room for so many bytes more; what of the line is there already moves with it. */
function reserve(to: Line, sizeBytes: number): void {
	if (to.at + sizeBytes <= to.slab.length) return;
	const written = to.slab.subarray(to.start, to.at);
	to.slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * written.length + sizeBytes));
	to.slab.set(written);
	to.start = 0;
	to.at = written.length;
}

/** Of one unit of a JavaScript string. */
const UTF8_BYTES_MAX = 3;

export function writeText(to: Line, text: string): void {
	reserve(to, text.length * UTF8_BYTES_MAX);
	to.at += to.slab.write(text, to.at, "utf8");
}

export function writeByte(to: Line, byte: number): void {
	reserve(to, 1);
	to.slab[to.at++] = byte;
}

export function writeBytes(to: Line, bytes: Uint8Array): void {
	reserve(to, bytes.length);
	to.slab.set(bytes, to.at);
	to.at += bytes.length;
}

const LINE_ENDS = [NEWLINE, CARRIAGE_RETURN];

/** Exact text. Between its tokens there may be line ends, which become blanks; inside a string JSON has them escaped. */
export function writeExact(to: Line, raw: Uint8Array): void {
	writeBytes(to, raw);
	const from = to.at - raw.length;
	const source = bufferOf(raw);
	for (const lineEnd of LINE_ENDS) {
		for (let at = source.indexOf(lineEnd); at >= 0; at = source.indexOf(lineEnd, at + 1)) to.slab[from + at] = SPACE;
	}
}

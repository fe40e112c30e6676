/** Events as lines, in one buffer. */

import type { EncodedEvent } from "../contract/sink.ts";

export const NEWLINE = 0x0a;

const NO_MEMORY: Buffer = Buffer.alloc(0);

/** The lines; in `memory`, if there is room for them. */
export function linesOf(events: readonly EncodedEvent[], memory = NO_MEMORY): Buffer {
	const size = events.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
	const lines = size > memory.length ? Buffer.allocUnsafe(size) : memory.subarray(0, size);
	let at = 0;
	for (const { bytes } of events) {
		lines.set(bytes, at);
		at += bytes.length;
		lines[at++] = NEWLINE;
	}
	return lines;
}

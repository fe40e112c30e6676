/** Events as lines, in one buffer. */

import type { EncodedEvent } from "../contract/sink.ts";

export const NEWLINE = 0x0a;

export function linesOf(events: readonly EncodedEvent[]): Buffer {
	const lines = Buffer.allocUnsafe(events.reduce((sum, { bytes }) => sum + bytes.length + 1, 0));
	let at = 0;
	for (const { bytes } of events) {
		lines.set(bytes, at);
		at += bytes.length;
		lines[at++] = NEWLINE;
	}
	return lines;
}

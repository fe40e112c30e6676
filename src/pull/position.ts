/** How far a source is read, and its two saved forms: the cursor, and the memory of what was seen. */

import { CollectorError } from "../contract/errors.ts";
import type { Cursor } from "../contract/record.ts";
import type { SavedOverlap } from "./overlap.ts";
import type { SavedSeen } from "./seen.ts";

export interface Position {
	/** Where reading began at the very first: nothing before it is asked for. Epoch milliseconds. */
	readonly sinceMs: number;
	/** All that the service showed up to here, at the time it was asked, is settled. Epoch milliseconds. */
	readonly watermarkMs: number;
	/** When it was asked, by its own clock: what became visible later is not read. */
	readonly polledAtMs: number;
	/** Of the window that could be read to its end last. */
	readonly widthMs: number;
}

export interface Memory {
	readonly seen: SavedSeen;
	readonly late: SavedOverlap;
	/** When each sweep is due, epoch milliseconds. */
	readonly sweepsDueMs: readonly number[];
	/** Up to where counts were compared with the service, epoch milliseconds. Absent: they are not. */
	readonly reconciledMs?: number;
}

/** Times as RFC 3339: for people who look, and independent of what a number may hold. */
export function cursorOf({ sinceMs, watermarkMs, polledAtMs, widthMs }: Position): Cursor {
	const [since, watermark, polledAt] = [sinceMs, watermarkMs, polledAtMs].map((ms) => new Date(ms).toISOString());
	return { v: 1, watermark, polledAt, since, widthMs };
}

/** Throws CONFIG_INVALID if this is no cursor of ours: it is never guessed where to read on. */
export function positionOf(cursor: Cursor, scope: string): Position {
	const timeOf = (name: string): number => Date.parse(String(cursor[name]));
	const position = {
		sinceMs: timeOf("since"),
		watermarkMs: timeOf("watermark"),
		polledAtMs: timeOf("polledAt"),
		widthMs: Number(cursor["widthMs"]),
	};
	if (cursor.v === 1 && Object.values(position).every(Number.isFinite)) return position;
	throw new CollectorError(
		"CONFIG_INVALID",
		`the checkpoint of ${scope} is not one that this version can read; start again from a time of your choice with --start-from`,
	);
}

export function memoryCursorOf(memory: Memory): Cursor {
	return { v: 1, ...memory };
}

/** Undefined if it is none of ours: then some records come again, and none is lost. */
export function memoryOf(cursor: Cursor | undefined): Memory | undefined {
	if (cursor?.v !== 1) return undefined;
	const { seen, late, sweepsDueMs, reconciledMs } = cursor as unknown as Memory;
	const isWhole = Array.isArray(seen?.ids) && Array.isArray(seen.bins) && Number.isFinite(seen.forgottenMs);
	if (!isWhole || !Array.isArray(late) || !Array.isArray(sweepsDueMs)) return undefined;
	return { seen, late, sweepsDueMs, ...(Number.isFinite(reconciledMs) ? { reconciledMs: reconciledMs as number } : {}) };
}

/** The state of cutting a stream of JSON, and the capture of a record's bytes over chunks. */

import { CollectorError } from "../contract/errors.ts";
import type { RawRecord } from "../contract/record.ts";
import { type Held, holdParts } from "./held.ts";

export interface JsonStreamOptions {
	readonly recordBytesMax: number;
	/** Members of a top-level object (of any in a concatenation) whose array's elements are the records. */
	readonly arrays?: ReadonlySet<string>;
	/** Elements of a top-level array are opened like top-level objects: an array of EventLists. */
	readonly openElements?: boolean;
}

/** With its quotes. A longer key cannot be the name of an array that we open. */
export const KEY_BYTES_MAX = 64;

/** A container that is opened: its members or elements are looked at one by one. Records are never opened. */
type Container = { readonly kind: "array" } | OpenObject;

export interface OpenObject {
	readonly kind: "object";
	/** An array of this object has been opened: the object is a container and no record. */
	opened: boolean;
	expectsKey: boolean;
	/** The key that was read last, as it is written, quotes included; one that is too long is cut. */
	readonly key: Uint8Array;
	keyBytes: number;
}

export interface Cutter {
	readonly options: JsonStreamOptions;
	readonly records: RawRecord[];
	readonly containers: Container[];
	/** between values; inside a record; inside an element without brackets; inside an opened object; inside text that is no JSON. */
	mode: "between" | "record" | "scalar" | "object" | "garbage";
	/** Nesting inside the record, or inside the member of an opened object. */
	depth: number;
	inString: boolean;
	escaped: boolean;
	/** A line ended inside a string, which JSON does not allow: what began there was cut. */
	cutByLineEnd: boolean;
	/** The string is a key of an opened object. */
	inKey: boolean;
	capturing: boolean;
	captureId: number;
	/** Where in this chunk the captured bytes begin. */
	captureFrom: number;
	readonly held: Held;
	/** Offset of this chunk in the stream. */
	chunkStart: number;
}

export function startCutter(options: JsonStreamOptions): Cutter {
	return {
		options,
		records: [],
		containers: [],
		mode: "between",
		depth: 0,
		inString: false,
		escaped: false,
		cutByLineEnd: false,
		inKey: false,
		capturing: false,
		captureId: 0,
		captureFrom: 0,
		held: holdParts(options.recordBytesMax),
		chunkStart: 0,
	};
}

export function startCapture(cutter: Cutter, i: number): void {
	cutter.capturing = true;
	cutter.captureFrom = i;
	cutter.captureId = cutter.chunkStart + i;
	cutter.depth = 0;
}

export function dropCapture(cutter: Cutter): void {
	cutter.capturing = false;
	cutter.held.drop();
}

export function endRecord(cutter: Cutter, chunk: Uint8Array, end: number): number {
	cutter.held.add(chunk.subarray(cutter.captureFrom, end));
	takeRecord(cutter);
	return end;
}

export function takeRecord(cutter: Cutter): void {
	const record = cutter.held.take(String(cutter.captureId));
	const isGarbage = cutter.mode === "garbage" && record.error === undefined;
	cutter.records.push(isGarbage ? { ...record, error: new CollectorError("RECORD_MALFORMED", "text between records is no JSON") } : record);
	cutter.capturing = false;
	cutter.mode = "between";
	cutter.inString = false;
	cutter.depth = 0;
}

/**
 * Cuts a stream of JSON into records: whole top-level values, the elements of a top-level array, or the elements
 * of named arrays inside top-level objects ({"items":[...]}). Bounded memory, however long the stream or the array.
 */

import type { RawRecord } from "../contract/record.ts";
import * as jsonBytes from "../json/bytes.ts";
import { isSpace, readString } from "../json/scan.ts";
import {
	type Cutter,
	dropCapture,
	endRecord,
	type JsonStreamOptions,
	KEY_BYTES_MAX,
	type OpenObject,
	startCapture,
	startCutter,
	takeRecord,
} from "./json-cutter.ts";
import { MARK_BYTES, markLength } from "./mark.ts";
import { peek } from "./peek.ts";

// Of the module itself: imported constants would be read anew for each byte, which costs a tenth of the speed.
const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, NEWLINE, OPEN_BRACE, OPEN_BRACKET, QUOTE } = jsonBytes;

/**
 * Yields, for each chunk, the records that end in it; their ids are the offsets of their first bytes.
 * A record that the stream cuts at its end is yielded as far as it came. Text that is no JSON is yielded too,
 * up to the end of its line, with the error RECORD_MALFORMED.
 */
export async function* frameJson(chunks: AsyncIterable<Uint8Array>, options: JsonStreamOptions): AsyncGenerator<readonly RawRecord[]> {
	const cutter = startCutter(options);
	const { rest } = await peek(chunks, MARK_BYTES);
	for await (const chunk of rest) {
		feed(cutter, chunk);
		if (cutter.records.length > 0) yield cutter.records.splice(0);
	}
	if (cutter.mode !== "between" && cutter.capturing) takeRecord(cutter);
	if (cutter.records.length > 0) yield cutter.records;
}

function feed(cutter: Cutter, chunk: Uint8Array): void {
	cutter.captureFrom = 0;
	for (let i = cutter.chunkStart === 0 ? markLength(chunk) : 0; i < chunk.length; ) {
		if (cutter.mode === "between") i = between(cutter, chunk, i);
		else if (cutter.mode === "record") i = insideRecord(cutter, chunk, i);
		else if (cutter.mode === "scalar") i = insideScalar(cutter, chunk, i);
		else if (cutter.mode === "object") i = insideObject(cutter, chunk, i);
		else i = insideGarbage(cutter, chunk, i);
	}
	if (cutter.capturing) cutter.held.add(chunk.subarray(cutter.captureFrom));
	cutter.chunkStart += chunk.length;
}

function between(cutter: Cutter, chunk: Uint8Array, i: number): number {
	const byte = chunk[i] as number;
	if (isSpace(byte)) return i + 1;
	const inner = cutter.containers.at(-1);
	if (inner !== undefined && byte === COMMA) return i + 1;
	if (inner !== undefined && byte === CLOSE_BRACKET) {
		cutter.containers.pop();
		cutter.mode = cutter.containers.at(-1)?.kind === "object" ? "object" : "between";
		return i + 1;
	}
	if (inner === undefined && byte === OPEN_BRACKET) {
		cutter.containers.push({ kind: "array" });
		return i + 1;
	}
	startCapture(cutter, i);
	if (byte === OPEN_BRACE && opensObjects(cutter)) return openObject(cutter, i);
	const isJson = byte === OPEN_BRACE || byte === OPEN_BRACKET || (inner !== undefined && byte === QUOTE);
	cutter.mode = isJson ? "record" : inner !== undefined && SCALAR_BEGINS.has(byte) ? "scalar" : "garbage";
	return i;
}

/** `null`, `true`, `false` and numbers: an element of an array may be one, and must not take the elements after it along. */
const SCALAR_BEGINS: ReadonlySet<number> = new Set(Buffer.from("ntf-0123456789"));

function insideScalar(cutter: Cutter, chunk: Uint8Array, from: number): number {
	for (let i = from; i < chunk.length; i++) {
		const byte = chunk[i] as number;
		if (byte === COMMA || byte === CLOSE_BRACKET || isSpace(byte)) return endRecord(cutter, chunk, i);
	}
	return chunk.length;
}

/** Objects at the top are looked into for arrays of records; elements of arrays only where the form says so. */
function opensObjects({ options, containers }: Cutter): boolean {
	if (options.arrays === undefined) return false;
	return containers.length === 0 || (options.openElements === true && containers.length === 1);
}

function openObject(cutter: Cutter, i: number): number {
	cutter.containers.push({ kind: "object", opened: false, expectsKey: true, key: new Uint8Array(KEY_BYTES_MAX), keyBytes: 0 });
	cutter.mode = "object";
	cutter.depth = 0;
	return i + 1;
}

function insideRecord(cutter: Cutter, chunk: Uint8Array, from: number): number {
	for (let i = from; i < chunk.length; i++) {
		const byte = chunk[i] as number;
		if (cutter.inString) {
			i = insideString(cutter, chunk, i);
			if (cutter.cutByLineEnd) return endCutLine(cutter, chunk, i);
			if (!cutter.inString && cutter.depth === 0) return endRecord(cutter, chunk, i + 1);
		} else if (byte === QUOTE) cutter.inString = true;
		else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) cutter.depth++;
		else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --cutter.depth === 0) return endRecord(cutter, chunk, i + 1);
	}
	return chunk.length;
}

/** Runs to the end of the string or of the chunk; gives the index of the last byte that it took. */
function insideString(cutter: Cutter, chunk: Uint8Array, from: number): number {
	let i = from;
	if (cutter.escaped) {
		cutter.escaped = false;
		i++;
	}
	for (; i < chunk.length; i++) {
		const byte = chunk[i];
		if (byte === QUOTE) {
			cutter.inString = false;
			return i;
		}
		if (byte === NEWLINE) {
			cutter.cutByLineEnd = true;
			return i;
		}
		if (byte === BACKSLASH && ++i >= chunk.length) cutter.escaped = true;
	}
	return chunk.length - 1;
}

function insideObject(cutter: Cutter, chunk: Uint8Array, from: number): number {
	const object = cutter.containers.at(-1) as OpenObject;
	for (let i = from; i < chunk.length; i++) {
		const byte = chunk[i] as number;
		if (cutter.inString) {
			const last = insideString(cutter, chunk, i);
			if (cutter.cutByLineEnd) return endCutLine(cutter, chunk, last);
			if (cutter.inKey) addToKey(object, chunk, i, last + 1);
			cutter.inKey &&= cutter.inString;
			i = last;
		} else if (byte === QUOTE) {
			cutter.inString = true;
			cutter.inKey = object.expectsKey && cutter.depth === 0;
			if (cutter.inKey) startKey(object);
		} else if (byte === OPEN_BRACKET && cutter.depth === 0 && opensArray(cutter, object)) {
			dropCapture(cutter);
			object.opened = true;
			cutter.containers.push({ kind: "array" });
			cutter.mode = "between";
			return i + 1;
		} else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) cutter.depth++;
		else if (byte === COLON && cutter.depth === 0) object.expectsKey = false;
		else if (byte === COMMA && cutter.depth === 0) object.expectsKey = true;
		else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --cutter.depth < 0) return closeObject(cutter, object, chunk, i + 1);
	}
	return chunk.length;
}

function opensArray(cutter: Cutter, object: OpenObject): boolean {
	if (object.expectsKey || cutter.options.arrays === undefined) return false;
	const isCut = object.key[object.keyBytes - 1] !== QUOTE;
	const key = isCut ? undefined : readString(object.key, 0, object.keyBytes);
	return key !== undefined && cutter.options.arrays.has(key);
}

function startKey(object: OpenObject): void {
	object.key[0] = QUOTE;
	object.keyBytes = 1;
}

function addToKey(object: OpenObject, chunk: Uint8Array, from: number, to: number): void {
	for (let i = from; i < to && object.keyBytes < KEY_BYTES_MAX; i++) object.key[object.keyBytes++] = chunk[i] as number;
}

function closeObject(cutter: Cutter, object: OpenObject, chunk: Uint8Array, end: number): number {
	cutter.containers.pop();
	if (!object.opened) return endRecord(cutter, chunk, end);
	cutter.mode = "between";
	cutter.depth = 0;
	return end;
}

function insideGarbage(cutter: Cutter, chunk: Uint8Array, i: number): number {
	const newline = chunk.indexOf(NEWLINE, i);
	if (newline < 0) return chunk.length;
	return endRecord(cutter, chunk, newline);
}

/** The rest of what was cut by the end of its line will not come: the next line begins anew, at the top. */
function endCutLine(cutter: Cutter, chunk: Uint8Array, lineEnd: number): number {
	if (cutter.capturing) endRecord(cutter, chunk, lineEnd);
	cutter.containers.length = 0;
	cutter.mode = "between";
	cutter.depth = 0;
	cutter.inString = false;
	cutter.inKey = false;
	cutter.cutByLineEnd = false;
	return lineEnd;
}

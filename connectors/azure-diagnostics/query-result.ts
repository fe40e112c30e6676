/** Cuts responses of the Logs query API, {"tables":[{name,columns,rows}]}, into rows with named cells. */

import type { Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { frameJson } from "../../src/framing/json-stream.ts";
import { boundedRecord } from "../../src/framing/oversize.ts";
import { pagesOf } from "../../src/framing/pages.ts";
import { CLOSE_BRACKET, COMMA, OPEN_BRACKET } from "../../src/json/bytes.ts";
import { BROKEN, CUT, type Member, readString, scanArray, scanObject, skipSpace, skipValue } from "../../src/json/scan.ts";
import { INGESTION_COLUMN } from "./places.ts";

/** Kusto's own limit on a column's name; it bounds by how much rows grow when they get their names. */
const COLUMN_NAME_MAX = 1024;

const UNEVEN = "a row of the query result has not as many cells as its table has columns";

/** One response held whole, and what cutting it needs to know. */
export interface Document {
	readonly id: number;
	readonly bytes: Uint8Array;
	readonly limits: Limits;
}

/**
 * Yields pages of rows: each record's body is one row as a JSON object, its cells exact slices of the response.
 * A record's id is the position of its row. A response that is cut gives the rows that it has, the last one maybe cut.
 * A response that is none, or says that it is partial, gives a record with an error.
 */
export async function* frameQueryResults(chunks: AsyncIterable<Uint8Array>, limits: Limits): AsyncGenerator<readonly RawRecord[]> {
	for await (const documents of frameJson(chunks, { recordBytesMax: limits.documentBytesMax })) {
		for (const document of documents) {
			if (document.error !== undefined) yield [document];
			else {
				const records = recordsOf({ id: Number(document.id), bytes: document.body, limits });
				yield* pagesOf(records, limits.batchRecordsMax, limits.batchBytesMax);
			}
		}
	}
}

function* recordsOf(document: Document): Generator<RawRecord> {
	const { bytes, limits } = document;
	const scan = scanObject(bytes, 0, bytes.length, limits.depthMax);
	const tables = scan.members.find((member) => member.key === "tables");
	if (scan.state === "deep" || scan.state === "broken")
		yield failed(document, `the query result is ${scan.state === "deep" ? "nested too deep" : "no JSON"}`);
	else if (tables === undefined) yield failed(document, "the query result has no tables: it may be the service's error");
	else
		for (const [start, end] of elements(document, tables.start)) {
			if (end >= 0 || end === CUT) yield* rowsOf(document, start);
			else yield failed(document, "the query result's tables cannot be read", start);
		}
	const error = scan.members.find((member) => member.key === "error");
	if (tables !== undefined && error !== undefined)
		yield failed(document, "the query result says that it is partial: query again in smaller windows", error.start, error.end);
}

function* rowsOf(document: Document, start: number): Generator<RawRecord> {
	const { members } = scanObject(document.bytes, start, document.bytes.length, document.limits.depthMax);
	const rows = members.find((member) => member.key === "rows");
	if (rows === undefined) {
		yield failed(document, "the query result has a table without rows", start);
		return;
	}
	const heads = columnHeads(
		document,
		members.find((member) => member.key === "columns"),
	);
	if (heads === undefined) {
		yield failed(document, "the query result has a table whose columns cannot be read", rows.start, rows.end);
		return;
	}
	for (const [rowStart, rowEnd] of elements(document, rows.start)) {
		if (rowEnd >= 0 || rowEnd === CUT) yield rowRecord(document, heads, rowStart, rowEnd);
		else yield failed(document, "the query result's rows cannot be read to their end", rowStart);
	}
}

/** The beginning of a cell in its row's object, `{"Name":` or `,"Name":`; of our own column none, since it is not of the row. */
type Head = Uint8Array | "ingestion-time";

/** The beginnings of a row's cells; undefined if the columns cannot be read. */
export function columnHeads({ bytes, limits }: Document, columns: Member | undefined): readonly Head[] | undefined {
	const elementsOfColumns = columns && scanArray(bytes, columns.start, bytes.length, limits.depthMax);
	const heads: Head[] = [];
	let mark = "{";
	for (const [start, end] of elementsOfColumns ?? []) {
		const name = scanObject(bytes, start, end, limits.depthMax).members.find((member) => member.key === "name");
		const text = name === undefined || name.end < 0 ? undefined : readString(bytes, name.start, name.end);
		if (text === undefined || text.length > COLUMN_NAME_MAX) return undefined;
		heads.push(text === INGESTION_COLUMN ? "ingestion-time" : Buffer.from(`${mark}${JSON.stringify(text)}:`));
		if (text !== INGESTION_COLUMN) mark = ",";
	}
	return elementsOfColumns === undefined ? undefined : heads;
}

/**
 * The record of the row at `start`. A row that was pulled brings its ingestion time in a column that we asked for: it is put
 * beside the record and not into its body, so that the body is what any other query of the row gives.
 */
export function rowRecord(document: Document, heads: readonly Head[], start: number, end: number): RawRecord {
	const { bytes, limits } = document;
	const id = String(document.id + start);
	const isWhole = end !== CUT;
	// Commas and brackets of the row give way to those of the object.
	const body = Buffer.allocUnsafe(sizeOf(heads) + (isWhole ? end : bytes.length) - start);
	let at = 0;
	let cells = 0;
	let ingestion: string | undefined;
	for (const [cellStart, cellEnd] of elements(document, start)) {
		const head = heads[cells++];
		if (head === undefined || cellEnd === BROKEN) return failed(document, UNEVEN, start, end);
		if (head === "ingestion-time") {
			ingestion = readString(bytes, cellStart, cellEnd);
			continue;
		}
		at = append(body, at, head, 0, head.length);
		at = append(body, at, bytes, cellStart, cellEnd === CUT ? bytes.length : cellEnd);
	}
	if (isWhole && cells !== heads.length) return failed(document, UNEVEN, start, end);
	if (isWhole && at === 0) at = append(body, at, OPEN, 0, 1);
	if (isWhole) at = append(body, at, CLOSE, 0, 1);
	const record = boundedRecord({ id, body: body.subarray(0, at) }, limits.recordBytesMax);
	const loggedTimeMs = Date.parse(ingestion ?? "");
	return Number.isNaN(loggedTimeMs) ? record : { ...record, loggedTimeMs };
}

const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("}");

function sizeOf(heads: readonly Head[]): number {
	let size = 0;
	for (const head of heads) size += head.length;
	return size;
}

/** For fewer bytes than this a call costs more than a loop. */
const SHORT_BYTES = 48;

/** Copies `source[from, to)` to `at`, and gives where it ends there. */
function append(target: Buffer, at: number, source: Uint8Array, from: number, to: number): number {
	if (to - from < SHORT_BYTES) for (let i = from; i < to; i++) target[at + i - from] = source[i] as number;
	else target.set(source.subarray(from, to), at);
	return at + to - from;
}

/** The elements of the array that opens at `start`, of a cut one too: the last then ends with CUT, or with BROKEN where it is no JSON. */
function* elements({ bytes, limits }: Document, start: number): Generator<readonly [number, number]> {
	if (bytes[start] !== OPEN_BRACKET) yield [start, BROKEN];
	let at = bytes[start] === OPEN_BRACKET ? skipSpace(bytes, start + 1) : bytes.length;
	while (at < bytes.length && bytes[at] !== CLOSE_BRACKET) {
		const end = skipValue(bytes, at, bytes.length, limits.depthMax);
		yield [at, end === CUT || end >= 0 ? end : BROKEN];
		if (end < 0) return;
		at = skipSpace(bytes, end);
		if (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACKET) {
			yield [at, BROKEN];
			return;
		}
		if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
	}
}

/** A record for quarantine in place of what cannot be cut: the bytes from `start` to `end`, or to the end of the response. */
function failed({ id, bytes, limits }: Document, why: string, start = 0, end = bytes.length): RawRecord {
	const body = bytes.subarray(start, end < 0 ? bytes.length : end);
	const record = boundedRecord({ id: String(id + start), body }, limits.recordBytesMax);
	return { ...record, error: new CollectorError("RECORD_MALFORMED", why) };
}

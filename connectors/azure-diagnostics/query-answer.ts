/** Reads the answer to one of our queries: whole and of the expected shape, or not at all. */

import { hash } from "node:crypto";
import { CollectorError } from "../../src/contract/errors.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanArray, scanObject, skipSpace, trimJson } from "../../src/json/scan.ts";
import { parseOrNone } from "../../src/json/value.ts";
import type { ListedRecord } from "../../src/pull/listing.ts";
import { columnHeads, type Document, rowRecord } from "./query-result.ts";

export interface Answer {
	/** The service gave up before the end: rows are missing, whatever it says the reason is (source-semantics 3.2). */
	readonly isPartial: boolean;
	readonly rowCount: number;
	/** The rows, made one by one. Throws SOURCE_UNAVAILABLE at a row that is not as its columns say. */
	records(): Generator<ListedRecord>;
	/** Of rows of one column: the texts in it. */
	texts(): readonly string[];
}

/** 132 bits. */
const ID_CHARACTERS = 22;

/** The first table of a response; undefined if this is no response that the service makes. */
export function readAnswer(body: Uint8Array): Answer | undefined {
	const bytes = trimJson(body);
	const top = scanObject(bytes);
	const tables = top.members.find(({ key }) => key === "tables");
	if (top.state !== "whole" || top.end !== bytes.length || tables === undefined || bytes[tables.start] !== OPEN_BRACKET) return undefined;
	const { members } = scanObject(bytes, skipSpace(bytes, tables.start + 1), tables.end);
	const document: Document = { id: 0, bytes, limits: DEFAULT_LIMITS };
	const heads = columnHeads(
		document,
		members.find(({ key }) => key === "columns"),
	);
	const rowsStart = members.find(({ key }) => key === "rows")?.start;
	const rows = rowsStart === undefined ? undefined : scanArray(bytes, rowsStart);
	if (heads === undefined || heads.length === 0 || rows === undefined) return undefined;

	function* records(): Generator<ListedRecord> {
		const twins = new Map<string, number>();
		for (const [start, end] of rows ?? []) {
			const record = rowRecord(document, heads ?? [], start, end);
			const timeMs = record.loggedTimeMs;
			if (timeMs === undefined || record.error?.code === "RECORD_MALFORMED") throw garbled();
			yield { ...record, id: idOf(bytes.subarray(start, end), twins), timeMs };
		}
	}

	return {
		isPartial: top.members.some(({ key }) => key === "error"),
		rowCount: rows.length,
		records,
		texts: () => rows.map(([start, end]) => String(asArray(parseOrNone(bytes.subarray(start, end)))[0])),
	};
}

function asArray(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : [];
}

/** The error of an answer that says success and is none. */
export function garbled(): CollectorError {
	return new CollectorError("SOURCE_UNAVAILABLE", "log analytics answered with something that is no query result: it is asked again");
}

/**
 * Rows have no id (source-semantics 3.2): it is made of the row's exact text, in which all digits of its ingestion time are.
 * Rows of equal text lie in the same answer, since they have the same time: the second is told from the first by its number.
 */
function idOf(row: Uint8Array, twins: Map<string, number>): string {
	const id = hash("sha256", row, "base64url").slice(0, ID_CHARACTERS);
	const earlier = twins.get(id) ?? 0;
	twins.set(id, earlier + 1);
	return earlier === 0 ? id : `${id}.${earlier}`;
}

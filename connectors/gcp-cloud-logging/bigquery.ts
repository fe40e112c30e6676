/** Turns a row of a BigQuery sink's table back into the LogEntry it was made of, as far as the row tells. */

import { textOf } from "../../src/json/scan.ts";
import { isNumberText, isObject, parseForWriting, parseOrNone } from "../../src/json/value.ts";
import { labelOfColumn } from "./label-name.ts";
import { rfc3339OfSql } from "./time.ts";

type Members = Readonly<Record<string, unknown>>;

export const ROW_PAYLOAD = "protopayload_auditlog";
const TIMES = ["timestamp", "receiveTimestamp"];
/** Structs of any shape are text in BigQuery. */
const TEXTS: Readonly<Record<string, string>> = { requestJson: "request", responseJson: "response", metadataJson: "metadata" };
const DIGITS = /^\d{1,15}$/;

/** Whether an object is a row of an audit log's table. */
export function isRow(value: Members): boolean {
	return isObject(value[ROW_PAYLOAD]);
}

/**
 * The JSON text of the entry. Columns that are null did not exist; times are RFC 3339 again, with the microseconds that
 * BigQuery keeps; labels have their names again where those are known. Bodies keep their exact text.
 * The bytes must be the valid JSON text of a row, of bounded nesting.
 */
export function entryOfRow(bytes: Uint8Array): Uint8Array {
	const { [ROW_PAYLOAD]: payload, ...columns } = withoutNulls(parseForWriting(textOf(bytes)) as Members);
	const entry = Object.fromEntries(Object.entries(columns).map(([key, value]) => [key, columnOf(key, value)]));
	const members = Object.entries(entry).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
	return Buffer.from(`{${[...members, `"protoPayload":${payloadText(payload as Members)}`].join(",")}}`, "utf8");
}

function columnOf(key: string, value: unknown): unknown {
	if (TIMES.includes(key)) return rfc3339OfSql(typeof value === "string" ? value : JSON.stringify(value));
	if (key === "labels" && isObject(value))
		return Object.fromEntries(Object.entries(value).map(([name, text]) => [labelOfColumn(name), text]));
	if (key === "operation" && isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, truthOf(text)]));
	return value;
}

function payloadText(payload: Members): string {
	const members = Object.entries(payload).map(([key, value]) => {
		const text = key === "status" && isObject(value) ? JSON.stringify({ ...value, ...codeOf(value) }) : JSON.stringify(value);
		if (typeof value !== "string" || !Object.hasOwn(TEXTS, key)) return `${JSON.stringify(key)}:${text}`;
		return `${JSON.stringify(TEXTS[key])}:${parseOrNone(value) !== undefined ? value : text}`;
	});
	return `{${members.join(",")}}`;
}

/** The command line tool writes numbers and truth values as text. */
function codeOf({ code }: Members): { readonly code?: number } {
	return typeof code === "string" && DIGITS.test(code) ? { code: Number(code) } : {};
}

function truthOf(value: unknown): unknown {
	return value === "true" ? true : value === "false" ? false : value;
}

function withoutNulls(value: Members): Members {
	const kept = Object.entries(value).filter(([, member]) => member !== null);
	return Object.fromEntries(kept.map(([key, member]) => [key, withoutNullsIn(member)]));
}

function withoutNullsIn(value: unknown): unknown {
	if (isNumberText(value)) return value;
	if (Array.isArray(value)) return value.map(withoutNullsIn);
	return isObject(value) ? withoutNulls(value) : value;
}

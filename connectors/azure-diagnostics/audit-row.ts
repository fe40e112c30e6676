/** Puts an audit event together out of the columns of AKSAudit, AKSAuditAdmin, ArcK8sAudit and ArcK8sAuditAdmin. */

import { type AuditText, decodeAuditText } from "../../src/audit/decode-text.ts";
import type { AuditEvent } from "../../src/contract/audit-event.ts";
import { DEPTH_MAX, scanObject, textOf, trimJson } from "../../src/json/scan.ts";
import { parseOrNone } from "../../src/json/value.ts";
import { canonicalText, parseExact } from "./exact-json.ts";
import { isEmptyCell } from "./places.ts";
import type { RecordText } from "./record-text.ts";

/** Longer text is no time. */
const TIME_LENGTH_MAX = 64;
/** The beginning of a string: a member that ends so is dropped. */
const UNFINISHED = '"';

interface Column {
	readonly member: keyof AuditEvent;
	/** "dynamic": JSON, as a value or as text; inside, Kubernetes' own names stay. */
	readonly type: "string" | "time" | "dynamic";
}

/** In the order in which the API server writes the members. Spelling: learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit */
export const COLUMNS: ReadonlyMap<string, Column> = new Map<string, Column>([
	["Level", { member: "level", type: "string" }],
	["AuditId", { member: "auditID", type: "string" }],
	["Stage", { member: "stage", type: "string" }],
	["RequestUri", { member: "requestURI", type: "string" }],
	["Verb", { member: "verb", type: "string" }],
	["User", { member: "user", type: "dynamic" }],
	["SourceIps", { member: "sourceIPs", type: "dynamic" }],
	["UserAgent", { member: "userAgent", type: "string" }],
	["ObjectRef", { member: "objectRef", type: "dynamic" }],
	["ResponseStatus", { member: "responseStatus", type: "dynamic" }],
	["RequestObject", { member: "requestObject", type: "dynamic" }],
	["ResponseObject", { member: "responseObject", type: "dynamic" }],
	["RequestReceivedTime", { member: "requestReceivedTimestamp", type: "time" }],
	["StageReceivedTime", { member: "stageTimestamp", type: "time" }],
	["Annotations", { member: "annotations", type: "dynamic" }],
]);

/** The columns that the event takes up. */
export const AUDIT_COLUMNS: ReadonlySet<string> = new Set(COLUMNS.keys());

/**
 * The event of a row. What the table has no column for (kind, apiVersion, impersonatedUser) is absent.
 * Its identity is the canonical text of the event (sorted keys, times without trailing zeros): the same row has
 * the same identity whether a query, an export or a shipper wrote it, but never that of the log line it came from.
 */
export function readAuditRow(row: RecordText): AuditText {
	const { parts, cut } = composeParts(row);
	const text = Buffer.from(`{${[...parts, ...(cut === undefined ? [] : [cut])].join(",")}${cut === undefined ? "}" : ""}`);
	const audit = decodeAuditText(text);
	if (audit.kind !== "event") return audit;
	if (cut !== undefined) return { ...audit, truncated: { ...audit.truncated, sizeBytes: row.original.length } };
	const repaired = audit.repaired === undefined ? {} : { repaired: { what: audit.repaired.what, original: row.original } };
	return { ...audit, identity: identityOfRow(text), ...repaired };
}

interface Composed {
	/** Members of the event as JSON text. */
	readonly parts: readonly string[];
	/** The member in which the row, or a cell of JSON text, ends early: it goes last, so that it is salvaged like a cut event. */
	readonly cut?: string;
}

function composeParts(row: RecordText): Composed {
	const parts: string[] = [];
	let cut: string | undefined;
	for (const [name, { member, type }] of COLUMNS) {
		const cell = readCell(row, name, type);
		if (cell === undefined) continue;
		const part = `${JSON.stringify(member)}:${cell.text}`;
		if (!cell.isCut) parts.push(part);
		else cut ??= part;
	}
	return cut === undefined ? { parts } : { parts, cut };
}

interface Cell {
	readonly text: string;
	readonly isCut?: boolean;
}

/** The cell as JSON text; undefined if it says nothing. */
function readCell(row: RecordText, name: string, type: Column["type"]): Cell | undefined {
	const value = row.value[name];
	if (row.cut?.key === name && row.cut.text !== undefined) return readCutCell(textOf(row.cut.text), type);
	if (isEmptyCell(row.value, value)) return undefined;
	if (type === "dynamic" && typeof value === "string") return readDynamic(value);
	const { start, end } = row.members.get(name) as { start: number; end: number };
	return { text: textOf(row.bytes.subarray(start, end)) };
}

/** The REST API gives dynamic cells as text. Text that is JSON is that JSON; other text is a string, such as "skipped-too-big-size-object". */
function readDynamic(text: string): Cell | undefined {
	const trimmed = textOf(trimJson(Buffer.from(text)));
	const value = parseOrNone(trimmed);
	if (value !== undefined) return value === null ? undefined : { text: trimmed };
	// The beginning of an object must not pass for a string: nobody would look for secrets in it.
	return /^[[{]/.test(trimmed) ? readCutCell(trimmed, "dynamic") : { text: JSON.stringify(text) };
}

/** Of a cell that the end of the record cuts only an object can be salvaged; what cannot is dropped with its name told. */
function readCutCell(text: string, type: Column["type"]): Cell {
	const bytes = Buffer.from(text);
	const isSalvageable = type === "dynamic" && scanObject(bytes, 0, bytes.length, DEPTH_MAX).state === "cut";
	return { text: isSalvageable ? text : UNFINISHED, isCut: true };
}

function identityOfRow(text: Uint8Array): Uint8Array {
	const event = parseExact(text) as Record<string, unknown>;
	for (const { member, type } of COLUMNS.values()) {
		const value = event[member];
		if (type === "time" && typeof value === "string") event[member] = shortTime(value);
	}
	return Buffer.from(canonicalText(event as Parameters<typeof canonicalText>[0]));
}

/** `...:04.3200000Z` and `...:04.32Z` are the same time: exports differ in the zeros that they print. */
function shortTime(time: string): string {
	if (time.length > TIME_LENGTH_MAX) return time;
	const [, seconds, fraction, zone] = /^([^.]*)\.(\d+)(Z|[+-]00:?00)?$/.exec(time) ?? [];
	if (seconds === undefined || fraction === undefined) return time;
	const digits = fraction.replace(/0+$/, "");
	return `${seconds}${digits === "" ? "" : `.${digits}`}${zone === undefined ? "" : "Z"}`;
}

/** Where each kind of record keeps what every record has: the log line, its time, category, stream and pod. */

import { isObject } from "../../src/json/value.ts";
import type { RecordText } from "./record-text.ts";

/** The column in which our own queries ask for a row's ingestion time. It is none of the row's. */
export const INGESTION_COLUMN = "kube_audit_ingestion_time";

/** Member names of one kind of record. */
export interface Place {
	/** The member in which log, stream and pod lie; absent: beside the others. */
	readonly container?: "properties";
	/** Absent: the event lies in columns of its own. */
	readonly log?: string;
	readonly stream?: string;
	readonly pod: string;
	/** Becomes the origin's logName. */
	readonly category: string;
	readonly time: string;
	/** The record is a row of a table: an empty cell says nothing. */
	readonly isRow: boolean;
}

/** A diagnostic record, as Event Hubs and storage accounts get it. */
export const DIAGNOSTIC_RECORD: Place = {
	container: "properties",
	log: "log",
	stream: "stream",
	pod: "pod",
	category: "category",
	time: "time",
	isRow: false,
};

/** A row of the shared table AzureDiagnostics. */
export const DIAGNOSTICS_ROW: Place = {
	log: "log_s",
	stream: "stream_s",
	pod: "pod_s",
	category: "Category",
	time: "TimeGenerated",
	isRow: true,
};

/** A row of AKSControlPlane or ArcK8sControlPlane: other components' lines, among which audit events have been seen. */
export const CONTROL_PLANE_ROW: Place = {
	log: "Message",
	stream: "Stream",
	pod: "PodName",
	category: "Category",
	time: "TimeGenerated",
	isRow: true,
};

/** A row of a table with a column for each member of the event. */
export const AUDIT_ROW: Place = { pod: "PodName", category: "Type", time: "TimeGenerated", isRow: true };

/** The tables whose rows are AUDIT_ROWs. */
export const AUDIT_TABLES: ReadonlySet<unknown> = new Set(["AKSAudit", "AKSAuditAdmin", "ArcK8sAudit", "ArcK8sAuditAdmin"]);

/** Told by the members that it has, never by where it came from. Undefined: a record without an event or a log line. */
export function placeOf({ value }: RecordText): Place | undefined {
	const { properties } = value;
	const hasLog = (key: string): boolean => isLog(value[key]) && !isEmptyCell(value, value[key]);
	if (isObject(properties) && isLog(properties["log"])) return DIAGNOSTIC_RECORD;
	if (hasLog("log_s")) return DIAGNOSTICS_ROW;
	if (typeof value["AuditId"] === "string" || AUDIT_TABLES.has(value["Type"])) return AUDIT_ROW;
	if (typeof value["Category"] === "string" && hasLog("Message")) return CONTROL_PLANE_ROW;
	return undefined;
}

/** The member `key` of the record if it is a text that says something. */
export function textMember(value: Readonly<Record<string, unknown>>, key: string | undefined): string | undefined {
	const member = key === undefined ? undefined : value[key];
	return typeof member === "string" && !isEmptyCell(value, member) ? member : undefined;
}

/**
 * Whether a cell of a row says nothing. `az monitor log-analytics query` prints every cell by Python's `str`,
 * so that null is "None"; its rows are known by their extra column TableName.
 */
export function isEmptyCell(row: Readonly<Record<string, unknown>>, cell: unknown): boolean {
	return cell === undefined || cell === null || cell === "" || (cell === "None" && typeof row["TableName"] === "string");
}

function isLog(value: unknown): boolean {
	return typeof value === "string" || isObject(value);
}

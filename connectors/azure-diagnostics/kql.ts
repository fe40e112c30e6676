/** Writes the few queries that are asked of Log Analytics, in KQL. */

import type { Window } from "../../src/pull/listing.ts";
import { INGESTION_COLUMN } from "./places.ts";
import type { TableName } from "./tables.ts";

/** A part of a window whose rows all have the same moment: those whose hash leaves `rest` when divided by `of`. */
export interface Shard {
	readonly of: number;
	readonly rest: number;
}

export interface Selection {
	readonly table: TableName;
	readonly window: Window;
	/** ARM ids of clusters; absent: all. */
	readonly resourceIds?: readonly string[] | undefined;
	readonly shard?: Shard | undefined;
}

/** Columns that every workspace's AzureDiagnostics has. */
const COMMON_COLUMNS: readonly string[] = [
	"TenantId",
	"TimeGenerated",
	"ResourceId",
	"Category",
	"ResourceGroup",
	"SubscriptionId",
	"ResourceProvider",
	"Resource",
	"ResourceType",
	"OperationName",
	"SourceSystem",
	"Type",
	"_ResourceId",
];

/** Columns that come with the first record that has such a property; naming one that is not there would fail the query. */
const LATER_COLUMNS: readonly string[] = [
	"log_s",
	"stream_s",
	"pod_s",
	"containerID_s",
	"ccpNamespace_s",
	"Cloud_s",
	"Environment_s",
	"UnderlayClass_s",
	"UnderlayName_s",
	"serviceBuild_s",
];

/** The shared table has up to 500 columns, nearly all of them empty in our rows: only those that AKS writes are asked for. */
export const DIAGNOSTICS_COLUMNS: readonly string[] = [...COMMON_COLUMNS, ...LATER_COLUMNS, "AdditionalFields"];

/** Rows with equal hashes are equal, or of the same event. */
const HASHED: Readonly<Record<"AzureDiagnostics" | "audit", string>> = {
	AzureDiagnostics: 'column_ifexists("log_s", "")',
	audit: "strcat(AuditId, Stage, tostring(StageReceivedTime))",
};

/** Whether a table exists, and may be asked in this way, for next to nothing. */
export function existsQuery(table: TableName): string {
	return `${table}\n| take 0`;
}

/** Which clusters have rows in the window: one column, `_ResourceId`. */
export function clustersQuery(selection: Selection): string {
	return lines(selection, ["distinct _ResourceId"]);
}

/** How many rows the window has, by bin and cluster: one column of texts, `<beginning of the bin> <rows> <_ResourceId>`. */
export function countsQuery(selection: Selection, binMs: number): string {
	return lines(selection, [
		`extend kube_audit_bin = bin(ingestion_time(), ${binMs / 60_000}m)`,
		"summarize kube_audit_rows = count() by kube_audit_bin, _ResourceId",
		'project kube_audit_count = strcat(tostring(kube_audit_bin), " ", tostring(kube_audit_rows), " ", _ResourceId)',
	]);
}

/**
 * The window's rows, with their ingestion time as a last column of all seven digits. The audit tables are asked for every
 * column, so that one that is new arrives too. Nothing is filtered by TimeGenerated: that is the timespan's work.
 */
export function rowsQuery(selection: Selection): string {
	const columns = [...DIAGNOSTICS_COLUMNS.map(projected), INGESTION_COLUMN].join(", ");
	return lines(selection, [
		`extend ${INGESTION_COLUMN} = tostring(ingestion_time())`,
		...(selection.table === "AzureDiagnostics" ? [`project ${columns}`] : []),
		`order by ${INGESTION_COLUMN} asc`,
	]);
}

function projected(column: string): string {
	if (COMMON_COLUMNS.includes(column)) return column;
	return `${column} = column_ifexists("${column}", ${column === "AdditionalFields" ? "dynamic(null)" : '""'})`;
}

function lines({ table, window, resourceIds, shard }: Selection, rest: readonly string[]): string {
	const isDiagnostics = table === "AzureDiagnostics";
	// The window's ends are milliseconds, both inside; a moment has seven digits.
	const to = datetime(window.toMs + 1);
	return [
		table,
		`where ingestion_time() >= ${datetime(window.fromMs)} and ingestion_time() < ${to}`,
		...(resourceIds === undefined ? [] : [`where _ResourceId in~ (${resourceIds.map((id) => `"${id}"`).join(", ")})`]),
		...(isDiagnostics ? ['where Category in ("kube-audit", "kube-audit-admin")'] : []),
		...(shard === undefined ? [] : [`where hash(${HASHED[isDiagnostics ? table : "audit"]}, ${shard.of}) == ${shard.rest}`]),
		...rest,
	].join("\n| ");
}

function datetime(ms: number): string {
	return `datetime(${new Date(ms).toISOString().replace("Z", "0000Z")})`;
}

/** Makes rows as Log Analytics stores and answers them, of planted events or of what a test says. */

import { asRecord } from "../../src/json/value.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import { DIAGNOSTICS_COLUMNS } from "./kql.ts";
import type { TableName } from "./tables.ts";

/** Cells by column; an object is a dynamic cell. What is not named is empty. */
export type Row = Readonly<Record<string, unknown>>;

export interface RowPlace {
	readonly workspaceId: string;
	readonly table: TableName;
	/** ARM id of the cluster. */
	readonly resourceId: string;
	/** Of a row in AzureDiagnostics. */
	readonly category?: "kube-audit" | "kube-audit-admin";
}

export interface Column {
	readonly name: string;
	readonly type: string;
}

const DYNAMIC = ["User", "SourceIps", "ObjectRef", "ResponseStatus", "RequestObject", "ResponseObject", "Annotations", "AdditionalFields"];
const TIMES = ["TimeGenerated", "RequestReceivedTime", "StageReceivedTime"];
const TEXTS = ["Level", "AuditId", "Stage", "RequestUri", "Verb", "UserAgent", "PodName"];
const OWN = ["SourceSystem", "Type", "_ResourceId", "_SubscriptionId"];

/** learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit */
const AUDIT: readonly string[] = ["TenantId", ...TIMES, ...TEXTS, ...DYNAMIC.slice(0, -1), ...OWN];

const columnOf = (name: string): Column => ({
	name,
	type: DYNAMIC.includes(name) ? "dynamic" : TIMES.includes(name) ? "datetime" : "string",
});
const AUDIT_COLUMNS = AUDIT.map(columnOf);
const SHARED_COLUMNS = DIAGNOSTICS_COLUMNS.map(columnOf);

const DAY_MS = 86_400_000;

export function columnsOf(table: TableName): readonly Column[] {
	return table === "AzureDiagnostics" ? SHARED_COLUMNS : AUDIT_COLUMNS;
}

/** The row's cells as JSON text, without the brackets around them. A dynamic cell is JSON as text, and null is the empty string. */
export function cellsOf(table: TableName, row: Row): string {
	return columnsOf(table)
		.map(({ name }) => {
			const value = row[name] ?? "";
			return JSON.stringify(typeof value === "object" ? JSON.stringify(value) : value);
		})
		.join(",");
}

/** What `hash(...)` of kql.ts is taken of. */
export function hashedText(table: TableName, row: Row): string {
	return String(table === "AzureDiagnostics" ? row["log_s"] : `${row["AuditId"]}${row["Stage"]}${row["StageReceivedTime"]}`);
}

/** When an event is said to have happened. source-semantics 3.2: "older than 2 days or more than 1 day ahead is replaced". */
export function timeGeneratedMs({ timeMs, takenInMs }: PlantedEvent): number {
	return timeMs < takenInMs - 2 * DAY_MS || timeMs > takenInMs + DAY_MS ? takenInMs : timeMs;
}

export function plantedRow(event: PlantedEvent, place: RowPlace): Row {
	const [, , subscription = "", , group = "", , provider = "", type = "", name = ""] = place.resourceId.split("/");
	const common = {
		TenantId: place.workspaceId,
		TimeGenerated: datetime(new Date(timeGeneratedMs(event)).toISOString()),
		SourceSystem: "Azure",
		Type: place.table,
		_ResourceId: place.resourceId.toLowerCase(),
	};
	const pod = `kube-apiserver-6c9d7b5c4d-${event.server}`;
	if (place.table !== "AzureDiagnostics") return { ...common, ...auditCells(event), PodName: pod, _SubscriptionId: subscription };
	return {
		...common,
		ResourceId: place.resourceId.toUpperCase(),
		Category: place.category ?? "kube-audit",
		ResourceGroup: group.toUpperCase(),
		SubscriptionId: subscription,
		ResourceProvider: provider.toUpperCase(),
		Resource: name.toUpperCase(),
		ResourceType: type.toUpperCase(),
		OperationName: "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
		log_s: event.text,
		stream_s: "stdout",
		pod_s: pod,
		containerID_s: "2f5c8a0be1d94c7f8e6a0b1c2d3e4f50",
	};
}

/** There is no column for kind, apiVersion and impersonatedUser. */
function auditCells({ text }: PlantedEvent): Row {
	const audit = asRecord(JSON.parse(text));
	return {
		Level: audit["level"],
		AuditId: audit["auditID"],
		Stage: audit["stage"],
		RequestUri: audit["requestURI"],
		Verb: audit["verb"],
		User: audit["user"],
		SourceIps: audit["sourceIPs"],
		UserAgent: audit["userAgent"],
		ObjectRef: audit["objectRef"],
		ResponseStatus: audit["responseStatus"],
		RequestObject: audit["requestObject"],
		ResponseObject: audit["responseObject"],
		RequestReceivedTime: datetime(audit["requestReceivedTimestamp"]),
		StageReceivedTime: datetime(audit["stageTimestamp"]),
		Annotations: audit["annotations"],
	};
}

/** Azure's datetime has seven digits. */
function datetime(time: unknown): unknown {
	return typeof time === "string" ? time.replace(/\.(\d{1,7})\d*Z$/, (_, digits: string) => `.${digits.padEnd(7, "0")}Z`) : time;
}

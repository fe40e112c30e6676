/** The stored forms of Azure diagnostics, and how a file is told to have one: by content, never by name. */

import type { Form, Sniff } from "../../src/contract/connector.ts";
import { AUDIT_TABLES } from "./places.ts";

/** The most specific first. */
export const forms: readonly Form[] = [
	{
		name: "logs-query",
		summary: 'responses of the Log Analytics query API: {"tables":[{name,columns,rows}]}',
		matches: ({ keys, text }) => keys.has("tables") && /"columns"\s*:\s*\[/.test(text),
	},
	{
		name: "records",
		summary: 'diagnostic records: Event Hubs bodies {"records":[...]}, PT1H.json lines of a storage account',
		matches: (sniff) => isBody(sniff) || isDiagnosticRecord(sniff),
	},
	{
		name: "rows",
		summary: "exported rows of AzureDiagnostics, AKSAudit, AKSAuditAdmin, ArcK8sAudit: one a line or an array",
		matches: isTableRow,
	},
];

/** A member that only diagnostic records and exported rows have; quotes inside a log line are escaped and do not match. */
const RECORD_MEMBER = /"(?:resourceId|_ResourceId|operationName|category|properties|log_s|AuditId)"\s*:/;
/** `records` is a word that other services use too. */
const RECORDS = /"records"\s*:\s*\[\s*(?:\{|\])/;

function isBody({ keys, text, first }: Sniff): boolean {
	if (!keys.has("records")) return false;
	const records = first?.["records"];
	if (Array.isArray(records) && records.length === 0) return keys.size === 1;
	return RECORDS.test(text) && RECORD_MEMBER.test(text);
}

function isDiagnosticRecord({ keys, text }: Sniff): boolean {
	if (keys.has("category") && (keys.has("resourceId") || keys.has("operationName"))) return keys.has("properties") || keys.has("time");
	// A long log line may hide the members that follow it.
	return keys.has("properties") && /"properties"\s*:\s*\{\s*"(?:log|stream|pod|containerID)"\s*:/.test(text);
}

function isTableRow({ keys, first }: Sniff): boolean {
	const has = (...names: readonly string[]): boolean => names.some((name) => keys.has(name));
	if (AUDIT_TABLES.has(first?.["Type"]) || keys.has("log_s")) return true;
	if (keys.has("AuditId")) return has("RequestUri", "Verb", "Stage", "Level");
	return keys.has("Category") && has("TimeGenerated", "Message") && has("ResourceId", "_ResourceId", "PodName");
}

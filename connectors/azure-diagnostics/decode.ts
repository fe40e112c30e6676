/** Turns one record of Azure diagnostics, in any of its shapes, into an audit event. Pure, total, never throws. */

import type { AuditText } from "../../src/audit/decode-text.ts";
import type { Decode, Decoded, Repair } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { scanObject, trimJson } from "../../src/json/scan.ts";
import { isObject } from "../../src/json/value.ts";
import { AUDIT_COLUMNS, readAuditRow } from "./audit-row.ts";
import { readEnvelope } from "./envelope.ts";
import { isAuditCategory, readLogText } from "./log-text.ts";
import { readOrigin } from "./origin.ts";
import { AUDIT_ROW, type Place, placeOf, textMember } from "./places.ts";
import { malformed, type RecordText, readRecordText } from "./record-text.ts";

const NONE: ReadonlySet<string> = new Set();

/** Decodes a diagnostic record or a row of a table; which one it is, its members say. */
export const decode: Decode = (record) => {
	if (record.error !== undefined) return { kind: "bad", error: record.error };
	const text = readRecordText(record.body);
	if (text instanceof CollectorError) return { kind: "bad", error: text };
	const place = placeOf(text);
	if (place === undefined) return withoutLog(text);
	if (place === AUDIT_ROW) return complete(text, place, readAuditRow(text));
	return complete(text, place, readLog(text, place));
};

/** Other Azure resources and other categories share hubs, containers and tables with the clusters. */
function withoutLog({ value, cut }: RecordText): Decoded {
	if (cut !== undefined) return { kind: "bad", error: malformed("cut before its log line") };
	const category = textMember(value, "category") ?? textMember(value, "Category");
	const operation = textMember(value, "operationName") ?? textMember(value, "OperationName");
	const isOther = category === undefined ? operation !== undefined : !isAuditCategory(category);
	return { kind: "skip", reason: isOther ? "other-log" : "not-an-audit-event" };
}

function readLog(text: RecordText, place: Place): AuditText {
	const inner = innerOf(text, place);
	const log = inner[place.log as string];
	const line = typeof log === "string" ? Buffer.from(log) : sliceOfLog(text, place);
	if (text.cut !== undefined && trimJson(line).length === 0) return { kind: "bad", error: malformed("cut before its log line") };
	return readLogText(line, { category: textMember(text.value, place.category), stream: textMember(inner, place.stream) });
}

/** Some shippers make an object of the line: its exact text is the event's. */
function sliceOfLog(text: RecordText, place: Place): Uint8Array {
	const outer = text.members.get(place.container ?? "");
	const members = outer === undefined ? [...text.members.values()] : scanObject(text.bytes, outer.start).members;
	const log = members.findLast((member) => member.key === place.log);
	return log === undefined ? new Uint8Array(0) : text.bytes.subarray(log.start, log.end);
}

function innerOf(text: RecordText, place: Place): Readonly<Record<string, unknown>> {
	const inner = place.container === undefined ? text.value : text.value[place.container];
	return isObject(inner) ? inner : {};
}

/** Adds to the event what its record says around it, and what had to be done to the record. */
function complete(text: RecordText, place: Place, audit: AuditText): Decoded {
	if (audit.kind !== "event") return audit;
	const truncated = audit.truncated ?? (text.cut === undefined ? undefined : { sizeBytes: text.original.length });
	const repaired = repairOf(text, audit.repaired);
	return {
		kind: "event",
		event: audit.event,
		envelope: readEnvelope(text, place, place === AUDIT_ROW ? AUDIT_COLUMNS : NONE),
		origin: readOrigin(text.value, innerOf(text, place), place),
		identity: audit.identity,
		inferred: [],
		...(truncated === undefined ? {} : { truncated }),
		...(repaired === undefined ? {} : { repaired }),
	};
}

/** If the record itself had to be repaired, its bytes are the original: they hold those of the line. */
function repairOf({ what, original }: RecordText, inner: Repair | undefined): Repair | undefined {
	if (what.length === 0) return inner;
	return { what: [...new Set([...what, ...(inner?.what ?? [])])], original };
}

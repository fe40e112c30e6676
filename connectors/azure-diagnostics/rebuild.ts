/** Puts a diagnostic record together again from an event and its envelope: the proof that decoding loses nothing. */

import type { Envelope } from "../../src/contract/decode.ts";
import type { JsonObject, JsonValue } from "../../src/contract/json.ts";
import type { Origin } from "../../src/contract/record.ts";
import { isObject } from "../../src/json/value.ts";
import { COLUMNS } from "./audit-row.ts";
import { AUDIT_ROW, AUDIT_TABLES, CONTROL_PLANE_ROW, DIAGNOSTIC_RECORD, DIAGNOSTICS_ROW, type Place } from "./places.ts";

/** What is needed beside the event; all of it is found again in the OCSF event. */
export interface RebuildSource extends Pick<Envelope, "recordId" | "loggedTime" | "rest">, Pick<Origin, "logName" | "logSource"> {}

/**
 * The record that gave this event and envelope. `audit` is the plain audit.k8s.io object, or its text; the log line is text
 * in either case, and dynamic columns are values. Empty cells of rows do not come back.
 */
export function rebuildRecord(audit: string | JsonObject, source: RebuildSource): JsonObject {
	const rest = source.rest ?? {};
	const place = placeOfRest(rest, source.logName);
	const inner = {
		...(place.container === undefined ? {} : (rest[place.container] as JsonObject)),
		...(place.log === undefined ? {} : { [place.log]: typeof audit === "string" ? audit : JSON.stringify(audit) }),
		...optional(place.pod, source.logSource),
	};
	return {
		...rest,
		...optional(place.time, source.loggedTime),
		...optional(place.category, source.logName),
		...optional("_ItemId", source.recordId),
		...(place === AUDIT_ROW ? columnsOf(audit) : {}),
		...(place.container === undefined ? inner : { [place.container]: inner }),
	};
}

/** Only a record has `properties`, and only the rows of shared tables keep their `Type`. */
function placeOfRest(rest: JsonObject, logName: string | undefined): Place {
	if (isObject(rest["properties"])) return DIAGNOSTIC_RECORD;
	const table = rest["Type"];
	if (typeof table === "string") return table.endsWith("ControlPlane") ? CONTROL_PLANE_ROW : DIAGNOSTICS_ROW;
	return logName === undefined || AUDIT_TABLES.has(logName) ? AUDIT_ROW : DIAGNOSTICS_ROW;
}

function columnsOf(audit: string | JsonObject): JsonObject {
	const event = typeof audit === "string" ? (JSON.parse(audit) as JsonObject) : audit;
	const cells: [string, JsonValue][] = [];
	for (const [name, { member }] of COLUMNS) {
		const value = event[member];
		if (value !== undefined) cells.push([name, value]);
	}
	return Object.fromEntries(cells);
}

function optional(key: string, value: string | undefined): JsonObject {
	return value === undefined ? {} : { [key]: value };
}

/** Gathers what a record says around its event: nothing of it is lost, nothing is kept twice. */

import type { Envelope } from "../../src/contract/decode.ts";
import type { JsonObject, JsonValue } from "../../src/contract/json.ts";
import { scanObject } from "../../src/json/scan.ts";
import { isObject } from "../../src/json/value.ts";
import { parseExact } from "./exact-json.ts";
import { isEmptyCell, type Place, textMember } from "./places.ts";
import type { RecordText } from "./record-text.ts";

/** Log Analytics' id of a row, where a query asks for it. */
const ITEM_ID = "_ItemId";

/**
 * The envelope of a record. Its `rest` is the record in its own shape without what has a home elsewhere: the event
 * (`consumed`), the time (loggedTime), category and pod (origin.logName, origin.logSource), the row's id (recordId).
 * Each of these stays in `rest` if it is no text, since it has no other home then. Rows lose their empty cells.
 */
export function readEnvelope(text: RecordText, place: Place, consumed: ReadonlySet<string>): Envelope {
	const { value } = text;
	const loggedTime = textMember(value, place.time);
	const recordId = textMember(value, ITEM_ID);
	const drops = (key: string): boolean =>
		consumed.has(key) ||
		((key === place.time || key === place.category || key === ITEM_ID) && textMember(value, key) !== undefined) ||
		(place.container === undefined && dropsInner(value, place, key)) ||
		(place.isRow && isEmptyCell(value, value[key]));
	const rest: [string, JsonValue][] = [];
	for (const { key, start, end } of text.members.values()) {
		if (key === place.container) rest.push([key, innerRest(text, place, start)]);
		else if (!drops(key)) rest.push([key, parseExact(text.bytes.subarray(start, end))]);
	}
	return {
		...(recordId === undefined ? {} : { recordId }),
		...(loggedTime === undefined ? {} : { loggedTime }),
		// Object.fromEntries makes even `__proto__` a member like any other.
		...(rest.length === 0 ? {} : { rest: Object.fromEntries(rest) as JsonObject }),
	};
}

function innerRest(text: RecordText, place: Place, start: number): JsonObject {
	const inner = text.value[place.container as string];
	if (!isObject(inner)) return {};
	const rest: [string, JsonValue][] = [];
	for (const member of scanObject(text.bytes, start).members) {
		if (!dropsInner(inner, place, member.key)) rest.push([member.key, parseExact(text.bytes.subarray(member.start, member.end))]);
	}
	return Object.fromEntries(rest) as JsonObject;
}

function dropsInner(inner: Readonly<Record<string, unknown>>, place: Place, key: string): boolean {
	return key === place.log || (key === place.pod && textMember(inner, key) !== undefined);
}

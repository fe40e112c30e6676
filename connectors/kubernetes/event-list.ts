/** Opens an EventList that lies where a single event is expected, such as a webhook body on a line. */

import type { RawRecord } from "../../src/contract/record.ts";
import { scanElements } from "../../src/json/elements.ts";
import { type Member, readString, scanObject, trimJson } from "../../src/json/scan.ts";
import { WEBHOOK } from "./origin.ts";

const WORD = Buffer.from('"EventList"');
const OPEN_BRACKET = 0x5b;

/**
 * The list's items, of which the last may be cut; none if it has none (`items` is null when a Go slice was empty).
 * A record that is no EventList of audit events is given back as it is.
 */
export function openList(record: RawRecord, depthMax: number): readonly RawRecord[] {
	const body = trimJson(record.body);
	if (record.error !== undefined || !mentionsList(body)) return [record];
	const { members, state, end } = scanObject(body, 0, body.length, depthMax);
	const isReadable = state === "cut" || (state === "whole" && end === body.length);
	if (!isReadable || text(body, members, "kind") !== "EventList") return [record];
	if (text(body, members, "apiVersion")?.startsWith("audit.k8s.io/") !== true) return [record];
	const items = members.find(({ key }) => key === "items");
	if (items === undefined) return state === "cut" ? [record] : [];
	if (body[items.start] !== OPEN_BRACKET) return body[items.start] === 0x6e && state === "whole" ? [] : [record];
	const elements = scanElements(body, items.start, items.end < 0 ? body.length : items.end, depthMax);
	return elements.map(([from, to], index) => ({
		...record,
		id: `${record.id}/${index}`,
		body: body.subarray(from, to),
		origin: { ...record.origin, ...WEBHOOK },
	}));
}

/** A body may mention it too: this only saves a closer look at nearly every event. */
function mentionsList(body: Uint8Array): boolean {
	return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(WORD);
}

function text(body: Uint8Array, members: readonly Member[], key: string): string | undefined {
	const member = members.find((one) => one.key === key);
	return member === undefined || member.end < 0 ? undefined : readString(body, member.start, member.end);
}

/** Opens an EventList that lies where a single event is expected, such as a webhook body on a line. */

import type { RawRecord } from "../../src/contract/record.ts";
import { NULL_FIRST, OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanElements } from "../../src/json/elements.ts";
import { bufferOf, type Member, readString, scanObject, trimJson } from "../../src/json/scan.ts";
import { WEBHOOK } from "./origin.ts";

const WORD = Buffer.from('"EventList"');

/**
 * The list's items, of which the last may be cut; none if it has none (`items` is null when a Go slice was empty).
 * A record that is no EventList of audit events is given back as it is.
 */
export function* openList(record: RawRecord, depthMax: number): Generator<RawRecord> {
	const body = trimJson(record.body);
	const lists = record.error === undefined && mentionsList(body) ? findItems(body, depthMax) : undefined;
	if (lists === undefined) {
		yield record;
		return;
	}
	const origin = { ...record.origin, ...WEBHOOK };
	let index = 0;
	for (const { start, end } of lists) {
		for (const [from, to] of scanElements(body, start, end < 0 ? body.length : end, depthMax))
			yield { ...record, id: `${record.id}/${index++}`, body: body.subarray(from, to), origin };
	}
}

/** The arrays in an EventList's `items`: one, none, or more if the key is repeated. Undefined if this is no list that can be read. */
function findItems(body: Uint8Array, depthMax: number): readonly Member[] | undefined {
	const { members, state, end } = scanObject(body, 0, body.length, depthMax);
	const isReadable = state === "cut" || (state === "whole" && end === body.length);
	if (!isReadable || text(body, members, "kind") !== "EventList") return undefined;
	if (text(body, members, "apiVersion")?.startsWith("audit.k8s.io/") !== true) return undefined;
	const items = members.filter(({ key }) => key === "items");
	const arrays = items.filter(({ start }) => body[start] === OPEN_BRACKET);
	const isEmpty = state === "whole" && items.every(({ start }) => body[start] === NULL_FIRST);
	if (isEmpty) return [];
	return arrays.length > 0 ? arrays : undefined;
}

/** A body may mention it too: this only saves a closer look at nearly every event. */
function mentionsList(body: Uint8Array): boolean {
	return bufferOf(body).includes(WORD);
}

function text(body: Uint8Array, members: readonly Member[], key: string): string | undefined {
	const member = members.find((one) => one.key === key);
	return member === undefined || member.end < 0 ? undefined : readString(body, member.start, member.end);
}

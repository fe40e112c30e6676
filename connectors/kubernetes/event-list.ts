/** Opens an EventList that lies where a single event is expected, such as a webhook body on a line. */

import type { RawRecord } from "../../src/contract/record.ts";
import { NULL_FIRST, OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanElements } from "../../src/json/elements.ts";
import { bufferOf, type Member, readString, scanObject, trimJson } from "../../src/json/scan.ts";
import { WEBHOOK } from "./origin.ts";

const WORD = Buffer.from('"EventList"');
/** Found, or found missing, eight times as fast: quotes are everywhere, this capital is not. */
const WORD_END = WORD.subarray(1);

/**
 * The list's items, of which the last may be cut; none if it has none (`items` is null when a Go slice was empty).
 * Undefined for a record that is no EventList of audit events.
 */
export function openList(record: RawRecord, depthMax: number): Iterable<RawRecord> | undefined {
	if (record.error !== undefined || !mentionsList(record.body)) return undefined;
	const body = trimJson(record.body);
	const lists = findItems(body, depthMax);
	return lists === undefined ? undefined : itemsOf(record, body, lists, depthMax);
}

function* itemsOf(record: RawRecord, body: Uint8Array, lists: readonly Member[], depthMax: number): Generator<RawRecord> {
	const origin = record.origin === undefined ? WEBHOOK : { ...record.origin, ...WEBHOOK };
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
	const buffer = bufferOf(body);
	return buffer.includes(WORD_END) && buffer.includes(WORD);
}

function text(body: Uint8Array, members: readonly Member[], key: string): string | undefined {
	const member = members.find((one) => one.key === key);
	return member === undefined || member.end < 0 ? undefined : readString(body, member.start, member.end);
}

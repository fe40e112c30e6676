/** Puts the parts of a split entry together: members, lists and strings that Cloud Logging distributed. */

import { isNumberText, isObject, parseForWriting } from "../../src/json/value.ts";
import { TYPE_KEY } from "./body.ts";

type Members = Readonly<Record<string, unknown>>;

/** Of protoPayload only these are split; all other members of an entry are in every part (cloud.google.com/logging/docs/audit/split-logs). */
const SPLIT_KEYS: ReadonlySet<string> = new Set(["metadata", "request", "response"]);

export interface PartText {
	readonly index: number;
	readonly text: string;
}

export interface Merged {
	readonly text: string;
	/** The whole entry's id: that of the parts without their indexes. */
	readonly insertId?: string;
}

/**
 * The entry that the parts were, as JSON text; `split` keeps uid and number, and loses the index.
 * The parts must be in the order of their indexes. Throws on text that is no JSON object, and on absurd nesting.
 */
export function mergeParts(parts: readonly PartText[]): Merged {
	const entries = parts.map(({ text }) => parseForWriting(text) as Members);
	const insertId = commonId(parts, entries);
	const payloads = entries.map(({ protoPayload }) => protoPayload).filter(isObject);
	const merged = Object.fromEntries([
		...firstOf(entries),
		...(insertId === undefined ? [] : [["insertId", insertId] as const]),
		...(payloads.length === 0 ? [] : [["protoPayload", mergePayloads(payloads)] as const]),
		["split", withoutIndex(entries[0]?.["split"])] as const,
	]);
	return { text: JSON.stringify(merged), ...(insertId === undefined ? {} : { insertId }) };
}

/** Each member of the first part that has it. */
function firstOf(parts: readonly Members[]): ReadonlyMap<string, unknown> {
	return new Map([...parts].reverse().flatMap((part) => Object.entries(part)));
}

function mergePayloads(payloads: readonly Members[]): Members {
	return Object.fromEntries(
		[...firstOf(payloads)].map(([key, value]) => {
			if (!SPLIT_KEYS.has(key)) return [key, value];
			const pieces = payloads.map((payload) => payload[key]).filter((piece) => piece !== undefined);
			return [key, mergeAll(pieces)];
		}),
	);
}

/** Merging pairs from the left would copy the result for each part; so each place is merged once, of all parts. */
function mergeAll(pieces: readonly unknown[]): unknown {
	const said = pieces.filter((piece) => !isFiller(piece));
	const [first] = said;
	if (said.length <= 1) return said.length === 0 ? pieces[0] : first;
	if (said.every((piece) => typeof piece === "string")) return said.join("");
	if (said.every(Array.isArray)) return mergeLists(said as readonly (readonly unknown[])[]);
	return said.every(isMembers) ? mergeMembers(said) : first;
}

/** What keeps a place in a list, or a member that another part has. */
function isFiller(value: unknown): boolean {
	return (
		value === "" || value === null || (Array.isArray(value) ? value.length === 0 : isMembers(value) && Object.keys(value).length === 0)
	);
}

/** Place by place; each element is looked at once, however many parts and places there are. */
function mergeLists(lists: readonly (readonly unknown[])[]): readonly unknown[] {
	const places: unknown[][] = [];
	for (const list of lists) {
		list.forEach((value, i) => {
			const place = places[i];
			if (place === undefined) places[i] = [value];
			else place.push(value);
		});
	}
	return places.map(mergeAll);
}

function mergeMembers(objects: readonly Members[]): Members {
	const pieces = new Map<string, unknown[]>();
	for (const object of objects) {
		for (const [key, value] of Object.entries(object)) {
			const known = pieces.get(key);
			if (known === undefined) pieces.set(key, [value]);
			else known.push(value);
		}
	}
	return Object.fromEntries([...pieces].map(([key, values]) => [key, isRepeatedType(key, values) ? values[0] : mergeAll(values)]));
}

/** A type that stands in every part is one type. */
function isRepeatedType(key: string, values: readonly unknown[]): boolean {
	return key === TYPE_KEY && values.every((value) => value === values[0]);
}

function isMembers(value: unknown): value is Members {
	return isObject(value) && !isNumberText(value);
}

function withoutIndex(split: unknown): unknown {
	if (!isObject(split)) return split;
	const { index: _, ...rest } = split;
	return rest;
}

/** The parts' ids without the index that is appended to each; the first part's id if they do not agree. */
function commonId(parts: readonly PartText[], entries: readonly Members[]): string | undefined {
	const ids = entries.map(({ insertId, operation }, i) => bareId(insertId, operation, parts[i]?.index ?? 0));
	const [first] = ids;
	if (first !== undefined && ids.every((id) => id === first)) return first;
	const own = entries[0]?.["insertId"];
	return typeof own === "string" ? own : undefined;
}

/** GKE's insertId is the operation's id; else digits of the index, and what separates them, are taken off its end. */
function bareId(insertId: unknown, operation: unknown, index: number): string | undefined {
	if (typeof insertId !== "string") return undefined;
	const operationId = isObject(operation) ? operation["id"] : undefined;
	if (typeof operationId === "string" && operationId !== "" && insertId.startsWith(operationId)) return operationId;
	return insertId.endsWith(String(index)) ? insertId.slice(0, -String(index).length).replace(/[-_.]$/, "") : insertId;
}

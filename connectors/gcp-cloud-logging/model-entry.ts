/** Reads an entry's text for the model: its times, whose it is, and what a filter may ask of it. */

import { asRecord, parseOrNone, textOrNone } from "../../src/json/value.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import { entryRecord } from "./listed-entry.ts";
import { momentOf } from "./logging-query.ts";
import type { IndexedEntry } from "./model-index.ts";
import { type PlantedPlace, plantedEntry } from "./planted-entry.ts";

type Members = Readonly<Record<string, unknown>>;

export interface StoredAs {
	/** Where it is found beside the project, folder or organisation of its log: a view. */
	readonly resource?: string | undefined;
	/** Absent: as soon as it is taken in. */
	readonly visibleAtMs?: number | undefined;
	/** Unique. */
	readonly number: number;
}

/** What filters ask of most entries; the same of all entries of a cluster, so each is kept once. */
const TRAITS = ["logName", "protoPayload.serviceName", "resource.type", "resource.labels.cluster_name", "resource.labels.location"];
const TRAITS_KEPT_MAX = 10_000;
const kept = new Map<string, Members>();

const NANOS_OF_MS = 1_000_000;

/** `value` is what the text says. Undefined if it is no entry that the service could have: one lacks its times, its log, or its id. */
export function indexedEntry(
	body: Uint8Array,
	{ resource, visibleAtMs, number }: StoredAs,
	value: Members = asRecord(parseOrNone(body)),
): IndexedEntry | undefined {
	const [logName, insertId] = [textOrNone(value["logName"]), textOrNone(value["insertId"])];
	const [timestamp, receiveTimestamp] = [value["timestamp"], value["receiveTimestamp"]].map((time) => momentOf(textOrNone(time) ?? ""));
	if (!logName?.includes("/logs/") || insertId === undefined || timestamp === undefined || receiveTimestamp === undefined) return undefined;
	const parent = logName.slice(0, logName.indexOf("/logs/"));
	const nanos = String(timestamp.nanos).padStart(6, "0");
	const traits = traitsOf(value);
	return {
		record: entryRecord(body, {
			logName,
			insertId,
			timestamp: textOrNone(value["timestamp"]),
			receiveTimestamp: textOrNone(value["receiveTimestamp"]),
		}),
		timestamp,
		receiveTimestamp,
		resources: resource === undefined ? [parent] : [parent, resource],
		// source-semantics 2.1: "Order timestamp asc|desc only, ties by insertId"
		order: `${nanos}\n${insertId}\n${logName}\n${number}`,
		// source-semantics 2.1: "same project + same timestamp + same insertId, removed only within one query result"
		twinKey: `${timestamp.ms}\n${nanos}\n${insertId}\n${parent}`,
		visibleAtMs: visibleAtMs ?? receiveTimestamp.ms,
		read: (path) => (Object.hasOwn(traits, path) ? traits[path] : memberAt(asRecord(parseOrNone(body)), path)),
	};
}

/** The entry of a planted event, with nanoseconds of its own in both times. */
export function plantedMembers(event: PlantedEvent, place: PlantedPlace, random: () => number): Members {
	const times = { timestamp: timeOf(event.timeMs, random), receiveTimestamp: timeOf(event.takenInMs, random) };
	return plantedEntry(event.serial, event.text, place, times);
}

/** RFC 3339, without zeros at the end, as the API writes it. */
function timeOf(ms: number, random: () => number): string {
	const nanos = String(Math.floor(random() * NANOS_OF_MS)).padStart(6, "0");
	const time = new Date(ms).toISOString().replace("Z", nanos);
	return `${time.replace(/\.?0+$/, "")}Z`;
}

function traitsOf(value: Members): Members {
	const traits = Object.fromEntries(TRAITS.map((path) => [path, memberAt(value, path)]));
	const key = JSON.stringify(traits);
	const known = kept.get(key);
	if (known !== undefined) return known;
	if (kept.size >= TRAITS_KEPT_MAX) kept.clear();
	kept.set(key, traits);
	return traits;
}

function memberAt(value: Members, path: string): unknown {
	return path.split(".").reduce<unknown>((at, key) => (Object.hasOwn(asRecord(at), key) ? asRecord(at)[key] : undefined), value);
}

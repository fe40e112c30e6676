/** Opens a log event of FilterLogEvents, GetLogEvents or a subscription document. */

import type { JsonObject } from "../../src/contract/json.ts";
import { type Member, scanObject } from "../../src/json/scan.ts";
import { type Entry, type Names, readEntry, stringOf } from "./entry.ts";
import { originOf } from "./origin.ts";

/**
 * `extractedFields` is what a filter pattern cut out of the message: a restatement, in which secrets would pass
 * the redaction of the message itself. It is left out, but for the two fields that AWS itself puts there.
 */
const EXTRACTED = "extractedFields";
const PLACES: ReadonlySet<string> = new Set(["logStreamName", "logGroupName", "logGroupIdentifier", EXTRACTED]);

const NAMES: Names = { message: "message", time: "timestamp", ids: ["eventId", "id"], isRest: (key) => !PLACES.has(key) };

/** The log event in these bytes, which may be cut; undefined if they are no object with a message. */
export function readLogEvent(body: Uint8Array, header: JsonObject | undefined): Entry | undefined {
	const { members } = scanObject(body);
	const entry = readEntry(body, members, NAMES, header);
	if (entry === undefined) return undefined;
	const origin = originOf({
		...sourceOf(body, members),
		logGroup: stringOf(body, members, "logGroupIdentifier") ?? stringOf(body, members, "logGroupName"),
		logStream: stringOf(body, members, "logStreamName"),
	});
	return { ...entry, origin };
}

/** Of a log event that was copied to a central account: where it came from (emitSystemFields of the subscription filter). */
function sourceOf(body: Uint8Array, members: readonly Member[]): { account: string | undefined; region: string | undefined } {
	const extracted = members.find(({ key, end }) => key === EXTRACTED && end >= 0);
	if (extracted === undefined) return { account: undefined, region: undefined };
	const fields = scanObject(body, extracted.start, extracted.end).members;
	return { account: stringOf(body, fields, "@aws.account"), region: stringOf(body, fields, "@aws.region") };
}

/** Opens a row of Logs Insights: of GetQueryResults, or of the console's export. */

import { OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanElements } from "../../src/json/elements.ts";
import { DEPTH_MAX, type Member, scanObject } from "../../src/json/scan.ts";
import { type Entry, type Names, readEntry, stringOf } from "./entry.ts";
import { originOf } from "./origin.ts";

const PLACES: ReadonlySet<string> = new Set(["@log", "@logStream", "@aws.account", "@aws.region"]);

/**
 * Only the service's own fields are kept. Fields that Insights found in the message (`responseObject.data.token`)
 * restate it, and secrets in them would pass the redaction of the message itself.
 */
const NAMES: Names = { message: "@message", time: "@timestamp", ids: ["@ptr"], isRest: (key) => key.startsWith("@") && !PLACES.has(key) };

/** The log event of a row, which may be cut; undefined if the row has no message. */
export function readRow(body: Uint8Array): Entry | undefined {
	const members = body[0] === OPEN_BRACKET ? membersOfFields(body) : scanObject(body).members;
	const entry = readEntry(body, members, NAMES);
	if (entry === undefined) return undefined;
	const origin = originOf({
		account: stringOf(body, members, "@aws.account"),
		region: stringOf(body, members, "@aws.region"),
		logGroup: stringOf(body, members, "@log"),
		logStream: stringOf(body, members, "@logStream"),
	});
	return { ...entry, origin };
}

/** `[{"field":"@message","value":"..."}]` as if it were `{"@message":"..."}`. */
function membersOfFields(body: Uint8Array): readonly Member[] {
	const row: Member[] = [];
	for (const [start, end] of scanElements(body, 0, body.length, DEPTH_MAX)) {
		const { members } = scanObject(body, start, end);
		const key = stringOf(body, members, "field");
		const value = members.find((member) => member.key === "value");
		if (key !== undefined && value !== undefined) row.push({ ...value, key });
	}
	return row;
}

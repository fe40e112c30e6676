/** What is left of an envelope once a decoder took what it knows: kept as it was, for whoever asks later. */

import type { JsonObject, JsonValue } from "../contract/json.ts";
import { QUOTE } from "./bytes.ts";
import { CUT, type Member, readString, textOf } from "./scan.ts";
import { cleanText } from "./text.ts";
import { parseOrNone } from "./value.ts";

/**
 * The members that are not `taken`, or undefined if there is none. Strings, booleans, null and numbers that survive
 * parsing are values; everything else keeps its exact text. A member that is cut or no valid JSON is left out.
 */
export function restOf(bytes: Uint8Array, members: readonly Member[], taken: (key: string) => boolean): JsonObject | undefined {
	const rest: [string, JsonValue][] = [];
	for (const member of members) {
		if (member.end === CUT || taken(member.key)) continue;
		const value = readValue(bytes.subarray(member.start, member.end));
		if (value !== undefined) rest.push([member.key.toWellFormed(), value]);
	}
	return rest.length === 0 ? undefined : Object.fromEntries(rest);
}

function readValue(bytes: Uint8Array): JsonValue | undefined {
	if (bytes[0] === QUOTE) return readString(bytes, 0, bytes.length)?.toWellFormed();
	const raw = cleanText(bytes).bytes;
	const text = textOf(raw);
	const value = parseOrNone(text);
	if (value === undefined) return undefined;
	const isPlain = value === null || typeof value === "boolean" || (typeof value === "number" && String(value) === text);
	return isPlain ? value : { raw };
}

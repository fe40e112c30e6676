/** Looks at the beginning of a file, so that connectors can tell a form by its content. */

import type { Sniff } from "../contract/connector.ts";
import type { JsonObject } from "../contract/json.ts";
import { OPEN_BRACE, OPEN_BRACKET } from "../json/bytes.ts";
import { CUT, scanObject, skipSpace, textOf } from "../json/scan.ts";
import { parseOrNone } from "../json/value.ts";
import { markLength } from "./mark.ts";

/** How much of a file is looked at. */
export const SNIFF_BYTES = 64 * 1024;

/** What the first bytes (after decompression) say. Total: any bytes give an answer. */
export function sniff(bytes: Uint8Array): Sniff {
	const head = bytes.subarray(markLength(bytes), SNIFF_BYTES);
	const start = skipSpace(head, 0);
	const inArray = head[start] === OPEN_BRACKET;
	const objectStart = inArray ? skipSpace(head, start + 1) : start;
	const text = textOf(head);
	if (head[objectStart] !== OPEN_BRACE) return { text, keys: new Set(), inArray };
	const { members } = scanObject(head, objectStart);
	const whole = members.filter((member) => member.end !== CUT);
	const object = `{${whole.map((member) => textOf(head.subarray(member.keyStart, member.end))).join(",")}}`;
	const first = parseOrNone(object) as JsonObject | undefined;
	return { text, keys: new Set(members.map((member) => member.key)), inArray, ...(first === undefined ? {} : { first }) };
}

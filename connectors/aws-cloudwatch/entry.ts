/** One log event, whichever shape it was stored in: its message, and what CloudWatch Logs says around it. */

import type { Envelope } from "../../src/contract/decode.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import type { Origin } from "../../src/contract/record.ts";
import { OPEN_BRACE, QUOTE } from "../../src/json/bytes.ts";
import { type Unquoted, unquote } from "../../src/json/quoted.ts";
import { restOf } from "../../src/json/rest.ts";
import { type Member, readString, textOf } from "../../src/json/scan.ts";
import { loggedTimeOf } from "./time.ts";

export interface Entry {
	readonly message: Unquoted;
	/** The message as it stands in the envelope, quotes and all. */
	readonly slice: Uint8Array;
	readonly envelope: Envelope;
	readonly origin: Partial<Origin>;
}

/** How framing tells decoding what it cut: the value of `shape` in a record's envelope. */
export type Shape = "log-event" | "live" | "row" | "export" | "text" | "control";

/** Which members of an entry have a place of their own. */
export interface Names {
	readonly message: string;
	readonly time: string;
	readonly ids: readonly string[];
	/** Of the other members, those that belong to `rest`. */
	readonly isRest: (key: string) => boolean;
}

/** A message that is the bytes themselves. */
export function plainMessage(bytes: Uint8Array): Pick<Entry, "message" | "slice"> {
	return { message: { bytes, what: [] }, slice: bytes };
}

/** The message and envelope among the members of an entry; undefined if it has no message. The last member may be cut. */
export function readEntry(
	body: Uint8Array,
	members: readonly Member[],
	names: Names,
	header?: JsonObject,
): Omit<Entry, "origin"> | undefined {
	const message = readMessage(body, members, names.message);
	if (message === undefined) return undefined;
	const recordId = names.ids.map((key) => stringOf(body, members, key)).find((id) => id !== undefined && id !== "");
	const time = members.find(({ key, end }) => key === names.time && end >= 0);
	const loggedTime = time === undefined ? undefined : loggedTimeOf(textOf(body.subarray(time.start, time.end)));
	const isTaken = (key: string): boolean =>
		key === names.message || (key === names.time && loggedTime !== undefined) || names.ids.includes(key) || !names.isRest(key);
	const rest = restOf(body, members, isTaken);
	return {
		...message,
		envelope: {
			...(recordId === undefined ? {} : { recordId }),
			...(loggedTime === undefined ? {} : { loggedTime }),
			...(rest === undefined && header === undefined ? {} : { rest: { ...header, ...rest } }),
		},
	};
}

/** A string, maybe cut; or, in a console export, the event itself as an object. */
function readMessage(body: Uint8Array, members: readonly Member[], key: string): Pick<Entry, "message" | "slice"> | undefined {
	const member = members.find((one) => one.key === key);
	if (member === undefined) return undefined;
	const slice = body.subarray(member.start, member.end < 0 ? body.length : member.end);
	if (slice[0] === OPEN_BRACE) return plainMessage(slice);
	const message = slice[0] === QUOTE ? unquote(slice) : undefined;
	return message === undefined ? undefined : { message, slice };
}

/** The string that a member holds; undefined if it is absent, cut or none. */
export function stringOf(body: Uint8Array, members: readonly Member[], key: string): string | undefined {
	const member = members.find((one) => one.key === key);
	if (member === undefined || member.end < 0 || body[member.start] !== QUOTE) return undefined;
	return readString(body, member.start, member.end)?.toWellFormed();
}

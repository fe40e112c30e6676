/** Reads the text of a whole event in one pass: each member where it stands, most of them from memory. */

import type { AuditEvent, Extra } from "../contract/audit-event.ts";
import { CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, QUOTE } from "../json/bytes.ts";
import { INVALID, type JsonText, jsonText, stringEnd, validEnd } from "../json/grammar.ts";
import { isAt, MEMBERS_MAX, readKey, readString, skipSpace } from "../json/scan.ts";
import { readMember } from "./member.ts";
import { AS_TEXT, FIELDS, type Field } from "./shape.ts";

/** The members of an object, as those of an event: whether it is one is for others to say. */
export interface EventRead {
	readonly event: AuditEvent;
	/** Keys outside of what is carried as exact text. If there are more than KEYS_MAX, the event lacks some. */
	readonly keyCount: number;
	/** One of the event's members has a key twice. */
	readonly repeatsKey: boolean;
	/** The event itself has a key twice: it has to be read without the first. */
	readonly repeatsMember: boolean;
}

interface Reader {
	readonly text: JsonText;
	readonly event: Record<string, unknown>;
	readonly extras: Extra[];
	at: number;
	/** The first field that an API server has not written yet. */
	nextField: number;
	/** A bit for each field that came. */
	seenFields: number;
	/** The keys that came and are no field's. */
	otherKeys: Set<string> | undefined;
	memberCount: number;
	innerKeyCount: number;
	repeatsKey: boolean;
	repeatsMember: boolean;
}

/** Reads UTF-8 that is one valid JSON object, and within DEPTH_MAX and MEMBERS_MAX; of anything else, undefined. */
export function readEvent(bytes: Uint8Array): EventRead | undefined {
	if (bytes[0] !== OPEN_BRACE) return undefined;
	const reader: Reader = {
		text: jsonText(bytes),
		event: {},
		extras: [],
		at: skipSpace(bytes, 1),
		nextField: 0,
		seenFields: 0,
		otherKeys: undefined,
		memberCount: 0,
		innerKeyCount: 0,
		repeatsKey: false,
		repeatsMember: false,
	};
	if (!readMembers(reader) || reader.at !== bytes.length) return undefined;
	const { event, extras, memberCount, innerKeyCount, repeatsKey, repeatsMember } = reader;
	if (extras.length > 0) event["extras"] = extras;
	return { event, keyCount: memberCount + innerKeyCount, repeatsKey, repeatsMember };
}

/** Goes behind the closing brace; false if the text is not valid. */
function readMembers(reader: Reader): boolean {
	const { bytes } = reader.text;
	if (bytes[reader.at] === CLOSE_BRACE) return ++reader.at > 0;
	while (passMember(reader) && ++reader.memberCount <= MEMBERS_MAX) {
		const after = skipSpace(bytes, reader.at);
		reader.at = after + 1;
		if (bytes[after] === CLOSE_BRACE) return true;
		if (bytes[after] !== COMMA) return false;
		reader.at = skipSpace(bytes, after + 1);
	}
	return false;
}

/** Each field's key as it is mostly written. */
const KEY_TEXTS = FIELDS.map(({ key }) => `"${key}":`);
const FIELD_OF: ReadonlyMap<string, number> = new Map(FIELDS.map(({ key }, index) => [key, index]));

/** Goes behind one member. */
function passMember(reader: Reader): boolean {
	const { text, at, nextField } = reader;
	const { bytes } = text;
	for (let index = nextField; index < KEY_TEXTS.length; index++) {
		const keyText = KEY_TEXTS[index] as string;
		if (isAt(keyText, bytes, at)) return passField(reader, index, skipSpace(bytes, at + keyText.length));
	}
	const keyEnd = bytes[at] === QUOTE ? stringEnd(text, at) : INVALID;
	if (keyEnd < 0) return false;
	const colon = skipSpace(bytes, keyEnd);
	const key = readKey(bytes, at, keyEnd);
	if (key === undefined || bytes[colon] !== COLON) return false;
	const index = FIELD_OF.get(key);
	const start = skipSpace(bytes, colon + 1);
	return index === undefined ? passOther(reader, key, start) : passField(reader, index, start);
}

function passField(reader: Reader, index: number, start: number): boolean {
	const { text, event } = reader;
	const { key, type, isOwn } = FIELDS[index] as Field;
	const bit = 1 << index;
	if ((reader.seenFields & bit) !== 0) reader.repeatsMember = true;
	reader.seenFields |= bit;
	reader.nextField = index + 1;
	if (!isOwn || (type !== AS_TEXT && text.bytes[start] !== QUOTE)) return passRead(reader, key, index, start);
	const end = validEnd(text, start);
	if (end < 0) return false;
	reader.at = end;
	event[key] = type === AS_TEXT ? { raw: text.bytes.subarray(start, end) } : readString(text.bytes, start, end);
	return true;
}

function passRead(reader: Reader, key: string, index: number, start: number): boolean {
	const read = readMember(reader.text, start, index);
	if (read === undefined) return false;
	reader.at = start + read.lengthBytes;
	if (read.value !== undefined) reader.event[key] = read.value;
	for (const extra of read.extras) reader.extras.push(extra);
	reader.innerKeyCount += read.keyCount;
	reader.repeatsKey ||= read.repeatsKey;
	return true;
}

function passOther(reader: Reader, key: string, start: number): boolean {
	const end = validEnd(reader.text, start);
	if (end < 0) return false;
	reader.at = end;
	reader.otherKeys ??= new Set();
	if (reader.otherKeys.has(key)) reader.repeatsMember = true;
	reader.otherKeys.add(key);
	reader.extras.push({ path: [key], value: { raw: reader.text.bytes.subarray(start, end) } });
	return true;
}

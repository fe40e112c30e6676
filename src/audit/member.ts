/** What the text of one member of an event says. The same texts come again and again: they are read once. */

import type { Extra } from "../contract/audit-event.ts";
import type { RawJson } from "../contract/json.ts";
import { QUOTE } from "../json/bytes.ts";
import { type Intern, interned, type Made } from "../json/intern.ts";
import { share } from "../json/remember.ts";
import { readString, scanObject, textOf } from "../json/scan.ts";
import { isObject } from "../json/value.ts";
import { countKeys, type Keys } from "./keys.ts";
import { lastOfEach } from "./repeated.ts";
import { AS_TEXT, type Check, FIELDS, type Field } from "./shape.ts";

/** A real event has some fifty keys outside of its bodies; each one that has no place costs hundreds of bytes of memory. */
export const KEYS_MAX = 100_000;

/** Nobody may change it. */
export interface MemberRead extends Keys, Made {
	/** Of the member's type; undefined if it is of another. */
	readonly value: unknown;
	/** What of it has no place in `value`. */
	readonly extras: readonly Extra[];
}

/** Reads the value at `start`, if it is valid; its kind is the index of its field. One of more than KEYS_MAX keys is not looked into. */
export const readMember: Intern<MemberRead> = interned(
	makeMember,
	FIELDS.map(({ isLong }) => isLong),
);

/** What it takes to keep a character of a parsed value, a key, an extra. */
const [CHARACTER_BYTES, KEY_BYTES, EXTRA_BYTES] = [8, 128, 512] as const;

type Typed = Pick<MemberRead, "value" | "extras">;
const NO_EXTRAS: readonly Extra[] = [];

function makeMember(text: Uint8Array, kind: number): MemberRead {
	const field = FIELDS[kind] as Field;
	const parsed = parsedOf(text);
	const keys = countKeys(text, parsed);
	const { value, extras } = keys.keyCount > KEYS_MAX ? untyped(field, text) : typed(field, text, parsed);
	if (typeof value === "object" && value !== null) share(value);
	const sizeBytes = text.length * CHARACTER_BYTES + keys.keyCount * KEY_BYTES + extras.length * EXTRA_BYTES;
	return { value, extras, lengthBytes: text.length, sizeBytes, keyCount: keys.keyCount, repeatsKey: keys.repeatsKey };
}

/** What JSON.parse makes of valid text. */
function parsedOf(text: Uint8Array): unknown {
	return text[0] === QUOTE ? readString(text, 0, text.length) : JSON.parse(textOf(text));
}

function typed(field: Field, text: Uint8Array, parsed: unknown): Typed {
	const { key, type } = field;
	if (typeof type === "function") return type(parsed) ? { value: parsed, extras: NO_EXTRAS } : untyped(field, text);
	return isObject(parsed) ? typedMembers(key, type, text, parsed) : untyped(field, text);
}

function untyped({ key }: Field, text: Uint8Array): Typed {
	return { value: undefined, extras: [{ path: [key], value: copyOf(text) }] };
}

function typedMembers(
	parent: string,
	types: ReadonlyMap<string, Check>,
	text: Uint8Array,
	parsed: Readonly<Record<string, unknown>>,
): Typed {
	const value: Record<string, unknown> = {};
	const extras: Extra[] = [];
	for (const { key, start, end } of lastOfEach(scanObject(text).members)) {
		const type = types.get(key);
		if (type === AS_TEXT) value[key] = copyOf(text, start, end);
		else if (type?.(parsed[key]) === true) value[key] = parsed[key];
		else extras.push({ path: [parent, key], value: copyOf(text, start, end) });
	}
	return { value, extras };
}

/** A copy, since what is remembered must not keep a whole page of records in memory. */
function copyOf(text: Uint8Array, start = 0, end = text.length): RawJson {
	return { raw: new Uint8Array(text.subarray(start, end)) };
}

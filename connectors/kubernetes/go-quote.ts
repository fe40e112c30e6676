/** Undoes Go's strconv.Quote, which is nearly but not quite a JSON string. */

import { isUtf8 } from "node:buffer";
import { COMMA, QUOTE } from "../../src/json/bytes.ts";
import { skipString, textOf } from "../../src/json/scan.ts";
import type { TextFault } from "../../src/json/text.ts";

export interface GoText {
	readonly text: string;
	/** Bytes that are no UTF-8 (Go writes them as `\xff`), half surrogates: U+FFFD stands in their place. */
	readonly what: readonly TextFault[];
}

const REPLACEMENT = "\ufffd";
const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;
const ASCII_MAX = 0x7f;
const CODE_POINT_MAX = 0x10ffff;

/** The text between the quotes. Total: an escape that Go does not know stands for the character after the backslash. */
export function unquoteGo(inside: Uint8Array): GoText {
	const what = new Set<TextFault>(isUtf8(inside) ? [] : ["invalid-utf-8"]);
	const quoted = textOf(inside);
	if (!quoted.includes("\\")) return { text: quoted, what: [...what] };
	const text = quoted.replace(ESCAPE, (_, byte?: string, short?: string, long?: string, character?: string) => {
		if (character !== undefined) return SIMPLE[character] ?? character;
		const code = Number.parseInt(byte ?? short ?? long ?? "", 16);
		if (code <= (byte === undefined ? CODE_POINT_MAX : ASCII_MAX)) return String.fromCodePoint(code);
		what.add("invalid-utf-8");
		return REPLACEMENT;
	});
	if (!text.isWellFormed()) what.add("lone-surrogate");
	return { text: text.toWellFormed(), what: [...what] };
}

/** A list such as `"system:masters","system:authenticated"`; undefined if it is none. */
export function unquoteGoList(list: string): readonly string[] | undefined {
	const bytes = Buffer.from(list, "utf8");
	const elements: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = bytes[at] === QUOTE ? skipString(bytes, at) : -1;
		if (end < 0 || (end < bytes.length && bytes[end] !== COMMA) || end === bytes.length - 1) return undefined;
		elements.push(unquoteGo(bytes.subarray(at + 1, end - 1)).text);
		at = end + 1;
	}
	return elements;
}

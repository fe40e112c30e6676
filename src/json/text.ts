/** Makes JSON text acceptable to every consumer: valid UTF-8, no lone surrogates; and says what it had to change. */

import { isUtf8 } from "node:buffer";
import { bufferOf, textOf } from "./scan.ts";

export type TextFault = "invalid-utf-8" | "lone-surrogate";

export interface CleanText {
	readonly bytes: Uint8Array;
	/** Empty: `bytes` is what came in. */
	readonly what: readonly TextFault[];
}

const REPLACEMENT_ESCAPE = "\\ufffd";
const ESCAPE_START = Buffer.from("\\u");
/** How escapes of surrogates begin. */
const SURROGATE_STARTS = [Buffer.from("\\ud"), Buffer.from("\\uD")];

/**
 * Invalid bytes become U+FFFD, escapes of lone surrogates become `\ufffd`; all other bytes stay as they are.
 * One `\ud800` makes whole loads fail in stores that hold UTF-8.
 */
export function cleanText(bytes: Uint8Array): CleanText {
	const what: TextFault[] = [];
	let clean = bytes;
	if (!isUtf8(clean)) {
		clean = Buffer.from(textOf(clean), "utf8");
		what.push("invalid-utf-8");
	}
	if (mayEscapeSurrogate(clean)) {
		const text = textOf(clean);
		const safe = replaceLoneSurrogates(text);
		if (safe !== text) {
			clean = Buffer.from(safe, "utf8");
			what.push("lone-surrogate");
		}
	}
	return { bytes: clean, what };
}

function mayEscapeSurrogate(bytes: Uint8Array): boolean {
	const buffer = bufferOf(bytes);
	// Most texts have no escape of this kind at all: one look is enough for them.
	return buffer.includes(ESCAPE_START) && SURROGATE_STARTS.some((start) => buffer.includes(start));
}

/** Every escape is consumed in turn, so that the `\ud800` in `\\ud800` (a backslash and five letters) is left alone. */
const ESCAPES = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|[\s\S])/g;
const LONE_LENGTH = "\\ud800".length;

function replaceLoneSurrogates(text: string): string {
	return text.replace(ESCAPES, (found) => (found.length === LONE_LENGTH ? REPLACEMENT_ESCAPE : found));
}

/** The text inside a JSON string: how log services carry a record in a record. */

import { isUtf8 } from "node:buffer";
import { QUOTE } from "./bytes.ts";
import { CUT, skipString, textOf } from "./scan.ts";
import type { TextFault } from "./text.ts";
import { parseOrNone } from "./value.ts";

export interface Unquoted {
	readonly bytes: Uint8Array;
	/** What the string had that UTF-8 cannot carry; U+FFFD stands in its place. */
	readonly what: readonly TextFault[];
}

/** An escape is at the longest `\uXXXX`: a cut inside it leaves less than this many characters of it. */
const ESCAPE_LENGTH = 6;

/** The text of the string whose JSON, opening quote included, these bytes are; it may be cut. Undefined if it is no JSON string. */
export function unquote(quoted: Uint8Array): Unquoted | undefined {
	const end = quoted[0] === QUOTE ? skipString(quoted, 0) : 0;
	if (end !== CUT && end !== quoted.length) return undefined;
	if (end === quoted.length) {
		const value = parseString(textOf(quoted));
		if (value === undefined) return undefined;
		const what: TextFault[] = isUtf8(quoted) ? [] : ["invalid-utf-8"];
		if (!value.isWellFormed()) what.push("lone-surrogate");
		return { bytes: Buffer.from(value, "utf8"), what };
	}
	const text = textOf(quoted);
	for (let dropped = 0; dropped < ESCAPE_LENGTH && dropped < text.length; dropped++) {
		const value = parseString(`${text.slice(0, text.length - dropped)}"`);
		if (value !== undefined) return { bytes: Buffer.from(value, "utf8"), what: [] };
	}
	return undefined;
}

function parseString(text: string): string | undefined {
	const value = parseOrNone(text);
	return typeof value === "string" ? value : undefined;
}

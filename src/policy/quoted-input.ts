/** Finds where an error text quotes what the client sent, as the API server does when it refuses an object. */

import type { Span } from "./credential-text.ts";

/**
 * Each with the quoted part as its last group, at the end of what is found:
 * field errors (apimachinery pkg/util/validation/field/errors.go: `Invalid value: "x": …`, also numbers, objects and Go maps),
 * number parsers (`parsing "x"`), and JSON parsers that show where they stopped (`({not json)`, `error found in … of ...|x|...`).
 */
const QUOTES: readonly RegExp[] = [
	/\b(?:Invalid|Unsupported|Duplicate) value: ("(?:[^"\\]|\\[\s\S])*"?)/g,
	/\b(?:Invalid|Unsupported|Duplicate) value: ((?!")(?:[[{]|map\[|&|0x)[\s\S]*)/g,
	/\b(?:Invalid|Unsupported|Duplicate) value: ((?!"|[[{]|map\[|&|0x)[^\s:,\]]+)/g,
	/\bparsing ("(?:[^"\\]|\\[\s\S])*"?)/g,
	/\berror found in #[0-9]+ byte of ([\s\S]*)/g,
	/\b(?:unrecognized|couldn't get version\/kind|json parse error|error parsing|yaml|unable to decode)\b[^(]*(?:\([^){]*\)[^(]*)*(\(?\{[\s\S]*)/g,
];

/** The parts of the text that quote input; each kind of quotation is found where it stands, none inside another. */
export function findQuotedInput(text: string): readonly Span[] {
	const spans: Span[] = [];
	for (const quote of QUOTES) {
		quote.lastIndex = 0;
		for (let found = quote.exec(text); found !== null; found = quote.exec(text)) {
			const end = found.index + found[0].length;
			spans.push({ start: end - (found[1] as string).length, end });
		}
	}
	return spans;
}

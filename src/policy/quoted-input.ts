/** Finds where an error text quotes what the client sent, as the API server does when it refuses an object. */

import { mergeSpans, type Span } from "./span.ts";

/**
 * Each with the quoted part as its only group, at the end of what is found. Field errors (apimachinery
 * pkg/util/validation/field/errors.go) print strings in quotes, numbers as they are, and everything else as Go or JSON text of
 * which nobody can tell the end: from there on nothing is kept. JSON parsers show where they stopped: `({not json)`, `of ...|x|...`.
 */
const QUOTES: readonly RegExp[] = [
	/\b(?:Invalid|Unsupported|Duplicate) value: ("(?:[^"\\]|\\[\s\S])*"?)/g,
	/\b(?:Invalid|Unsupported|Duplicate) value: (?!hmac-sha256:)([\w.+-]+)(?=[:,\s\]]|$)/g,
	/\b(?:Invalid|Unsupported|Duplicate) value: ((?!"|\[REDACTED\]|hmac-sha256:)(?![\w.+-]+(?:[:,\s\]]|$))[\s\S]+)/g,
	/\bparsing ("(?:[^"\\]|\\[\s\S])*"?)/g,
	/\bjson parse error: [^(]{0,400}(\([\s\S]*)/g,
	/\bbyte of (\.\.\.\|[\s\S]*)/g,
	/(\(\{[\s\S]*)/g,
];

/** What none of them can do without. */
const MAY_QUOTE = /value: |parsing "|parse error|byte of|\(\{/;

/** The parts of the text that quote input. */
export function findQuotedInput(text: string): readonly Span[] {
	if (!MAY_QUOTE.test(text)) return [];
	const spans: Span[] = [];
	for (const quote of QUOTES) {
		quote.lastIndex = 0;
		for (let found = quote.exec(text); found !== null; found = quote.exec(text)) {
			const end = found.index + found[0].length;
			spans.push({ start: end - (found[1] as string).length, end });
		}
	}
	return mergeSpans(spans);
}

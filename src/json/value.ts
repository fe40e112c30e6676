/** Tells what parsed values are, and parses JSON that may be invalid, or without changing its numbers. */

import { textOf } from "./scan.ts";

/** Whether a parsed value is a JSON object: no array, no null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a JSON object, else one without members: for looking into what may not be there. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
	return isObject(value) ? value : {};
}

/** The value if it is text and not empty. */
export function textOrNone(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}

/** Whether a value is an object of strings only, as labels and annotations are. */
export function isStringMap(value: unknown): value is Readonly<Record<string, string>> {
	return isObject(value) && Object.values(value).every((member) => typeof member === "string");
}

/** The value of JSON text; undefined, which is no JSON value, if the text is not valid. */
export function parseOrNone(text: string | Uint8Array): unknown {
	try {
		return JSON.parse(typeof text === "string" ? text : textOf(text));
	} catch {
		return undefined;
	}
}

/**
 * The value of valid JSON text, in which a number that JavaScript would print otherwise (beyond 2^53, 1e400, 1.0)
 * is what `ofSource` makes of its exact text. Throws where JSON.parse throws.
 */
export function parseNumbers(text: string, ofSource: (source: string) => unknown): unknown {
	const keep = (_key: string, value: unknown, context: { readonly source?: string }): unknown =>
		typeof value !== "number" || context.source === undefined || String(value) === context.source ? value : ofSource(context.source);
	// The third argument is newer than the language's types.
	return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

interface RawJsonApi {
	rawJSON(text: string): object;
	isRawJSON(value: unknown): boolean;
}

/** Newer than the language's types. */
const rawJsonApi = JSON as unknown as RawJsonApi;

/** The value of valid JSON text, which JSON.stringify writes with the numbers it had. Throws where JSON.parse throws. */
export function parseForWriting(text: string): unknown {
	return parseNumbers(text, rawJsonApi.rawJSON);
}

/** Whether a value of `parseForWriting` is a number that is kept as text. */
export function isNumberText(value: unknown): boolean {
	return rawJsonApi.isRawJSON(value);
}

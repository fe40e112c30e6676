/** Finds the values at given places in the text of a JSON object, in one pass and without parsing the rest of it. */

import { BACKSLASH, CLOSE_BRACE, COMMA, OPEN_BRACE } from "./bytes.ts";
import { INVALID, type JsonText, jsonText, stringEnd, validEnd } from "./grammar.ts";
import { isAt, readString, skipSpace } from "./scan.ts";

/** A member to look at: what is wanted is its value, or something inside it. */
export interface Place {
	readonly key: string;
	/** Places inside; none if the value itself is wanted. */
	readonly inside: readonly Place[];
	/** The wanted values here and inside are the ones from `first` up to `last`, which is not one of them. */
	readonly first: number;
	readonly last: number;
}

/** Members by name, `true` where the value is wanted. */
interface Wanted {
	readonly [key: string]: true | Wanted;
}

/** Numbers the places in their order. */
export function placesOf(wanted: Wanted, first = 0): readonly Place[] {
	let next = first;
	return Object.entries(wanted).map(([key, what]) => {
		const inside = what === true ? [] : placesOf(what, next);
		const place = { key, inside, first: next, last: inside.at(-1)?.last ?? next + 1 };
		next = place.last;
		return place;
	});
}

/** The exact text of each value, undefined where there is none. The bytes must be valid JSON; of a repeated key the last counts. */
export function findAt(places: readonly Place[], bytes: Uint8Array): readonly (Uint8Array | undefined)[] {
	const found: (Uint8Array | undefined)[] = new Array(places.at(-1)?.last ?? 0).fill(undefined);
	if (bytes[0] === OPEN_BRACE) visitMembers(jsonText(bytes), 0, places, found);
	return found;
}

/** Goes behind the object that opens at `start`; INVALID where the text is. It goes as deep as the places do. */
function visitMembers(text: JsonText, start: number, places: readonly Place[], found: (Uint8Array | undefined)[]): number {
	const { bytes } = text;
	let at = skipSpace(bytes, start + 1);
	if (bytes[at] === CLOSE_BRACE) return at + 1;
	for (;;) {
		const keyEnd = stringEnd(text, at);
		const value = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
		const place = placeOf(places, bytes, at, keyEnd);
		const end = place === undefined ? validEnd(text, value) : visitPlace(text, value, place, found);
		if (end < 0 || keyEnd < 0) return INVALID;
		at = skipSpace(bytes, end);
		if (bytes[at] !== COMMA) return at + 1;
		at = skipSpace(bytes, at + 1);
	}
}

function visitPlace(text: JsonText, start: number, { inside, first, last }: Place, found: (Uint8Array | undefined)[]): number {
	const { bytes } = text;
	found.fill(undefined, first, last);
	if (inside.length > 0 && bytes[start] === OPEN_BRACE) return visitMembers(text, start, inside, found);
	const end = validEnd(text, start);
	if (inside.length === 0 && end >= 0) found[first] = bytes.subarray(start, end);
	return end;
}

function placeOf(places: readonly Place[], bytes: Uint8Array, start: number, end: number): Place | undefined {
	const length = end - start - 2;
	for (const place of places) if (place.key.length === length && isAt(place.key, bytes, start + 1)) return place;
	if (!hasEscape(bytes, start, end)) return undefined;
	const key = readString(bytes, start, end);
	return places.find((place) => place.key === key);
}

function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
	return false;
}

/** Finds the values at given places in the text of a JSON object, in one pass and without parsing the rest of it. */

import { BACKSLASH, CLOSE_BRACE, COMMA, OPEN_BRACE } from "./bytes.ts";
import { DEPTH_MAX, isAt, readString, skipSpace, skipString, skipValue } from "./scan.ts";

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

/** The exact text of each value, undefined where there is none. The text must be valid JSON; of a repeated key the last counts. */
export function findAt(places: readonly Place[], text: Uint8Array): readonly (Uint8Array | undefined)[] {
	const found: (Uint8Array | undefined)[] = new Array(places.at(-1)?.last ?? 0).fill(undefined);
	if (text[0] === OPEN_BRACE) visitMembers(text, 0, places, found);
	return found;
}

/** Goes behind the object that opens at `start`; below 0 where the text is no JSON. It goes as deep as the places do. */
function visitMembers(text: Uint8Array, start: number, places: readonly Place[], found: (Uint8Array | undefined)[]): number {
	let at = skipSpace(text, start + 1);
	if (text[at] === CLOSE_BRACE) return at + 1;
	for (;;) {
		const keyEnd = skipString(text, at);
		const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
		const place = placeOf(places, text, at, keyEnd);
		const end = place === undefined ? skipValue(text, value, text.length, DEPTH_MAX) : visitPlace(text, value, place, found);
		if (end < 0 || keyEnd < 0) return -1;
		at = skipSpace(text, end);
		if (text[at] !== COMMA) return at + 1;
		at = skipSpace(text, at + 1);
	}
}

function visitPlace(text: Uint8Array, start: number, { inside, first, last }: Place, found: (Uint8Array | undefined)[]): number {
	found.fill(undefined, first, last);
	if (inside.length > 0 && text[start] === OPEN_BRACE) return visitMembers(text, start, inside, found);
	const end = skipValue(text, start, text.length, DEPTH_MAX);
	if (inside.length === 0 && end >= 0) found[first] = text.subarray(start, end);
	return end;
}

function placeOf(places: readonly Place[], text: Uint8Array, start: number, end: number): Place | undefined {
	const length = end - start - 2;
	for (const place of places) if (place.key.length === length && isAt(place.key, text, start + 1)) return place;
	if (!hasEscape(text, start, end)) return undefined;
	const key = readString(text, start, end);
	return places.find((place) => place.key === key);
}

function hasEscape(text: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at++) if (text[at] === BACKSLASH) return true;
	return false;
}

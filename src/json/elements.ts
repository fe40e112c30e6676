/** The elements of an array that may end early: what came is found, down to the last piece. */

import { CLOSE_BRACKET, COMMA, OPEN_BRACKET } from "./bytes.ts";
import { isSpace, skipSpace, skipValue } from "./scan.ts";

/**
 * Yields the elements of the array that opens at `start`, as [start, end) pairs; none if none opens there.
 * Where the text is cut, broken or too deep, all that is left of it is the last element, so that nothing is lost.
 * One by one, since an array may have more elements than there is memory for their places.
 */
export function* scanElements(bytes: Uint8Array, start: number, end: number, depthMax: number): Generator<readonly [number, number]> {
	if (bytes[start] !== OPEN_BRACKET) return;
	let at = skipSpace(bytes, start + 1, end);
	while (at < end && bytes[at] !== CLOSE_BRACKET) {
		const elementEnd = skipValue(bytes, at, end, depthMax);
		const next = elementEnd < 0 ? end : skipSpace(bytes, elementEnd, end);
		const goesOn = elementEnd >= 0 && (next >= end || bytes[next] === COMMA || bytes[next] === CLOSE_BRACKET);
		yield [at, goesOn ? elementEnd : trimmedEnd(bytes, at, end)];
		if (!goesOn) return;
		at = bytes[next] === COMMA ? skipSpace(bytes, next + 1, end) : next;
	}
}

function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
	let at = end;
	while (at > start && isSpace(bytes[at - 1])) at--;
	return at;
}

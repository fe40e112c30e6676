/** Cuts a request or response out of a log entry: its exact bytes, without the `@type` that Google Cloud adds. */

import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { type Member, scanObject } from "../../src/json/scan.ts";

export const TYPE_KEY = "@type";

/**
 * The bytes of the value at [start, end), without its members `@type`; all other bytes stay as they are.
 * A body of nothing but a type is `{}`; an array or a scalar is left whole, and so is what is nested.
 */
export function bodyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
	const body = bytes.subarray(start, end);
	if (body[0] !== OPEN_BRACE) return body;
	const cuts = cutsOf(scanObject(body).members);
	if (cuts.length === 0) return body;
	const pieces: Uint8Array[] = [];
	let from = 0;
	for (const [cutStart, cutEnd] of cuts) {
		pieces.push(body.subarray(from, cutStart));
		from = cutEnd;
	}
	return Buffer.concat([...pieces, body.subarray(from)]);
}

/** Before the last member that stays, a member goes with its comma after it; behind that, with the comma before. */
function cutsOf(members: readonly Member[]): readonly (readonly [number, number])[] {
	const lastKept = members.findLastIndex(({ key }) => key !== TYPE_KEY);
	const cuts: [number, number][] = [];
	members.slice(0, lastKept + 1).forEach(({ key, keyStart }, i) => {
		if (key === TYPE_KEY) cuts.push([keyStart, (members[i + 1] as Member).keyStart]);
	});
	const tail = members.slice(lastKept + 1);
	const [first, last] = [tail[0], tail.at(-1)];
	if (first !== undefined && last !== undefined) cuts.push([members[lastKept]?.end ?? first.keyStart, last.end]);
	return cuts;
}

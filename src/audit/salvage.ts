/** Rescues the beginning of an event whose text was cut: only what arrived whole is kept, nothing is guessed. */

import { CUT, type Member, type Scan, scanObject, textOf } from "../json/scan.ts";
import { NESTED } from "./shape.ts";

/** What the EKS log agent writes at the end of an entry that it cut. */
const MARKER = "[Truncated...]";

export interface Closed {
	/** The members that arrived whole, as one valid object (if they were valid). */
	readonly bytes: Uint8Array;
	/** The member in which the text ends. */
	readonly cutIn?: string;
}

/** The text without the marker that says it was cut; the same bytes if there is none. */
export function withoutMarker(text: Uint8Array): Uint8Array {
	const tail = textOf(text.subarray(Math.max(0, text.length - MARKER.length)));
	return tail === MARKER ? text.subarray(0, text.length - MARKER.length) : text;
}

/**
 * Closes an object that was cut. A string or number in which the cut lies is dropped, and so is a cut body;
 * of a cut `user`, `objectRef`, ... the whole members are kept, if there are any.
 */
export function closeCutObject(text: Uint8Array, scan: Scan): Closed {
	const last = scan.members.at(-1);
	const cut = last?.end === CUT ? last : undefined;
	const kept = cut === undefined ? scan.members : scan.members.slice(0, -1);
	const parts = kept.map((member) => textOf(text, member.keyStart, member.end));
	const nested = cut !== undefined && NESTED.has(cut.key) ? wholeMembers(text, cut) : [];
	if (cut !== undefined && nested.length > 0) parts.push(`${JSON.stringify(cut.key)}:{${nested.join(",")}}`);
	return { bytes: Buffer.from(`{${parts.join(",")}}`, "utf8"), ...(cut === undefined ? {} : { cutIn: cut.key }) };
}

function wholeMembers(text: Uint8Array, { start }: Member): readonly string[] {
	const whole = scanObject(text, start).members.filter((member) => member.end !== CUT);
	return whole.map((member) => textOf(text, member.keyStart, member.end));
}

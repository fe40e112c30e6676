/** Rescues the beginning of an event whose text was cut: only what arrived whole is kept, nothing is guessed. */

import { CUT, type Member, type Scan, scanObject, textOf, trimJson } from "../json/scan.ts";
import { objectOf, textsOf } from "./repeated.ts";
import { isNested } from "./shape.ts";

/** What the EKS log agent writes at the end of an entry that it cut. */
const MARKER = "[Truncated...]";

export interface Closed {
	/** The members that arrived whole, as one valid object (if they were valid). */
	readonly bytes: Uint8Array;
	/** The member in which the text ends. */
	readonly cutIn?: string;
}

/** A cut text, closed; undefined if it is broken rather than cut. */
export function closeCutText(text: Uint8Array): Closed | undefined {
	const body = trimJson(withoutMarker(text));
	const scan = scanObject(body);
	if (scan.state === "whole" && scan.end === body.length) return { bytes: body };
	return scan.state === "cut" ? closeCutObject(body, scan) : undefined;
}

/** The text without the marker that says it was cut; the same bytes if there is none. */
function withoutMarker(text: Uint8Array): Uint8Array {
	const tail = textOf(text.subarray(Math.max(0, text.length - MARKER.length)));
	return tail === MARKER ? text.subarray(0, text.length - MARKER.length) : text;
}

/**
 * A string or number in which the cut lies is dropped, and so is a cut body; of a cut `user`, `objectRef`, ...
 * the whole members are kept, if there are any.
 */
function closeCutObject(text: Uint8Array, scan: Scan): Closed {
	const last = scan.members.at(-1);
	const cut = last?.end === CUT ? last : undefined;
	const kept = cut === undefined ? scan.members : scan.members.slice(0, -1);
	const parts = textsOf(text, kept);
	const nested = cut !== undefined && isNested(cut.key) ? wholeMembers(text, cut) : [];
	if (cut !== undefined && nested.length > 0) parts.push(`${JSON.stringify(cut.key)}:{${nested.join(",")}}`);
	return { bytes: objectOf(parts), ...(cut === undefined ? {} : { cutIn: cut.key }) };
}

function wholeMembers(text: Uint8Array, { start }: Member): readonly string[] {
	const whole = scanObject(text, start).members.filter((member) => member.end !== CUT);
	return textsOf(text, whole);
}

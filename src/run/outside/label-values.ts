/** Keeps the values of a metric's label few and short, whatever names the outside brings. */

import { printable } from "../printable.ts";

const CHARS_MAX = 200;
export const OTHER = "other";

/** Gives the value that stands for a name. After `most` different ones, it is "other" for all that were not there before. */
export function createLabelValues(most: number): (name: string) => string {
	const known = new Map<string, string>();
	return (name) => {
		const short = name.length > CHARS_MAX ? name.slice(0, CHARS_MAX) : name;
		const value = known.get(short);
		if (value !== undefined) return value;
		if (known.size >= most) return OTHER;
		// What is no text would be written as the same replacement character for different names: two series of one name.
		const clean = printable(short.toWellFormed(), CHARS_MAX);
		known.set(short, clean);
		return clean;
	};
}

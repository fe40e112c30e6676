/**
 * The syntax in which users name places in an event.
 *
 * A path is segments joined by dots, from the event's root: `requestObject.spec.foo`, `annotations.my-key`, `user.extra.arn`,
 * `envelope.…`. `*` is any one key or index, `**` any number of segments, also none; array indexes are segments (`items.0`).
 * A key with dots, stars or quotes is written in double quotes, with `\"` and `\\` inside: `annotations."my.key/x"`.
 * A path stands for the value there and for all below it.
 */

import { CollectorError } from "../contract/errors.ts";

export type Path = readonly (string | number)[];

/** A key, any one segment, or any number of segments. */
type Segment = { readonly key: string } | "*" | "**";

/** Whether a value at a path is meant by one of the patterns. */
export type PathMatch = (path: Path) => boolean;

/** Compiles patterns; none: undefined. Throws CONFIG_INVALID for a pattern that has no meaning. */
export function compilePaths(patterns: readonly string[]): PathMatch | undefined {
	if (patterns.length === 0) return undefined;
	const compiled = patterns.map(parsePath);
	return (path) => compiled.some((segments) => matches(segments, path));
}

/** One segment: quoted, or up to the next dot. */
const SEGMENT = /"((?:[^"\\]|\\["\\])*)"|([^".]+)/y;

function parsePath(pattern: string): readonly Segment[] {
	const segments: Segment[] = [];
	SEGMENT.lastIndex = 0;
	for (;;) {
		const found = SEGMENT.exec(pattern);
		if (found === null) throw invalid(pattern);
		const [, quoted, plain] = found;
		const end = found.index + found[0].length;
		segments.push(plain === "*" || plain === "**" ? plain : { key: plain ?? (quoted as string).replace(/\\(.)/g, "$1") });
		if (end === pattern.length) return segments;
		if (pattern[end] !== ".") throw invalid(pattern);
		SEGMENT.lastIndex = end + 1;
	}
}

function invalid(pattern: string): CollectorError {
	const hint = 'write segments joined by dots, "quoted" where a key has dots, such as annotations."my.key/x" or requestObject.spec.*';
	return new CollectorError("CONFIG_INVALID", `cannot read the redaction path ${JSON.stringify(pattern)}: ${hint}`);
}

/** Glob matching with one point of return: what follows the last `**` may slide, what is before it is settled. */
function matches(segments: readonly Segment[], path: Path): boolean {
	let [at, next] = [0, 0];
	let [star, starAt] = [-1, 0];
	while (at < path.length) {
		const segment = segments[next];
		if (segment === "**") {
			[star, starAt] = [next++, at];
		} else if (segment !== undefined && fits(segment, path[at] as string | number)) {
			at++;
			next++;
		} else if (star >= 0) {
			next = star + 1;
			at = ++starAt;
		} else return false;
	}
	while (segments[next] === "**") next++;
	return next === segments.length;
}

function fits(segment: Exclude<Segment, "**">, key: string | number): boolean {
	return segment === "*" || segment.key === String(key);
}

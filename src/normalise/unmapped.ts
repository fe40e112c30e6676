/** Collects what has no home in OCSF, at its own path, so that it can be put back exactly. */

import type { JsonObject, JsonValue } from "../contract/json.ts";

/** A growing object whose keys are anybody's: it has no prototype, so `__proto__` is a key like others. */
export type Leftovers = { [key: string]: JsonValue | undefined };

export function newLeftovers(): Leftovers {
	return Object.create(null) as Leftovers;
}

/** Puts `value` at `path`, which must not be empty; objects on the way are made as needed. */
export function keep(leftovers: Leftovers, path: readonly string[], value: JsonValue): void {
	let at = leftovers;
	for (const key of path.slice(0, -1)) {
		const inner = at[key];
		at = isTree(inner) ? inner : (at[key] = Object.assign(newLeftovers(), inner));
	}
	at[path.at(-1) as string] = value;
}

/** Undefined instead of an object without members. */
export function unlessEmpty(value: JsonObject): JsonObject | undefined {
	for (const _ in value) return value;
	return undefined;
}

function isTree(value: JsonValue | undefined): value is Leftovers {
	return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

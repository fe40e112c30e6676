/** Collects what has no home in OCSF, at its own path, so that it can be put back exactly. */

import type { JsonObject, JsonValue } from "../contract/json.ts";
import { newTree, place, type Tree } from "../json/tree.ts";

/** What is left over of one event. */
export type Leftovers = Tree;

export function newLeftovers(): Leftovers {
	return newTree();
}

/** Puts `value` at `path`, which must not be empty. */
export function keep(leftovers: Leftovers, path: readonly string[], value: JsonValue): void {
	place(leftovers, path, value);
}

/** Undefined instead of an object without members. */
export function unlessEmpty(value: JsonObject): JsonObject | undefined {
	for (const _ in value) return value;
	return undefined;
}

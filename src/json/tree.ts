/** A JSON object that grows member by member, at paths that are anybody's. */

import type { JsonObject, JsonValue } from "../contract/json.ts";
import { isRaw } from "./raw.ts";
import { isObject } from "./value.ts";

/** It has no prototype, so `__proto__` is a key like others. */
export type Tree = { [key: string]: JsonValue | undefined };

/** A tree with the members of `from`. */
export function newTree(from?: JsonObject): Tree {
	return Object.assign(Object.create(null) as Tree, from);
}

/**
 * Puts `value` at `path`, which must not be empty; objects on the way are made as needed. An object that is no tree yet
 * gives way to a copy that is one: what was read from outside is never written to, and is copied only once.
 */
export function place(tree: Tree, path: readonly string[], value: JsonValue): void {
	const last = path.length - 1;
	let at = tree;
	for (let i = 0; i < last; i++) {
		const key = path[i] as string;
		const inner = at[key];
		if (isTree(inner)) at = inner;
		else at = at[key] = newTree(isObject(inner) && !isRaw(inner) ? (inner as JsonObject) : undefined);
	}
	at[path[last] as string] = value;
}

function isTree(value: JsonValue | undefined): value is Tree {
	return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

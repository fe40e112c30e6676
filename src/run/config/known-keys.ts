/** Which keys a schema knows at a place: for faults that say what was probably meant. */

import { z } from "zod";
import { isObject } from "../../json/value.ts";
import type { Path } from "./yaml-tree.ts";

/** None if that cannot be told: a connector of others may check its settings by something else than zod. */
export function knownKeys(schema: unknown, path: Path): readonly string[] {
	try {
		const json: unknown = z.toJSONSchema(schema as z.ZodType, { io: "input", unrepresentable: "any" });
		const there = path.reduce<readonly unknown[]>((nodes, step) => nodes.flatMap((node) => below(node, step)), branches(json));
		return [...new Set(there.flatMap(keysOf))];
	} catch {
		return [];
	}
}

function branches(node: unknown): readonly unknown[] {
	if (!isObject(node)) return [];
	const inner = ["anyOf", "oneOf", "allOf"].flatMap((key) => (Array.isArray(node[key]) ? node[key] : []));
	return [node, ...inner.flatMap(branches)];
}

function below(node: unknown, step: string | number): readonly unknown[] {
	if (!isObject(node)) return [];
	if (typeof step === "number") return branches(node["items"]);
	const properties = isObject(node["properties"]) ? node["properties"] : {};
	return branches(Object.hasOwn(properties, step) ? properties[step] : node["additionalProperties"]);
}

function keysOf(node: unknown): readonly string[] {
	if (!isObject(node)) return [];
	const names = isObject(node["propertyNames"]) ? node["propertyNames"]["enum"] : undefined;
	return [...Object.keys(isObject(node["properties"]) ? node["properties"] : {}), ...(Array.isArray(names) ? names.map(String) : [])];
}

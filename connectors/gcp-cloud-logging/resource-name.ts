/** Reads `methodName` and `resourceName`: the verb, and which object of which API group the call was about. */

import type { ObjectRef } from "../../src/contract/audit-event.ts";

const CORE = "core";
const NAMESPACES = "namespaces";
/** The only subresources of a Namespace. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(["finalize", "status"]);
const PREFIX = "io.k8s.";

/** The last part of the method name, of resource and non-resource requests alike. */
export function verbOf(methodName: string): string | undefined {
	const verb = methodName.slice(methodName.lastIndexOf(".") + 1);
	return verb === "" ? undefined : verb;
}

/**
 * The object, from `<group|core>/<version>/[namespaces/<ns>/]<resource>[/<name>[/<subresource>[/<path>]]]`;
 * undefined if the request was for no resource (`io.k8s.<verb>`). Any text gives an answer.
 * Group and version are taken from here, since the method name has the group's labels reversed.
 */
export function objectRefOf(methodName: string, resourceName: string): ObjectRef | undefined {
	if (isNonResource(methodName)) return undefined;
	const [group, version, ...path] = resourceName.split("/");
	if (group === undefined || version === undefined || path.length === 0) return undefined;
	const words = wordsOf(methodName, group, version);
	const { resource, name, subresource, namespace } = targetOf(path, words, verbOf(methodName));
	if (!resource) return undefined;
	return {
		...text("resource", resource),
		...text("namespace", namespace),
		...text("name", name),
		...(group === CORE ? {} : text("apiGroup", group)),
		...text("apiVersion", version),
		...text("subresource", subresource ?? words?.[1]),
	};
}

function isNonResource(methodName: string): boolean {
	return methodName.startsWith(PREFIX) && !methodName.includes(".", PREFIX.length);
}

/** Resource and subresource as the method names them; undefined if its version cannot be found (names made up by hand). */
function wordsOf(methodName: string, group: string, version: string): readonly string[] | undefined {
	const reversed = group.includes(".") ? group.split(".").reverse().join(".") : PREFIX + group;
	const prefix = `${reversed}.${version}.`;
	if (methodName.startsWith(prefix)) return methodName.slice(prefix.length).split(".").slice(0, -1);
	const parts = methodName.split(".").slice(0, -1);
	const at = parts.indexOf(version);
	return at < 0 ? undefined : parts.slice(at + 1);
}

interface Target {
	readonly resource?: string | undefined;
	readonly namespace?: string | undefined;
	readonly name?: string | undefined;
	readonly subresource?: string | undefined;
}

function targetOf(path: readonly string[], words: readonly string[] | undefined, verb: string | undefined): Target {
	const [first, second, ...deeper] = path;
	if (first !== NAMESPACES) return { resource: first, name: second, subresource: deeper[0] };
	if (!isNamespace(path, words)) {
		const [resource = words?.[0], name, subresource] = deeper;
		return { resource, namespace: second, name, subresource };
	}
	// The API server takes a Namespace to be inside itself, unless it does not exist yet.
	const namespace = verb === "create" && deeper.length === 0 ? undefined : second;
	return { resource: NAMESPACES, namespace, name: second, subresource: deeper[0] };
}

/** Whether `namespaces/x...` is the Namespace x, and not a place in it: the method decides, if it can be read. */
function isNamespace(path: readonly string[], words: readonly string[] | undefined): boolean {
	if (words?.[0] !== undefined) return words[0] === NAMESPACES;
	return path.length <= 2 || (path.length === 3 && NAMESPACE_SUBRESOURCES.has(path[2] as string));
}

function text<K extends keyof ObjectRef>(key: K, value: string | undefined): { [key in K]?: string } {
	return (value ? { [key]: value } : {}) as { [key in K]?: string };
}

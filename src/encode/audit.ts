/** AuditEvent -> the text of an audit.k8s.io/v1 event, for consumers that want it as Kubernetes writes it. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import { isRaw, joinParts, type Parts, writeJson } from "./raw-text.ts";

const VERSION = "audit.k8s.io/v1";

/**
 * Members in the order of the API server. `kind` and `apiVersion` are filled in where the source lacks them
 * (items of lists, Google Cloud): without them no consumer would know the text. Nothing else is.
 */
export function encodeAudit(event: AuditEvent): Uint8Array {
	const { extras = [], kind = "Event", apiVersion = VERSION, ...rest } = event;
	const root: Record<string, JsonValue | undefined> = Object.assign(Object.create(null), { kind, apiVersion }, rest);
	for (const { path, value } of extras) put(root, path, value);
	const parts: Parts = [];
	writeJson(root as JsonObject, parts);
	return joinParts(parts);
}

function put(root: Record<string, JsonValue | undefined>, path: readonly string[], value: JsonValue): void {
	let at = root;
	for (const key of path.slice(0, -1)) {
		const inner = at[key];
		const isObject = typeof inner === "object" && inner !== null && !isRaw(inner) && !Array.isArray(inner);
		at = at[key] = Object.assign(Object.create(null), isObject ? inner : {}) as Record<string, JsonValue | undefined>;
	}
	at[path.at(-1) as string] = value;
}

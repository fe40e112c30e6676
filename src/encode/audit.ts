/** AuditEvent -> the text of an audit.k8s.io/v1 event, for consumers that want it as Kubernetes writes it. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { JsonObject } from "../contract/json.ts";
import { newTree, place, type Tree } from "../json/tree.ts";
import { writeLine } from "./line.ts";
import { writeJson } from "./write-json.ts";

const VERSION = "audit.k8s.io/v1";

/**
 * Members in the order of the API server. `kind` and `apiVersion` are filled in where the source lacks them
 * (items of lists, Google Cloud): without them no consumer would know the text. Nothing else is.
 */
export function encodeAudit(event: AuditEvent): Uint8Array {
	return writeLine(auditTree({ kind: "Event", apiVersion: VERSION, ...event }), writeJson);
}

/** The event as one object, with the extras at their paths. */
export function auditTree({ extras = [], ...members }: AuditEvent): Tree {
	const tree = newTree(members as unknown as JsonObject);
	for (const { path, value } of extras) place(tree, path, value);
	return tree;
}

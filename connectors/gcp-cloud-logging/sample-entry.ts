/** Log entries for the tests of this folder: one ordinary entry, and ways to change it and to look at what became of it. */

import type { Decoded, DecodedEvent } from "../../src/contract/decode.ts";
import type { JsonValue } from "../../src/contract/json.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { textOf } from "../../src/json/scan.ts";
import { decode } from "./decode.ts";

export type Members = Readonly<Record<string, unknown>>;

const ID = "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004";

/** An entry as the API writes it, with the given members of the entry and of its payload. `undefined` takes one away. */
export function sampleEntry(members: Members = {}, payload: Members = {}): Members {
	return {
		insertId: ID,
		labels: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
		logName: "projects/example-prj/logs/cloudaudit.googleapis.com%2Factivity",
		operation: { first: true, id: ID, last: true, producer: "k8s.io" },
		protoPayload: {
			"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
			authenticationInfo: { principalEmail: "dev@example.com" },
			authorizationInfo: [{ granted: true, permission: "io.k8s.core.v1.pods.create", resource: "core/v1/namespaces/shop/pods/web" }],
			methodName: "io.k8s.core.v1.pods.create",
			request: { "@type": "core.k8s.io/v1.Pod", kind: "Pod", apiVersion: "v1", spec: { priority: 5 } },
			requestMetadata: { callerIp: "203.0.113.9", callerSuppliedUserAgent: "kubectl/v1.36.2" },
			resourceName: "core/v1/namespaces/shop/pods/web",
			response: { "@type": "core.k8s.io/v1.Pod", kind: "Pod", apiVersion: "v1", metadata: { name: "web" } },
			serviceName: "k8s.io",
			status: {},
			...payload,
		},
		receiveTimestamp: "2026-05-04T09:30:31.017331365Z",
		resource: { labels: { cluster_name: "edge", location: "europe-west4-a", project_id: "example-prj" }, type: "k8s_cluster" },
		timestamp: "2026-05-04T09:30:00.897797Z",
		...members,
	};
}

export function recordOf(entry: Members | string): RawRecord {
	return { id: "0", body: Buffer.from(typeof entry === "string" ? entry : JSON.stringify(entry), "utf8") };
}

export function decodeEntry(entry: Members | string): Decoded {
	return decode(recordOf(entry));
}

/** The event that an entry must decode to. */
export function eventOf(entry: Members | string): DecodedEvent {
	const decoded = decodeEntry(entry);
	if (decoded.kind !== "event") throw new Error(`no event but ${decoded.kind === "bad" ? decoded.error.message : decoded.reason}`);
	return decoded;
}

/** What an encoder would write of a value, parsed: exact text becomes what it says. */
export function plainOf(value: JsonValue | object): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) return value.map(plainOf);
	if ("raw" in value && value.raw instanceof Uint8Array) return JSON.parse(textOf(value.raw));
	const members = Object.entries(value).filter(([, member]) => member !== undefined);
	return Object.fromEntries(members.map(([key, member]) => [key, plainOf(member)]));
}

/** For the tests of this folder: records as Azure writes them, and the way from bytes to decoded records. */

import type { AuditEvent } from "../../src/contract/audit-event.ts";
import type { DecodedEvent } from "../../src/contract/decode.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { chunksOf, recordsOf } from "../../src/framing/test-chunks.ts";
import { isRaw } from "../../src/json/raw.ts";
import { textOf } from "../../src/json/scan.ts";
import { isObject } from "../../src/json/value.ts";
import { decode } from "./decode.ts";
import { frame } from "./frame.ts";

export const RESOURCE_ID =
	"/SUBSCRIPTIONS/00000000-1111-2222-3333-444444444444/RESOURCEGROUPS/SHOP-RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP";

/** An event's text as the API server writes it. */
export const EVENT = JSON.stringify({
	kind: "Event",
	apiVersion: "audit.k8s.io/v1",
	level: "Request",
	auditID: "9a2f7a0f-6f5d-4a55-9d55-5e6f7a8b0001",
	stage: "ResponseComplete",
	requestURI: "/api/v1/namespaces/shop/configmaps/catalogue?timeout=34s",
	verb: "update",
	user: { username: "aksService", groups: ["system:masters", "system:authenticated"] },
	sourceIPs: ["172.31.18.147"],
	userAgent: "catalogue-sync/v0.0.0",
	objectRef: { resource: "configmaps", namespace: "shop", name: "catalogue", apiVersion: "v1" },
	responseStatus: { metadata: {}, code: 200 },
	requestObject: { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "catalogue" }, data: { text: "blue, green" } },
	requestReceivedTimestamp: "2026-05-04T09:30:01.200000Z",
	stageTimestamp: "2026-05-04T09:30:01.260000Z",
	annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
});

export const KLOG = "I1123 15:08:31.204418       1 trace.go:236] Trace[1418432987]: total time: 612ms";

/** A diagnostic record of 2025; `changes` replace members, `properties` are those of its `properties`. */
export function record(log: unknown, changes: object = {}, properties: object = {}): Record<string, unknown> {
	return {
		operationName: "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
		category: "kube-audit",
		resourceId: RESOURCE_ID,
		properties: { log, stream: "stdout", pod: "kube-apiserver-6c9d7b5c4d-abcde", containerID: "a64cba7f", ...properties },
		time: "2026-05-04T09:30:01.260880072Z",
		serviceBuild: "na",
		...changes,
	};
}

/** A row of AzureDiagnostics. */
export function diagnosticsRow(log: unknown, changes: object = {}): Record<string, unknown> {
	return {
		TenantId: "99999999-8888-7777-6666-555555555555",
		TimeGenerated: "2026-05-04T09:30:01.2608807Z",
		Category: "kube-audit",
		ResourceId: RESOURCE_ID,
		ResourceGroup: "SHOP-RG",
		SubscriptionId: "00000000-1111-2222-3333-444444444444",
		log_s: log,
		stream_s: "stdout",
		pod_s: "kube-apiserver-6c9d7b5c4d-abcde",
		ccpNamespace_s: "",
		AdditionalFields: null,
		Type: "AzureDiagnostics",
		_ResourceId: RESOURCE_ID.toLowerCase(),
		...changes,
	};
}

/** A row of AKSAudit with dynamic cells as values. */
export function auditRow(changes: object = {}): Record<string, unknown> {
	const event = JSON.parse(EVENT);
	return {
		TenantId: "99999999-8888-7777-6666-555555555555",
		TimeGenerated: "2026-05-04T09:30:01.2600000Z",
		Level: event.level,
		AuditId: event.auditID,
		Stage: event.stage,
		RequestUri: event.requestURI,
		Verb: event.verb,
		User: event.user,
		SourceIps: event.sourceIPs,
		UserAgent: event.userAgent,
		ObjectRef: event.objectRef,
		ResponseStatus: event.responseStatus,
		RequestObject: event.requestObject,
		ResponseObject: "",
		RequestReceivedTime: "2026-05-04T09:30:01.2000000Z",
		StageReceivedTime: "2026-05-04T09:30:01.2600000Z",
		Annotations: event.annotations,
		PodName: "kube-apiserver-6c9d7b5c4d-abcde",
		SourceSystem: "Azure",
		Type: "AKSAudit",
		_ResourceId: RESOURCE_ID.toLowerCase(),
		_SubscriptionId: "00000000-1111-2222-3333-444444444444",
		...changes,
	};
}

export const raw = (body: unknown): RawRecord => ({
	id: "0",
	body: body instanceof Uint8Array ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});

/** Decodes what must be an event; tells why it is none. */
export function decodeEvent(body: unknown): DecodedEvent {
	const decoded = decode(raw(body));
	if (decoded.kind !== "event") throw new Error(decoded.kind === "skip" ? decoded.reason : decoded.error.message);
	return decoded;
}

/** "event", a skip's reason, or an error's code. */
export function fateOf(body: unknown): string {
	const decoded = decode(raw(body));
	return decoded.kind === "skip" ? decoded.reason : decoded.kind === "bad" ? decoded.error.code : decoded.kind;
}

export async function framed(
	bytes: Uint8Array | string,
	form: string,
	chunkBytes = Infinity,
	limits = DEFAULT_LIMITS,
): Promise<RawRecord[]> {
	return recordsOf(frame(chunksOf(bytes, [chunkBytes]), form, limits));
}

/** The audit event as a plain object again: exact texts parsed, extras at their paths. */
export function plainEvent({ extras = [], ...members }: AuditEvent): Record<string, unknown> {
	const plain = plainOf(members) as Record<string, unknown>;
	for (const { path, value } of extras) {
		const [first, second] = path as [string, string | undefined];
		if (second === undefined) plain[first] = plainOf(value);
		else plain[first] = { ...(plain[first] as object), [second]: plainOf(value) };
	}
	return plain;
}

function plainOf(value: unknown): unknown {
	if (isRaw(value)) return JSON.parse(textOf(value.raw));
	return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainOf(member)])) : value;
}

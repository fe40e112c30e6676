/** Tells the audit entries of Kubernetes clusters from everything else that Cloud Logging holds. */

import type { SkipReason } from "../../src/contract/decode.ts";
import type { CollectorError } from "../../src/contract/errors.ts";
import { isObject } from "../../src/json/value.ts";
import { type EntryText, malformed } from "./entry-text.ts";

export const SERVICE = "k8s.io";
const RESOURCE_TYPE = "k8s_cluster";
/** Custom groups have methods of other beginnings, so this is asked only where the service's name is cut off. */
const METHOD_PREFIX = "io.k8s.";
const OTHER_PAYLOADS = ["textPayload", "jsonPayload"];

/** Undefined for a Kubernetes audit entry; else why it is none, or why that cannot be told. */
export function rejectionOf(text: EntryText): SkipReason | CollectorError | undefined {
	const { entry, payload, truncated } = text;
	if (payload === undefined) return withoutPayload(text);
	const { serviceName, methodName, type_url: typeUrl, typeUrl: typeUrlToo } = payload.value;
	if (typeof (typeUrl ?? typeUrlToo) === "string") return malformed("protoPayload is protobuf: export the entry as JSON");
	if (serviceName === undefined && truncated !== undefined) return ofCut(text);
	if (serviceName === undefined && methodName === undefined) return "not-an-audit-event";
	const resource = entry.value["resource"];
	const type = isObject(resource) ? resource["type"] : undefined;
	return serviceName === SERVICE && (type === undefined || type === RESOURCE_TYPE) ? undefined : "other-service";
}

function withoutPayload({ entry, truncated }: EntryText): SkipReason | CollectorError {
	if (OTHER_PAYLOADS.some((key) => Object.hasOwn(entry.value, key))) return "other-log";
	if (truncated !== undefined) return malformed("cut before it says who did what");
	return typeof entry.value["logName"] === "string" ? "other-log" : "not-an-audit-event";
}

function ofCut({ entry, payload }: EntryText): SkipReason | CollectorError | undefined {
	const method = payload?.value["methodName"];
	const operation = entry.value["operation"];
	const producer = isObject(operation) ? operation["producer"] : undefined;
	if (typeof method !== "string") return malformed("cut before it says who did what");
	if (producer === undefined && !method.startsWith(METHOD_PREFIX)) return malformed("cut before it says whose service it is");
	return producer === undefined || producer === SERVICE ? undefined : "other-service";
}

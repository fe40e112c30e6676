/** The call itself: operation, API group and version, bodies. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { RawJson } from "../contract/json.ts";
import type { OcsfApi, OcsfContainer } from "../contract/ocsf-event.ts";
import { containersOf } from "./containers.ts";
import { keep, type Leftovers } from "./unmapped.ts";

const NULL_BYTES = "null";

export function apiOf(event: AuditEvent, operation: string, uid: string, leftovers: Leftovers): OcsfApi {
	const { apiGroup, apiVersion } = event.objectRef ?? {};
	const response = responseOf(event, leftovers);
	return {
		operation,
		...(apiVersion === undefined ? {} : { version: apiVersion }),
		...(apiGroup ? { group: { name: apiGroup } } : {}),
		service: { name: "kube-apiserver" },
		request: { uid: event.auditID ?? uid, ...bodyOf(event, "requestObject", leftovers) },
		...(response === undefined ? {} : { response }),
	};
}

function responseOf(event: AuditEvent, leftovers: Leftovers): OcsfApi["response"] {
	const { code, message, reason, status } = event.responseStatus ?? {};
	if (status !== undefined) keep(leftovers, ["responseStatus", "status"], status);
	const response = {
		...(code === undefined ? {} : { code }),
		...(reason === undefined ? {} : { error: reason }),
		...(message === undefined ? {} : { message }),
		...bodyOf(event, "responseObject", leftovers),
	};
	if (event.responseStatus !== undefined && Object.keys(event.responseStatus).length === 0) keep(leftovers, ["responseStatus"], {});
	return Object.keys(response).length === 0 ? undefined : response;
}

/** A body of `null` would be no value to an OCSF consumer: it is kept among the leftovers. */
function bodyOf(
	event: AuditEvent,
	member: "requestObject" | "responseObject",
	leftovers: Leftovers,
): { data?: RawJson; containers?: readonly OcsfContainer[] } {
	const body = event[member];
	if (body === undefined) return {};
	if (body.raw.length === NULL_BYTES.length && body.raw[0] === NULL_BYTES.charCodeAt(0)) {
		keep(leftovers, [member], null);
		return {};
	}
	const containers = containersOf(body);
	return { data: body, ...(containers === undefined ? {} : { containers }) };
}

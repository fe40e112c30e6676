/** The call itself: operation, API group and version, bodies. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { RawJson } from "../contract/json.ts";
import type { OcsfApi } from "../contract/ocsf-event.ts";
import { isNullText } from "../json/raw.ts";
import { containersOf } from "./containers.ts";
import { sparse } from "./sparse.ts";
import { keep, type Leftovers } from "./unmapped.ts";

const SERVICE = { name: "kube-apiserver" } as const;

export function apiOf(event: AuditEvent, operation: string, uid: string, leftovers: Leftovers): OcsfApi {
	const { apiGroup, apiVersion } = event.objectRef ?? {};
	const body = bodyOf(event, "requestObject", leftovers);
	return sparse<OcsfApi>({
		operation,
		version: apiVersion,
		group: apiGroup ? { name: apiGroup } : undefined,
		service: SERVICE,
		request: sparse<OcsfApi["request"]>({ uid: event.auditID ?? uid, containers: containersOf(body), data: body }),
		response: responseOf(event, leftovers),
	});
}

function responseOf(event: AuditEvent, leftovers: Leftovers): OcsfApi["response"] {
	const { responseStatus } = event;
	const { code, message, reason, status } = responseStatus ?? {};
	if (status !== undefined) keep(leftovers, ["responseStatus", "status"], status);
	else if (responseStatus !== undefined && code === undefined && reason === undefined && message === undefined) {
		keep(leftovers, ["responseStatus"], {});
	}
	const body = bodyOf(event, "responseObject", leftovers);
	if (code === undefined && reason === undefined && message === undefined && body === undefined) return undefined;
	return sparse<NonNullable<OcsfApi["response"]>>({ code, error: reason, message, containers: containersOf(body), data: body });
}

/** A body of `null` would be no value to an OCSF consumer: it is kept among the leftovers. */
function bodyOf(event: AuditEvent, member: "requestObject" | "responseObject", leftovers: Leftovers): RawJson | undefined {
	const body = event[member];
	if (body === undefined || !isNullText(body)) return body;
	keep(leftovers, [member], null);
	return undefined;
}

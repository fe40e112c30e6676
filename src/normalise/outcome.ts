/** Whether the call succeeded, and whether it was allowed: two different questions. */

import type { AuditEvent, ResponseStatus } from "../contract/audit-event.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";

const HTTP_FORBIDDEN = 403;
const HTTP_FAILURE_FROM = 400;
const RPC_OK = 0;

type StatusAttributes = Pick<OcsfEvent, "status_id" | "status" | "status_code" | "status_detail">;

/**
 * Success comes from the code only: an admission webhook may refuse what authorisation allowed.
 * Where a source gives a google.rpc code and no HTTP code, the latter is not derived.
 */
export function statusAttributes(event: AuditEvent, rpcCode: number | undefined): StatusAttributes {
	const { code, message } = event.responseStatus ?? {};
	const failed = isFailure(event.stage, code, rpcCode);
	const statusCode = code !== undefined ? String(code) : rpcCode !== undefined && rpcCode !== RPC_OK ? `rpc:${rpcCode}` : undefined;
	return {
		...(failed === undefined
			? { status_id: 0, status: "Unknown" }
			: failed
				? { status_id: 2, status: "Failure" }
				: { status_id: 1, status: "Success" }),
		...(statusCode === undefined ? {} : { status_code: statusCode }),
		...(message === undefined ? {} : { status_detail: message }),
	};
}

function isFailure(stage: string | undefined, code: number | undefined, rpcCode: number | undefined): boolean | undefined {
	if (stage === "Panic") return true;
	if (code !== undefined) return code < 1 ? undefined : code >= HTTP_FAILURE_FROM;
	return rpcCode === undefined ? undefined : rpcCode !== RPC_OK;
}

type ControlAttributes = Pick<OcsfEvent, "action_id" | "action" | "disposition_id" | "disposition">;

export const DECISION = "authorization.k8s.io/decision";

/** Empty if neither the decision nor a refusal is known: then the profile is not declared. */
export function controlAttributes(annotations: AuditEvent["annotations"], status: ResponseStatus | undefined): ControlAttributes {
	const decision = annotations?.[DECISION];
	if (decision === "forbid" || status?.code === HTTP_FORBIDDEN) {
		return { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
	}
	if (decision === "allow") return { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" };
	return {};
}

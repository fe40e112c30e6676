/** Whether the call succeeded, and whether it was allowed: two different questions. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { sparse } from "./sparse.ts";

const HTTP_FORBIDDEN = 403;
const HTTP_FAILURE_FROM = 400;
const RPC_OK = 0;

type StatusAttributes = Pick<OcsfEvent, "status_id" | "status" | "status_code" | "status_detail">;

const UNKNOWN = { status_id: 0, status: "Unknown" } as const;
const SUCCESS = { status_id: 1, status: "Success" } as const;
const FAILURE = { status_id: 2, status: "Failure" } as const;

/**
 * Success comes from the code only: an admission webhook may refuse what authorisation allowed.
 * Where a source gives a google.rpc code and no HTTP code, the latter is not derived.
 */
export function statusAttributes(event: AuditEvent, rpcCode: number | undefined): StatusAttributes {
	const { code, message } = event.responseStatus ?? {};
	const failed = isFailure(event.stage, code, rpcCode);
	const rpcStatus = rpcCode === undefined || rpcCode === RPC_OK ? undefined : `rpc:${rpcCode}`;
	return sparse<StatusAttributes>({
		...(failed === undefined ? UNKNOWN : failed ? FAILURE : SUCCESS),
		status_code: code === undefined ? rpcStatus : String(code),
		status_detail: message,
	});
}

function isFailure(stage: string | undefined, code: number | undefined, rpcCode: number | undefined): boolean | undefined {
	if (stage === "Panic") return true;
	if (code !== undefined) return code < 1 ? undefined : code >= HTTP_FAILURE_FROM;
	return rpcCode === undefined ? undefined : rpcCode !== RPC_OK;
}

type ControlAttributes = Pick<OcsfEvent, "action_id" | "action" | "disposition_id" | "disposition">;

export const DECISION = "authorization.k8s.io/decision";

const DENIED: ControlAttributes = { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
const ALLOWED: ControlAttributes = { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" };

/** Undefined if neither the decision nor a refusal is known: then the profile is not declared. */
export function controlAttributes({ annotations, responseStatus }: AuditEvent): ControlAttributes | undefined {
	const decision = annotations?.[DECISION];
	if (decision === "forbid" || responseStatus?.code === HTTP_FORBIDDEN) return DENIED;
	return decision === "allow" ? ALLOWED : undefined;
}

/** Whether the call succeeded, and whether it was allowed: two different questions. */

import type { AuditEvent, ResponseStatus } from "../contract/audit-event.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { members, type Piece } from "../json/pieces.ts";
import { rememberEach, share } from "../json/remember.ts";
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
export function statusOf({ stage, responseStatus = NO_STATUS }: AuditEvent, rpcCode: number | undefined): Piece<StatusAttributes> {
	if (stage !== PANIC && rpcCode === undefined) return statusByResponse(responseStatus);
	return members(attributes(stage, responseStatus, rpcCode));
}

/** The same as a plain object. */
export function statusAttributes(event: AuditEvent, rpcCode: number | undefined): StatusAttributes {
	return statusOf(event, rpcCode).content as StatusAttributes;
}

const PANIC = "Panic";
const NO_STATUS: ResponseStatus = share({});

const statusByResponse = rememberEach((status: ResponseStatus) => members(attributes(undefined, status, undefined)));

function attributes(stage: string | undefined, { code, message }: ResponseStatus, rpcCode: number | undefined): StatusAttributes {
	const failed = isFailure(stage, code, rpcCode);
	const rpcStatus = rpcCode === undefined || rpcCode === RPC_OK ? undefined : `rpc:${rpcCode}`;
	return sparse<StatusAttributes>({
		...(failed === undefined ? UNKNOWN : failed ? FAILURE : SUCCESS),
		status_code: code === undefined ? rpcStatus : String(code),
		status_detail: message,
	});
}

function isFailure(stage: string | undefined, code: number | undefined, rpcCode: number | undefined): boolean | undefined {
	if (stage === PANIC) return true;
	if (code !== undefined) return code < 1 ? undefined : code >= HTTP_FAILURE_FROM;
	return rpcCode === undefined ? undefined : rpcCode !== RPC_OK;
}

type ControlAttributes = Pick<OcsfEvent, "action_id" | "action" | "disposition_id" | "disposition">;

export const DECISION = "authorization.k8s.io/decision";

const DENIED = members<ControlAttributes>({ action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" });
const ALLOWED = members<ControlAttributes>({ action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" });

/** Undefined if neither the decision nor a refusal is known: then the profile is not declared. */
export function controlOf({ annotations, responseStatus }: AuditEvent): Piece<ControlAttributes> | undefined {
	const decision = annotations?.[DECISION];
	if (decision === "forbid" || responseStatus?.code === HTTP_FORBIDDEN) return DENIED;
	return decision === "allow" ? ALLOWED : undefined;
}

/** Whether a request went well, as far as its event says: what failed or was refused is never noise. */

import type { AuditEvent } from "../contract/audit-event.ts";

/**
 * True only if the event says so: a 2xx or 304 code; the start of a request (its end has an event of its own);
 * or, for sources without HTTP codes (GKE), an allowed request whose status has neither reason nor text.
 */
export function isSuccess({ stage, responseStatus, annotations, user }: AuditEvent): boolean {
	if (user?.username === undefined) return false;
	const code = responseStatus?.code;
	if (code !== undefined) return (code >= 200 && code < 300) || code === 304;
	if (stage === "RequestReceived") return true;
	if (stage === "Panic" || annotations?.["authorization.k8s.io/decision"] !== "allow") return false;
	const { status, message = "", reason = "" } = responseStatus ?? {};
	return status !== "Failure" && message === "" && reason === "";
}

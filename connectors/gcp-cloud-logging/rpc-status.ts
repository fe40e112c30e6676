/** Reads the outcome of a call: a google.rpc code always, an HTTP status only where a body says it. */

import type { ResponseStatus } from "../../src/contract/audit-event.ts";
import { isObject } from "../../src/json/value.ts";

const CORE_STATUS = "core.k8s.io/v1.Status";
const HTTP_CODE_MIN = 100;
const HTTP_CODE_MAX = 599;

/** The google.rpc code of `protoPayload.status`; no code is 0, success, since proto3 leaves zeros out. */
export function rpcCodeOf(status: unknown): number | undefined {
	if (!isObject(status)) return undefined;
	const { code = 0 } = status;
	return Number.isSafeInteger(code) ? (code as number) : undefined;
}

/**
 * What is said of the HTTP response. The text is `status.message` alone, so that it can be put back; code, reason and status
 * are those of the response body if it is a Status of the core group. Never derived: 200, 201 and 101 are all rpc 0.
 */
export function responseStatusOf(status: unknown, response: unknown): ResponseStatus | undefined {
	const message = isObject(status) ? status["message"] : undefined;
	const said = isCoreStatus(response) ? response : {};
	const { code, reason } = said;
	const result = {
		...(typeof said["status"] === "string" ? { status: said["status"] } : {}),
		...(typeof message === "string" ? { message } : {}),
		...(typeof reason === "string" ? { reason } : {}),
		...(isHttpCode(code) ? { code } : {}),
	};
	return Object.keys(result).length === 0 ? undefined : result;
}

function isCoreStatus(body: unknown): body is Readonly<Record<string, unknown>> {
	if (!isObject(body)) return false;
	const { "@type": type, kind, apiVersion } = body;
	return type === CORE_STATUS || (kind === "Status" && (apiVersion === undefined || apiVersion === "v1"));
}

function isHttpCode(code: unknown): code is number {
	return Number.isInteger(code) && (code as number) >= HTTP_CODE_MIN && (code as number) <= HTTP_CODE_MAX;
}

/** What the AWS SDK throws, made by hand: how the model of the service fails, so that errors take the same way as real ones. */

import type { Fault } from "../../src/simulation/faults.ts";

/** An error that the service answered with. */
export interface ServiceError extends Error {
	readonly $fault: "client" | "server";
	readonly $metadata: { readonly httpStatusCode: number };
}

/** One of the service's own errors, by the name that it has on the wire. */
export function serviceError(name: string, message: string, httpStatusCode = 400): ServiceError {
	const $fault = httpStatusCode < 500 ? "client" : "server";
	return Object.assign(new Error(message), { name, $fault, $metadata: { httpStatusCode } } as const);
}

/** Whether the service answered so, and nothing on the way. */
export function isServiceError(error: unknown): error is ServiceError {
	return error instanceof Error && "$fault" in error;
}

/** HTML, or cut JSON, where JSON is due (feasibility 1.1: "An HTML 502 surfaces as SyntaxError"). */
function unparsable(httpStatusCode: number): Error {
	return Object.assign(new SyntaxError("Unexpected token '<', \"<html><bod\"... is not valid JSON"), { $metadata: { httpStatusCode } });
}

export const throttled = (): ServiceError => serviceError("ThrottlingException", "Rate exceeded");
export const tokenRefused = (): ServiceError => serviceError("InvalidParameterException", "The specified nextToken is invalid.");

/** The error of a fault; undefined for those that are none to the caller, or not this alone. */
export function errorOf(fault: Fault, operation: string, region: string, random: () => number): Error | undefined {
	switch (fault) {
		case "throttle":
			return throttled();
		case "unavailable":
			return unavailable(random());
		case "reset":
			return Object.assign(new Error("socket hang up"), { name: "TimeoutError", code: "ECONNRESET", $metadata: {} });
		case "timeout":
			return Object.assign(new Error("a request has exceeded the configured requestTimeout"), { name: "TimeoutError", code: "ETIMEDOUT" });
		case "expired-credentials":
			return serviceError("ExpiredTokenException", "The security token included in the request is expired");
		case "denied":
			return denied(operation, region);
		case "bad-token":
		case "garbled":
			return undefined;
	}
}

function unavailable(dice: number): Error {
	if (dice < 1 / 3) return serviceError("ServiceUnavailableException", "The service cannot complete the request.", 503);
	return dice < 2 / 3 ? serviceError("InternalFailure", "An internal error occurred.", 500) : unparsable(502);
}

/** In AWS's words, which name the permission and the resource. */
function denied(operation: string, region: string): ServiceError {
	const arn = `arn:aws:logs:${region}:123456789012:log-group:*`;
	const user = "arn:aws:sts::123456789012:assumed-role/collector/kube-audit-collector";
	return serviceError(
		"AccessDeniedException",
		`User: ${user} is not authorized to perform: logs:${operation} on resource: ${arn} because no identity-based policy allows the logs:${operation} action`,
	);
}

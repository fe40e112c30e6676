/** How the modelled service says no, and in which shapes Google's libraries throw that: REST, and gRPC. */

/** An answer that is no success. */
export interface Refusal {
	/** Of HTTP. */
	readonly status: number;
	/** Of google.rpc.Code. */
	readonly code: number;
	/** The name of that code. */
	readonly rpc: string;
	readonly message: string;
	/** google.rpc.ErrorInfo. */
	readonly reason?: string;
	readonly retryAfterS?: number;
}

export type RefusalKind = "throttled" | "unavailable" | "unauthenticated" | "denied" | "invalid" | "unknown-resource" | "internal";

const KINDS: Readonly<Record<RefusalKind, Omit<Refusal, "message">>> = {
	throttled: { status: 429, code: 8, rpc: "RESOURCE_EXHAUSTED", reason: "RATE_LIMIT_EXCEEDED" },
	unavailable: { status: 503, code: 14, rpc: "UNAVAILABLE" },
	unauthenticated: { status: 401, code: 16, rpc: "UNAUTHENTICATED", reason: "ACCESS_TOKEN_EXPIRED" },
	denied: { status: 403, code: 7, rpc: "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED" },
	invalid: { status: 400, code: 3, rpc: "INVALID_ARGUMENT" },
	"unknown-resource": { status: 404, code: 5, rpc: "NOT_FOUND" },
	internal: { status: 500, code: 13, rpc: "INTERNAL" },
};

export function refusal(kind: RefusalKind, message: string, more: Pick<Refusal, "retryAfterS" | "reason"> = {}): Refusal {
	return { ...KINDS[kind], message, ...more };
}

/** The body of an answer over REST (google.aip.dev/193). */
export function refusalBody({ status, rpc, message, reason }: Refusal): string {
	const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" };
	return JSON.stringify({ error: { code: status, message, status: rpc, ...(reason === undefined ? {} : { details: [info] }) } });
}

/** As gaxios throws it of a streamed answer: the message is the whole body. */
export function restError(refused: Refusal): Error {
	const body = refusalBody(refused);
	const headers = new Headers(refused.retryAfterS === undefined ? {} : { "retry-after": String(refused.retryAfterS) });
	const { status } = refused;
	return Object.assign(new Error(body), { code: status, status, response: { status, headers, data: body } });
}

/** As google-gax throws it. */
export function grpcError({ code, rpc, message, reason }: Refusal): Error {
	const info = reason === undefined ? {} : { reason, domain: "googleapis.com", statusDetails: [{ reason, domain: "googleapis.com" }] };
	return Object.assign(new Error(`${code} ${rpc}: ${message}`), { code, details: message, ...info });
}

/** As fetch throws it of a connection that breaks, wrapped by gaxios. */
export function resetError(): Error {
	const socket = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
	return new Error("fetch failed", { cause: new TypeError("fetch failed", { cause: socket }) });
}

/** As gaxios throws it. */
export function timeoutError(): Error {
	return Object.assign(new Error("The operation was aborted due to timeout"), { code: "TimeoutError" });
}

/** Answers and refusals of the query API, as the service words them; and errors as the SDK throws them on such refusals. */

import type { Column } from "./model-row.ts";

/** An answer of the service, before it goes onto the wire. */
export interface Reply {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

interface ServiceError {
	readonly code: string;
	readonly message: string;
	readonly innererror?: ServiceError;
}

export function okReply(body: string | Uint8Array): Reply {
	return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, body: Buffer.from(body) };
}

/** source-semantics 3.2: "an empty workspace answers 204". */
export const NO_CONTENT: Reply = { status: 204, headers: {}, body: new Uint8Array(0) };

function refuse(status: number, error: ServiceError, headers: Readonly<Record<string, string>> = {}): Reply {
	return { ...okReply(JSON.stringify({ error })), status, headers: { "content-type": "application/json; charset=utf-8", ...headers } };
}

const badArgument = (innererror: ServiceError): Reply =>
	refuse(400, { message: "The request had some invalid properties", code: "BadArgumentError", innererror });

/** learn.microsoft.com/azure/azure-monitor/logs/api/errors, and issues in which such answers are quoted. */
export const REFUSALS = {
	noTable: (table: string) =>
		badArgument({
			code: "SemanticError",
			message: "A semantic error occurred.",
			innererror: { code: "SEM0100", message: `'take' operator: Failed to resolve table or column expression named '${table}'` },
		}),
	notUnderstood: () =>
		badArgument({
			code: "SyntaxError",
			message: "A recognition error occurred in the query.",
			innererror: { code: "SYN0002", message: "Query could not be parsed" },
		}),
	basicTable: () =>
		badArgument({
			code: "UnsupportedApiQueryValidationError",
			message: "Query of Basic Logs table is not supported with the API '/v1/workspaces/{workspaceId}/query'.",
		}),
	noToken: () => refuse(401, { code: "AuthenticationFailed", message: "Authentication failed. The 'Authorization' header is missing." }),
	badToken: () => refuse(401, { code: "InvalidTokenError", message: "The provided authentication is not valid for this resource" }),
	denied: () =>
		refuse(403, {
			code: "InsufficientAccessError",
			message: "The provided credentials have insufficient access to perform the requested operation",
		}),
	noWorkspace: () => refuse(404, { code: "PathNotFoundError", message: "The requested path does not exist" }),
	throttled: (retryAfterSeconds: number) =>
		refuse(429, { code: "TooManyRequests", message: "Rate limit is exceeded." }, { "retry-after": String(retryAfterSeconds) }),
	unavailable: () => refuse(503, { code: "ServiceUnavailable", message: "The service is temporarily unavailable" }),
	tooLong: () => refuse(504, { code: "GatewayTimeout", message: "The query ran longer than it may" }),
} as const;

/** The member beside `tables` of an answer from which rows are missing. */
const PARTIAL_ERROR = JSON.stringify({
	code: "PartialError",
	message: "There were some errors when processing your query.",
	details: [
		{
			code: "EngineError",
			message: "Something went wrong processing your query on the server.",
			innererror: { code: "-2133196797", message: "The results of this query exceed the set limit (E_QUERY_RESULT_SET_TOO_LARGE)." },
		},
	],
});

/** A result of these rows, each with a comma before it. */
export function resultBody(columns: readonly Column[], rows: readonly Buffer[], isPartial: boolean): Uint8Array {
	const head = Buffer.from(`{"tables":[{"name":"PrimaryResult","columns":${JSON.stringify(columns)},"rows":[`);
	const tail = Buffer.from(`]}]${isPartial ? `,"error":${PARTIAL_ERROR}` : ""}}`);
	const [first, ...others] = rows;
	return Buffer.concat([head, ...(first === undefined ? [] : [first.subarray(1), ...others]), tail]);
}

/** What the SDK throws on a refusal. */
export function restError({ status, headers, body }: Reply): Error {
	const { error } = JSON.parse(Buffer.from(body).toString()) as { error: ServiceError };
	return Object.assign(new Error(error.message), {
		name: "RestError",
		code: error.code,
		statusCode: status,
		response: { status, headers: { get: (name: string) => headers[name] } },
		details: { error },
	});
}

/** What the SDK throws when the connection breaks. */
export function networkError(): Error {
	return Object.assign(new Error("read ECONNRESET"), { name: "RestError", code: "ECONNRESET" });
}

/** Turns what a call of Log Analytics throws into an error of ours: told by its structure, with nothing of a record in its text. */

import { CollectorError } from "../../src/contract/errors.ts";
import { asRecord, isObject, textOrNone } from "../../src/json/value.ts";

/** What was asked for, for the message. */
export interface AskedFor {
	readonly workspaceId?: string;
	readonly table?: string;
}

/**
 * "basic": the table can only be searched; "missing": there is no such table; "too-much": the result or the work is too large;
 * "too-long": the service's time was up, maybe for the query's sake, maybe for its own.
 */
export type Refusal = "basic" | "missing" | "too-much" | "too-long";

const CODES_MAX = 10;
const TEXT_LENGTH_MAX = 300;

/** Kusto's and the API's words for a query that wants more than it may have, and for one that takes too long. */
const TOO_MUCH = /^(?:E_QUERY_RESULT_SET_TOO_LARGE|E_LOW_MEMORY_CONDITION|E_RUNAWAY_QUERY|ResponsePayloadTooLarge)$/;
const TOO_LONG = /^(?:GatewayTimeout|QueryTimeout\w*)$/;

/** Refusals that say something about what was asked, and lead on; undefined: an error like any other. */
export function refusalOf(error: unknown): Refusal | undefined {
	const codes = codesOf(error);
	const status = asRecord(error)["statusCode"];
	if (codes.some((code) => TOO_MUCH.test(code)) || status === 413) return "too-much";
	if (codes.some((code) => TOO_LONG.test(code))) return "too-long";
	if (status !== 400) return undefined;
	if (codes.includes("UnsupportedApiQueryValidationError")) return "basic";
	return codes.includes("SEM0100") && /resolve table/i.test(textOf(error)) ? "missing" : undefined;
}

/** Anything that is not understood is taken for an outage, which is tried again. */
export function collectorErrorOf(error: unknown, asked: AskedFor): CollectorError {
	if (error instanceof CollectorError) return error;
	const { name, statusCode } = asRecord(error);
	if (isSignIn(name)) return signInError(error);
	if (name === "TimeoutError") return unavailable("log analytics did not answer in time: it is asked again");
	const status = typeof statusCode === "number" ? statusCode : undefined;
	if (status === undefined) return unavailable(`the connection to log analytics failed (${codeOf(error)}): check the network and proxies`);
	return statusError(status, error, asked);
}

function statusError(status: number, error: unknown, asked: AskedFor): CollectorError {
	const what = `${status} ${codesOf(error).join(" / ")}`.trim();
	const where = `workspace ${asked.workspaceId ?? "?"}`;
	if (status === 429) {
		const retryAfterMs = retryAfterOf(error);
		const message = "log analytics refuses more queries for now: lower quota.share if this goes on";
		return new CollectorError("SOURCE_THROTTLED", message, retryAfterMs === undefined ? {} : { retryAfterMs });
	}
	if (status === 401 || (status === 403 && codesOf(error).some((code) => /^(?:Invalid|Expired)\w*Token(?:Error)?$/.test(code))))
		return unavailable(
			`log analytics refused the token (${what}): a new one is asked for; check identity, cloud and audience if this goes on`,
		);
	if (status === 403 || status === 407) return status === 403 ? denied(what, asked) : unavailable("the proxy asks for credentials (407)");
	if (status === 404)
		return new CollectorError("CONFIG_INVALID", `${where} was not found (${what}): use the workspace id, a GUID; check cloud`);
	if (status === 400)
		return new CollectorError("CONFIG_INVALID", `log analytics refused the query to ${where} (${what}): ${textOf(error)}`);
	return unavailable(`log analytics cannot answer now (${what})`);
}

function denied(what: string, { workspaceId = "?", table = "*" }: AskedFor): CollectorError {
	return new CollectorError(
		"ACCESS_DENIED",
		`table ${table} of workspace ${workspaceId} may not be read (${what}): grant the role "Log Analytics Reader" on the workspace,` +
			` or the action Microsoft.OperationalInsights/workspaces/query/${table}/read`,
	);
}

function isSignIn(name: unknown): boolean {
	return typeof name === "string" && /^(?:\w*Authentication(?:Required)?Error|CredentialUnavailableError)$/.test(name);
}

/** A sign-in that fails for the network or the token service may succeed later; one that is refused will not without somebody's help. */
function signInError(error: unknown): CollectorError {
	const { name, statusCode, message, errors } = asRecord(error);
	const text = [message, ...(Array.isArray(errors) ? errors.map((one: unknown) => asRecord(one)["message"]) : [])].join(" ");
	const reason = /AADSTS\d+/.exec(text)?.[0] ?? String(name);
	const isRefused = /AADSTS\d+|invalid_client|unauthorized_client/.test(text);
	const isOutage =
		(typeof statusCode === "number" && (statusCode >= 500 || statusCode === 429)) ||
		/network|endpoints_resolution|E[A-Z]*CONN\w*|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|timed? ?out|socket|status code:? ?5\d\d|fetch failed/i.test(
			text,
		);
	if (isOutage && !isRefused) return unavailable(`no token could be had now (${reason}): it is asked for again`);
	return new CollectorError(
		"ACCESS_DENIED",
		`no token could be had (${reason}): check that the identity exists and that its settings are right`,
	);
}

function unavailable(message: string): CollectorError {
	return new CollectorError("SOURCE_UNAVAILABLE", message);
}

/** The error's code, and those inside it, outermost first. */
function codesOf(error: unknown): readonly string[] {
	const codes: string[] = [];
	for (const { code } of errorsOf(error)) {
		const text = textOrNone(code)?.slice(0, TEXT_LENGTH_MAX);
		if (text !== undefined && !codes.includes(text)) codes.push(text);
	}
	return codes;
}

/** What the innermost error says, on one line. Of a refused query it speaks of the query, which holds nothing of a record. */
function textOf(error: unknown): string {
	const message = errorsOf(error).at(-1)?.["message"];
	return typeof message === "string" ? message.replace(/\s+/g, " ").slice(0, TEXT_LENGTH_MAX) : "";
}

function errorsOf(error: unknown): readonly Readonly<Record<string, unknown>>[] {
	const found: Readonly<Record<string, unknown>>[] = [asRecord(error)];
	let inner = asRecord(asRecord(error)["details"])["error"];
	while (isObject(inner) && found.length < CODES_MAX) {
		found.push(inner);
		inner = inner["innererror"];
	}
	return found;
}

/** A short word of the system, such as ECONNRESET. */
function codeOf(error: unknown): string {
	return textOrNone(asRecord(error)["code"])?.slice(0, TEXT_LENGTH_MAX) ?? "no answer";
}

/** Seconds, or a date. */
function retryAfterOf(error: unknown): number | undefined {
	const { headers } = asRecord(asRecord(error)["response"]) as { headers?: { get?(name: string): string | undefined } };
	const value = headers?.get?.("retry-after");
	if (value === undefined) return undefined;
	const seconds = Number(value);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const date = headers?.get?.("date");
	const waitMs = Date.parse(value) - Date.parse(date ?? "");
	return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

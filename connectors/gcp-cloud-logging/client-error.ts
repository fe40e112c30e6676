/** Turns what Google's libraries throw into the collector's errors: told by structure, since REST and gRPC throw different things. */

import { CollectorError, type ErrorCode } from "../../src/contract/errors.ts";
import { asRecord, parseOrNone } from "../../src/json/value.ts";

/** There is no token, since the credentials are absent or refused, or since who gives tokens cannot be reached. */
export const ERR_CREDENTIALS = "ERR_CREDENTIALS";
/** Success, but no page of entries. */
export const ERR_GARBLED = "ERR_GARBLED";
/** More bytes than are held at once. */
export const ERR_TOO_LARGE = "ERR_TOO_LARGE";

/** The names of google.rpc.Code, by number. */
const RPC_NAMES = [
	"OK",
	"CANCELLED",
	"UNKNOWN",
	"INVALID_ARGUMENT",
	"DEADLINE_EXCEEDED",
	"NOT_FOUND",
	"ALREADY_EXISTS",
	"PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION",
	"ABORTED",
	"OUT_OF_RANGE",
	"UNIMPLEMENTED",
	"INTERNAL",
	"UNAVAILABLE",
	"DATA_LOSS",
	"UNAUTHENTICATED",
];
const RPC_BY_STATUS: Readonly<Record<number, string>> = {
	400: "INVALID_ARGUMENT",
	401: "UNAUTHENTICATED",
	403: "PERMISSION_DENIED",
	404: "NOT_FOUND",
	429: "RESOURCE_EXHAUSTED",
};
const WORDS_MAX = 200;
const CAUSES_MAX = 5;
const SERVICE_OFF = "SERVICE_DISABLED";
const RATE_REASONS = new Set(["RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"]);
const ADVICE = "set credentials.keyFile, GOOGLE_APPLICATION_CREDENTIALS or a workload identity";

/** What an error says, whoever threw it. */
interface Refusal {
	/** As google.rpc.Code names it; absent for faults of the network. */
	readonly rpc?: string;
	/** Of an answer over HTTP. */
	readonly status?: number;
	/** The service's own words. */
	readonly words: string;
	readonly details: readonly Readonly<Record<string, unknown>>[];
	readonly retryAfterMs?: number;
}

/** The refused page token of a listing: a call that bears one is refused as such, since its other parameters were good before. */
export function isRefusedToken(error: unknown): boolean {
	return refusalOf(error).rpc === "INVALID_ARGUMENT";
}

/** The answer has more bytes than are held at once: fewer entries are to be asked for. */
export function isTooLarge(error: unknown): boolean {
	const { rpc, words } = refusalOf(error);
	return codeOf(error) === ERR_TOO_LARGE || (rpc === "RESOURCE_EXHAUSTED" && words.includes("larger than max"));
}

/** `resource` is what was asked for, as in "projects/example". */
export function collectorErrorOf(error: unknown, resource: string): CollectorError {
	if (error instanceof CollectorError) return error;
	if (codeOf(error) === ERR_CREDENTIALS) return ofCredentials((error as Error).cause);
	if (codeOf(error) === ERR_GARBLED)
		return fault("SOURCE_UNAVAILABLE", "cloud logging answered with something that is no page of entries: will ask again", error);
	const refusal = refusalOf(error);
	const { rpc, retryAfterMs } = refusal;
	if (rpc === "RESOURCE_EXHAUSTED" || isRate(refusal))
		return fault(
			"SOURCE_THROTTLED",
			`cloud logging has no quota left for ${resource}, which all its readers share: will go slower; lower quota.share if it stays so`,
			error,
			retryAfterMs,
		);
	if (rpc === "UNAUTHENTICATED")
		return fault("SOURCE_UNAVAILABLE", "cloud logging refused the token as expired or unknown: will ask for another", error);
	if (rpc === "PERMISSION_DENIED") return fault("ACCESS_DENIED", denialOf(refusal, resource), error);
	if (rpc === "NOT_FOUND")
		return fault("CONFIG_INVALID", `cloud logging knows no ${resource}: look at the name, and at whose it is`, error);
	if (rpc === "INVALID_ARGUMENT")
		return fault(
			"CONFIG_INVALID",
			`cloud logging refused the query for ${resource} (${refusal.words}): look at the settings, first at filter`,
			error,
		);
	return fault(
		"SOURCE_UNAVAILABLE",
		`cloud logging could not be asked for ${resource} (${symptomOf(error, refusal)}): will ask again`,
		error,
		retryAfterMs,
	);
}

function fault(code: ErrorCode, message: string, cause: unknown, retryAfterMs?: number): CollectorError {
	return new CollectorError(code, message, { cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

function denialOf({ details }: Refusal, resource: string): string {
	if (details.some(({ reason }) => reason === SERVICE_OFF))
		return `the cloud logging api is switched off for ${resource}: enable logging.googleapis.com`;
	const permissions = resource.includes("/views/")
		? "logging.views.access"
		: "logging.logEntries.list, and logging.privateLogEntries.list for data access logs,";
	return `not allowed to read ${resource}: grant ${permissions} on it`;
}

function ofCredentials(cause: unknown): CollectorError {
	if (cause instanceof CollectorError) return cause;
	const refusal = refusalOf(cause);
	const { status } = refusal;
	if (status !== undefined && status >= 400 && status < 500 && status !== 429 && status !== 408)
		return fault(
			"ACCESS_DENIED",
			`the credentials were refused (${oauthErrorOf(cause) ?? `status ${status}`}): renew them, and look at this machine's clock`,
			cause,
		);
	if (/default credentials/i.test(refusal.words)) return fault("ACCESS_DENIED", `found no credentials: ${ADVICE}`, cause);
	if (codeOf(cause) === "ENOENT" || /does not exist/.test(refusal.words))
		return fault("ACCESS_DENIED", `the credentials file is not there: ${ADVICE}`, cause);
	return fault("SOURCE_UNAVAILABLE", `no token could be had (${symptomOf(cause, refusal)}): will ask again`, cause, refusal.retryAfterMs);
}

/** The word of OAuth 2, such as "invalid_grant". */
function oauthErrorOf(cause: unknown): string | undefined {
	const said = asRecord(bodyOf(asRecord(asRecord(cause)["response"])["data"]))["error"];
	return typeof said === "string" && /^\w{1,40}$/.test(said) ? said : undefined;
}

function isRate({ details, status }: Refusal): boolean {
	return status === 403 && details.some(({ reason }) => typeof reason === "string" && RATE_REASONS.has(reason));
}

/** What a fault looked like: a status, a system's code, or a library's word; never a text that could hold anything. */
function symptomOf(error: unknown, { status, rpc }: Refusal): string {
	return status !== undefined ? `status ${status}` : (rpc ?? networkCodeOf(error) ?? "no answer");
}

function networkCodeOf(error: unknown): string | undefined {
	let at: unknown = error;
	for (let i = 0; i < CAUSES_MAX && typeof at === "object" && at !== null; i++) {
		const { code, name, cause } = at as { readonly code?: unknown; readonly name?: unknown; readonly cause?: unknown };
		if (typeof code === "string" && /^[\w-]{1,40}$/.test(code)) return code;
		if (name === "TimeoutError") return name;
		at = cause;
	}
	return undefined;
}

function codeOf(error: unknown): unknown {
	return typeof error === "object" && error !== null ? (error as { readonly code?: unknown }).code : undefined;
}

/** gRPC numbers its codes from 0 to 16; an error of REST has the HTTP status, and its answer. */
function refusalOf(error: unknown): Refusal {
	const { response, status, code, details, message, statusDetails } = (
		typeof error === "object" && error !== null ? error : {}
	) as Readonly<Record<string, unknown>>;
	const answer = asRecord(response);
	const httpStatus = [answer["status"], status].find((value): value is number => typeof value === "number");
	if (httpStatus !== undefined) return ofAnswer(httpStatus, answer["headers"], bodyOf(answer["data"]));
	const rpc = typeof code === "number" ? RPC_NAMES[code] : undefined;
	const all = (Array.isArray(statusDetails) ? statusDetails : []).map(asRecord);
	const retryAfterMs = retryDelayOf(all);
	return {
		words: cut(typeof details === "string" ? details : typeof message === "string" ? message : ""),
		details: all,
		...(rpc === undefined ? {} : { rpc }),
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	};
}

function ofAnswer(status: number, headers: unknown, body: unknown): Refusal {
	const said = asRecord(asRecord(body)["error"]);
	const details = [said["details"], said["errors"]].flatMap((list) => (Array.isArray(list) ? list.map(asRecord) : []));
	const rpc = RPC_BY_STATUS[status] ?? (typeof said["status"] === "string" ? said["status"] : undefined);
	const retryAfterMs = retryAfterOf(headers) ?? retryDelayOf(details);
	return {
		status,
		words: cut(typeof said["message"] === "string" ? said["message"] : ""),
		details,
		...(rpc === undefined ? {} : { rpc }),
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	};
}

function bodyOf(body: unknown): unknown {
	return typeof body === "string" ? parseOrNone(body) : body;
}

function cut(words: string): string {
	return words.length <= WORDS_MAX ? words : `${words.slice(0, WORDS_MAX)}...`;
}

/** Seconds; a date would need a clock, and Google sends none. */
function retryAfterOf(headers: unknown): number | undefined {
	const text = isHeaders(headers) ? headers.get("retry-after") : undefined;
	return typeof text === "string" && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** Told by its method: there is more than one class of that name. */
function isHeaders(value: unknown): value is Pick<Headers, "get"> {
	return typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
}

/** google.rpc.RetryInfo: "31s" in JSON, seconds and nanos in gRPC. */
function retryDelayOf(details: readonly Readonly<Record<string, unknown>>[]): number | undefined {
	const delay = details.map(({ retryDelay }) => retryDelay).find((value) => value !== undefined && value !== null);
	if (typeof delay === "string") return /^\d{1,6}(?:\.\d+)?s$/.test(delay) ? Math.ceil(Number(delay.slice(0, -1)) * 1000) : undefined;
	const seconds = Number(asRecord(delay)["seconds"]);
	return delay === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000 + Math.ceil(Number(asRecord(delay)["nanos"] ?? 0) / 1e6);
}

/** Turns what the AWS SDK throws into the errors of our table, told by structure alone: name, status, code, headers. */

import { CollectorError, type ErrorCode } from "../../src/contract/errors.ts";
import { asRecord } from "../../src/json/value.ts";

/** What was asked, for messages: `permission` "logs:FilterLogEvents", `on` "the log group ... in eu-central-1". */
export interface Asked {
	readonly permission: string;
	readonly on: string;
}

/** What the SDK's errors have in common; every part may be missing, or of another type. */
interface Thrown {
	readonly name: string;
	readonly message: string;
	readonly code: string | undefined;
	readonly status: number | undefined;
	readonly isSkewCorrected: boolean;
	readonly headers: Readonly<Record<string, unknown>>;
}

const THROTTLED =
	/^(?:Throttling|ThrottlingException|ThrottledException|RequestThrottled(?:Exception)?|TooManyRequestsException|RequestLimitExceeded|LimitExceededException|ProvisionedThroughputExceededException|BandwidthLimitExceeded|SlowDown|PriorRequestNotComplete|EC2ThrottledException)$/;
/** New credentials, which the client asks for after each of these, make the call good. */
const EXPIRED = /^(?:ExpiredToken(?:Exception)?|RequestExpired|TokenRefreshRequired|ExpiredTokenId|ExpiredIdentityTokenException)$/;
const DENIED =
	/^(?:AccessDenied(?:Exception)?|NotAuthorized|UnauthorizedOperation|UnrecognizedClientException|InvalidClientTokenId|MissingAuthenticationToken(?:Exception)?|IncompleteSignature(?:Exception)?|InvalidSignatureException|SignatureDoesNotMatch|OptInRequired|InvalidIdentityToken|IDPRejectedClaim|AuthFailure)$/;
const NO_CREDENTIALS = /^(?:CredentialsProviderError|TokenProviderError|ProviderError)$/;
const ABSENT = /^(?:ResourceNotFoundException)$/;
const REFUSED =
	/^(?:InvalidParameterException|InvalidOperationException|InvalidParameterValue|MalformedQueryException|ValidationException|ValidationError|UnsupportedOperationException|RegionDisabledException|MalformedPolicyDocument)$/;
/** The part of AWS's own words that says which permission is missing, and on what. */
const NOT_AUTHORIZED = /not authorized to perform: ([\w:*-]{1,128})(?: on resource: ([\w:/.*@+=,#-]{1,2048}))?/;
/** What names of errors and codes of the network are made of, and keys and tokens hardly ever. */
const WORD = /^(?:[A-Za-z_.]{1,64}|E[A-Z0-9_]{1,47})$/;

/** A page token that was refused, if the call bore one: all else in the call was good when the page before came. */
export function isTokenRefused(error: unknown): boolean {
	return readThrown(error).name === "InvalidParameterException";
}

/** Credentials that a new look at where they come from may make good. */
export function areCredentialsExpired(error: unknown): boolean {
	return EXPIRED.test(readThrown(error).name);
}

/** The error of our table. One that is of it already is given back. Never for an abort: that is the caller's own. */
export function toCollectorError(error: unknown, asked: Asked): CollectorError {
	if (error instanceof CollectorError) return error;
	const thrown = readThrown(error);
	const [code, message] = classify(thrown, asked);
	const retryAfterMs = code === "SOURCE_THROTTLED" || code === "SOURCE_UNAVAILABLE" ? retryAfter(thrown.headers) : undefined;
	// The cause is left out: its text, and the answer that hangs from it, may hold content.
	return new CollectorError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function classify(thrown: Thrown, { permission, on }: Asked): readonly [ErrorCode, string] {
	const { name, status } = thrown;
	const what = `${permission} on ${on}`;
	if (THROTTLED.test(name) || status === 429)
		return ["SOURCE_THROTTLED", `${what}: the quota of calls is spent; other readers of the account draw on it too`];
	if (EXPIRED.test(name)) return ["SOURCE_UNAVAILABLE", `${what}: the credentials have expired; new ones are asked for`];
	if (thrown.isSkewCorrected) return ["SOURCE_UNAVAILABLE", `${what}: this machine's clock is wrong; the next call allows for it`];
	if (DENIED.test(name)) return ["ACCESS_DENIED", denied(thrown, permission, on)];
	if (NO_CREDENTIALS.test(name))
		return [
			"ACCESS_DENIED",
			"no AWS credentials were found: give this workload an identity (pod identity, IRSA, instance role), or set a profile or AWS_ACCESS_KEY_ID",
		];
	if (ABSENT.test(name))
		return ["CONFIG_INVALID", `${on} does not exist: check name, Region and account, and that control-plane logging is on`];
	if (REFUSED.test(name)) return ["CONFIG_INVALID", `${what}: ${refusal(thrown)}`];
	if (status === 401 || status === 403 || status === 407)
		return ["ACCESS_DENIED", `${what}: answered ${status} by something that is not AWS: check the proxy and the endpoint`];
	return ["SOURCE_UNAVAILABLE", `${what}: ${reason(thrown)}`];
}

/** AWS's own words where it says them: of an assumed role they name another permission than that of the call. */
function denied({ name, message }: Thrown, permission: string, on: string): string {
	const [, action, resource] = NOT_AUTHORIZED.exec(message) ?? [];
	if (action !== undefined) return `the permission ${action} on ${resource ?? on} is missing: grant it to the identity in use`;
	if (/^AccessDenied|^NotAuthorized|^Unauthorized/.test(name))
		return `the permission ${permission} on ${on} is missing: grant it to the identity in use`;
	return `${permission} on ${on}: AWS does not accept the credentials (${name}): check them, and that the account has the Region switched on`;
}

function refusal({ name, message }: Thrown): string {
	if (/log-group-class|log class/i.test(message))
		return "the log group's class does not allow it: only groups of class STANDARD can be read with FilterLogEvents";
	return `the request was refused (${name}): check the settings of this source`;
}

function reason({ name, code, status }: Thrown): string {
	// The client library meets HTML or cut text where JSON is due with a SyntaxError.
	if (name === "SyntaxError") return `the answer was no JSON${status === undefined ? "" : ` (status ${status})`}; it is asked again`;
	if (name === "TimeoutError") return "no answer in time; it is asked again";
	const words = [code, name === "Error" ? undefined : name].filter((word) => word !== undefined && WORD.test(word));
	if (status !== undefined) words.unshift(`status ${status}`);
	return `the call failed${words.length === 0 ? "" : ` (${words.join(", ")})`}; it is asked again`;
}

const RETRY_AFTER_MS_MAX = 3_600_000;

/** `x-amz-retry-after` is in milliseconds, `retry-after` in seconds, or a date. */
function retryAfter(headers: Thrown["headers"]): number | undefined {
	const exact = Number(headers["x-amz-retry-after"] ?? Number.NaN);
	const usual = headers["retry-after"];
	const seconds = Number(usual ?? Number.NaN);
	const until = typeof usual === "string" ? Date.parse(usual) : Number.NaN;
	const served = Date.parse(String(headers["date"]));
	const ms = [exact, seconds * 1000, until - served].find(Number.isFinite);
	return ms === undefined ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, ms));
}

function readThrown(error: unknown): Thrown {
	const { name, message, code, $metadata, $response } = asRecord(error);
	const { httpStatusCode, clockSkewCorrected } = asRecord($metadata);
	const { headers } = asRecord($response);
	return {
		name: typeof name === "string" ? name : "Error",
		message: typeof message === "string" ? message : "",
		code: typeof code === "string" ? code : undefined,
		status: typeof httpStatusCode === "number" ? httpStatusCode : undefined,
		isSkewCorrected: clockSkewCorrected === true,
		headers: asRecord(headers),
	};
}

/** What the SDK throws becomes an error of the table, whose message says what to do and holds nothing that is secret. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../src/contract/errors.ts";
import { areCredentialsExpired, isTokenRefused, toCollectorError } from "./client-error.ts";

const ASKED = { permission: "logs:FilterLogEvents", on: "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/eks/prod/cluster:*" };

function thrown(name: string, httpStatusCode?: number, more: object = {}): Error {
	return Object.assign(new Error("words of AWS"), { name, $metadata: { httpStatusCode }, ...more });
}

const CODES: readonly (readonly [string, Error])[] = [
	["SOURCE_THROTTLED", thrown("ThrottlingException", 400)],
	["SOURCE_THROTTLED", thrown("LimitExceededException", 400)],
	["SOURCE_THROTTLED", thrown("SyntaxError", 429)],
	["SOURCE_UNAVAILABLE", thrown("ServiceUnavailableException", 503)],
	["SOURCE_UNAVAILABLE", thrown("InternalFailure", 500)],
	["SOURCE_UNAVAILABLE", thrown("SyntaxError", 502)],
	["SOURCE_UNAVAILABLE", thrown("SyntaxError", 200)],
	["SOURCE_UNAVAILABLE", thrown("SyntaxError")],
	["SOURCE_UNAVAILABLE", thrown("TimeoutError")],
	["SOURCE_UNAVAILABLE", thrown("AbortError")],
	["SOURCE_UNAVAILABLE", thrown("Error", undefined, { code: "ECONNREFUSED" })],
	["SOURCE_UNAVAILABLE", thrown("ExpiredTokenException", 400)],
	["SOURCE_UNAVAILABLE", thrown("ExpiredToken", 403)],
	["SOURCE_UNAVAILABLE", thrown("InvalidSignatureException", 400, { $metadata: { httpStatusCode: 400, clockSkewCorrected: true } })],
	["ACCESS_DENIED", thrown("AccessDeniedException", 400)],
	["ACCESS_DENIED", thrown("AccessDenied", 403)],
	["ACCESS_DENIED", thrown("UnrecognizedClientException", 400)],
	["ACCESS_DENIED", thrown("InvalidSignatureException", 400)],
	["ACCESS_DENIED", thrown("CredentialsProviderError")],
	["ACCESS_DENIED", thrown("SyntaxError", 403)],
	["CONFIG_INVALID", thrown("ResourceNotFoundException", 400)],
	["CONFIG_INVALID", thrown("InvalidParameterException", 400)],
	["CONFIG_INVALID", thrown("InvalidOperationException", 400)],
];

test("each error has its code", () => {
	for (const [code, error] of CODES) {
		const given = toCollectorError(error, ASKED);
		assert.equal(given.code, code, `${error.name} ${given.message}`);
		assert.equal(given.message.includes("words of AWS"), false);
		assert.equal(given.cause, undefined);
	}
});

test("what is missing is named exactly: by AWS where it says so, else by what was asked", () => {
	assert.match(
		toCollectorError(thrown("AccessDeniedException", 400), ASKED).message,
		/logs:FilterLogEvents on arn:aws:logs:eu-central-1:123456789012:log-group:\/aws\/eks\/prod\/cluster:\* is missing/,
	);
	const message =
		"User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::999988887777:role/reader because no identity-based policy allows it";
	const error = toCollectorError(thrown("AccessDenied", 403, { message }), ASKED);
	assert.match(error.message, /the permission sts:AssumeRole on arn:aws:iam::999988887777:role\/reader is missing/);
	const unquoted = toCollectorError(thrown("AccessDenied", 403, { message: "not authorized to perform: logs:X" }), ASKED);
	assert.match(unquoted.message, /the permission logs:X on arn:aws:logs/);
});

test("a class that cannot be read is told from other refusals", () => {
	const message =
		"The log group /aws/eks/prod/cluster is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not supported for this log class.";
	assert.match(toCollectorError(thrown("InvalidOperationException", 400, { message }), ASKED).message, /class STANDARD/);
	assert.match(toCollectorError(thrown("InvalidOperationException", 400), ASKED).message, /refused \(InvalidOperationException\)/);
});

test("how long to wait is what the service says: milliseconds, seconds, or until a date", () => {
	const after = (headers: object): number | undefined =>
		toCollectorError(thrown("ThrottlingException", 400, { $response: { headers } }), ASKED).retryAfterMs;
	assert.equal(after({}), undefined);
	assert.equal(after({ "retry-after": "3" }), 3000);
	assert.equal(after({ "x-amz-retry-after": "1500", "retry-after": "3" }), 1500);
	assert.equal(after({ date: "Mon, 23 Nov 2026 12:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 12:00:30 GMT" }), 30_000);
	assert.equal(after({ "retry-after": "soon" }), undefined);
	assert.equal(after({ "retry-after": "-5" }), 0);
	assert.equal(after({ "retry-after": "1e9" }), 3_600_000);
	assert.equal(
		toCollectorError(thrown("AccessDenied", 403, { $response: { headers: { "retry-after": "3" } } }), ASKED).retryAfterMs,
		undefined,
	);
});

test("a refused token and ended credentials are recognised", () => {
	assert.deepEqual([thrown("InvalidParameterException"), thrown("ValidationException"), undefined].map(isTokenRefused), [
		true,
		false,
		false,
	]);
	assert.deepEqual([thrown("ExpiredTokenException"), thrown("ExpiredToken"), thrown("AccessDenied"), null].map(areCredentialsExpired), [
		true,
		true,
		false,
		false,
	]);
});

test("an error of the table stays itself", () => {
	const error = new CollectorError("CURSOR_EXPIRED", "too old");
	assert.equal(toCollectorError(error, ASKED), error);
});

test("whatever is thrown, something of the table comes out, and nothing of its text", () => {
	fc.assert(
		fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), fc.string({ minLength: 12 }), (value, secret) => {
			for (const error of [
				value,
				Object.assign(new Error(secret), { code: secret, name: secret, $metadata: value, $response: { headers: value } }),
			]) {
				const { code, message } = toCollectorError(error, ASKED);
				assert.ok(["SOURCE_UNAVAILABLE", "SOURCE_THROTTLED", "ACCESS_DENIED", "CONFIG_INVALID"].includes(code));
				assert.ok(message.length < 1000);
			}
		}),
	);
	const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	assert.equal(toCollectorError(Object.assign(new Error(secret), { name: secret, code: secret }), ASKED).message.includes(secret), false);
});

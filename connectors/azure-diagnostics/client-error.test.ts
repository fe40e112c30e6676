import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { collectorErrorOf, refusalOf } from "./client-error.ts";
import { REFUSALS, restError } from "./model-reply.ts";

const ASKED = { workspaceId: "ws-1", table: "AKSAudit" };

const named = (name: string, message: string, rest: object = {}): Error => Object.assign(new Error(message), { name, ...rest });
const status = (statusCode: number, code = "Some", headers: Record<string, string> = {}): Error =>
	restError({ status: statusCode, headers, body: Buffer.from(JSON.stringify({ error: { code, message: "text of the service" } })) });

test("each kind of failure has its code", () => {
	const cases: readonly (readonly [Error, string])[] = [
		[restError(REFUSALS.throttled(7)), "SOURCE_THROTTLED"],
		[restError(REFUSALS.unavailable()), "SOURCE_UNAVAILABLE"],
		[restError(REFUSALS.tooLong()), "SOURCE_UNAVAILABLE"],
		[restError(REFUSALS.noToken()), "SOURCE_UNAVAILABLE"],
		[restError(REFUSALS.badToken()), "SOURCE_UNAVAILABLE"],
		[status(403, "InvalidAuthenticationToken"), "SOURCE_UNAVAILABLE"],
		[status(403, "InvalidAuthenticationTokenAudience"), "ACCESS_DENIED"],
		[restError(REFUSALS.denied()), "ACCESS_DENIED"],
		[restError(REFUSALS.noWorkspace()), "CONFIG_INVALID"],
		[restError(REFUSALS.notUnderstood()), "CONFIG_INVALID"],
		[status(407), "SOURCE_UNAVAILABLE"],
		[status(500), "SOURCE_UNAVAILABLE"],
		[named("RestError", "read ECONNRESET", { code: "ECONNRESET" }), "SOURCE_UNAVAILABLE"],
		[named("TimeoutError", "aborted"), "SOURCE_UNAVAILABLE"],
		[new TypeError("cannot read properties of undefined"), "SOURCE_UNAVAILABLE"],
		[named("AuthenticationError", "AADSTS7000215: Invalid client secret provided.", { statusCode: 401 }), "ACCESS_DENIED"],
		[named("AuthenticationError", "bad gateway", { statusCode: 502 }), "SOURCE_UNAVAILABLE"],
		[named("AuthenticationRequiredError", "invalid_client: 7000215 - AADSTS7000215: timed out secret"), "ACCESS_DENIED"],
		[named("AuthenticationRequiredError", "network_error: Network request failed"), "SOURCE_UNAVAILABLE"],
		[named("CredentialUnavailableError", "ManagedIdentityCredential: Network unreachable. Message: x"), "SOURCE_UNAVAILABLE"],
		[named("CredentialUnavailableError", "WorkloadIdentityCredential: is unavailable. tenantId is required"), "ACCESS_DENIED"],
		[named("AggregateAuthenticationError", "ChainedTokenCredential failed", { errors: [new Error("no CLI")] }), "ACCESS_DENIED"],
	];
	for (const [error, code] of cases) assert.equal(collectorErrorOf(error, ASKED).code, code, `${error.name}: ${error.message}`);
});

test("a denial names the role and the action, on what", () => {
	const { message } = collectorErrorOf(restError(REFUSALS.denied()), ASKED);
	for (const part of [
		"Log Analytics Reader",
		"Microsoft.OperationalInsights/workspaces/query/AKSAudit/read",
		"ws-1",
		"InsufficientAccessError",
	])
		assert.ok(message.includes(part), message);
});

test("Retry-After is in seconds or a date", () => {
	const after = (headers: Record<string, string>): number | undefined => collectorErrorOf(status(429, "x", headers), ASKED).retryAfterMs;
	assert.equal(after({ "retry-after": "7" }), 7_000);
	assert.equal(after({ date: "Mon, 23 Nov 2026 12:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 12:00:09 GMT" }), 9_000);
	assert.equal(after({ date: "Mon, 23 Nov 2026 12:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT" }), 0);
	assert.equal(after({ "retry-after": "soon" }), undefined);
	assert.equal(after({}), undefined);
});

test("refusals that lead on are told from others", () => {
	assert.equal(refusalOf(restError(REFUSALS.noTable("AKSAudit"))), "missing");
	assert.equal(refusalOf(restError(REFUSALS.basicTable())), "basic");
	assert.equal(refusalOf(restError(REFUSALS.tooLong())), "too-long");
	assert.equal(refusalOf(status(413)), "too-much");
	assert.equal(refusalOf(status(400, "E_RUNAWAY_QUERY")), "too-much");
	for (const error of [restError(REFUSALS.notUnderstood()), restError(REFUSALS.denied()), status(504), status(503), new Error("x")])
		assert.equal(refusalOf(error), undefined);
});

test("no message repeats what the SDK's errors quote: answers, secrets, tokens", () => {
	const leak = "leak-0123456789abcdef";
	const errors = [
		named("RestError", `Error "x" occurred while parsing the response body - ${leak}.`, { code: "PARSE_ERROR", statusCode: 200 }),
		named("AuthenticationError", `AADSTS7000215: ${leak}`, { statusCode: 401, errorResponse: { errorDescription: leak } }),
		named("CredentialUnavailableError", leak),
		named("SyntaxError", leak),
	];
	for (const error of errors) {
		const ours = collectorErrorOf(error, ASKED);
		assert.ok(!`${ours.message} ${ours.stack} ${JSON.stringify(ours)} ${ours.cause}`.includes(leak), ours.message);
	}
});

test("anything thrown becomes an error of ours, of a bounded length, once", () => {
	fc.assert(
		fc.property(fc.anything(), (thrown) => {
			const error = collectorErrorOf(thrown, ASKED);
			assert.ok(error.message.length < 4_000);
			assert.equal(collectorErrorOf(error, ASKED), error);
			refusalOf(thrown);
		}),
	);
	const deep: Record<string, unknown> = { code: "a" };
	deep["innererror"] = deep;
	assert.equal(collectorErrorOf({ statusCode: 400, details: { error: deep } }, ASKED).code, "CONFIG_INVALID");
});

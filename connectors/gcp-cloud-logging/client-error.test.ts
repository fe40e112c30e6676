import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../src/contract/errors.ts";
import { collectorErrorOf, ERR_CREDENTIALS, isRefusedToken, isTooLarge } from "./client-error.ts";
import { grpcError, type RefusalKind, refusal, resetError, restError, timeoutError } from "./model-refusal.ts";

const KINDS: Readonly<Record<RefusalKind, string>> = {
	throttled: "SOURCE_THROTTLED",
	unavailable: "SOURCE_UNAVAILABLE",
	internal: "SOURCE_UNAVAILABLE",
	unauthenticated: "SOURCE_UNAVAILABLE",
	denied: "ACCESS_DENIED",
	invalid: "CONFIG_INVALID",
	"unknown-resource": "CONFIG_INVALID",
};

test("REST and gRPC say the same", () => {
	for (const [kind, code] of Object.entries(KINDS)) {
		const said = refusal(kind as RefusalKind, "some words");
		const [rest, grpc] = [restError(said), grpcError(said)].map((error) => collectorErrorOf(error, "projects/example"));
		assert.equal(rest?.code, code, kind);
		assert.equal(grpc?.code, code, kind);
		assert.equal(isRefusedToken(restError(said)), kind === "invalid");
		assert.equal(isRefusedToken(grpcError(said)), kind === "invalid");
	}
});

test("how long to wait is told", () => {
	const waits = (error: unknown): number | undefined => collectorErrorOf(error, "projects/example").retryAfterMs;
	assert.equal(waits(restError(refusal("throttled", "", { retryAfterS: 7 }))), 7_000);
	assert.equal(waits(restError(refusal("unavailable", "", { retryAfterS: 2 }))), 2_000);
	const body = { error: { code: 429, details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" }] } };
	assert.equal(waits({ response: { status: 429, data: JSON.stringify(body) } }), 1_500);
	assert.equal(waits({ code: 8, details: "", statusDetails: [{ retryDelay: { seconds: "3", nanos: 500_000_000 } }] }), 3_500);
	assert.equal(waits(restError(refusal("throttled", ""))), undefined);
});

test("permissions are named, and what they are needed on", () => {
	const message = (error: unknown, resource: string): string => collectorErrorOf(error, resource).message;
	const denied = restError(refusal("denied", "no"));
	assert.match(message(denied, "folders/7"), /folders\/7: grant logging\.logEntries\.list, and logging\.privateLogEntries\.list/);
	assert.match(message(denied, "projects/p/locations/l/buckets/b/views/v"), /logging\.views\.access/);
	assert.match(
		message(restError(refusal("denied", "no", { reason: "SERVICE_DISABLED" })), "projects/p"),
		/enable logging\.googleapis\.com/,
	);
	assert.equal(
		collectorErrorOf(restError(refusal("denied", "no", { reason: "RATE_LIMIT_EXCEEDED" })), "projects/p").code,
		"SOURCE_THROTTLED",
	);
});

test("faults of the network are told by their code", () => {
	assert.match(collectorErrorOf(resetError(), "projects/p").message, /ECONNRESET/);
	assert.match(collectorErrorOf(timeoutError(), "projects/p").message, /TimeoutError/);
	assert.match(collectorErrorOf(new DOMException("x", "TimeoutError"), "projects/p").message, /TimeoutError/);
	assert.match(collectorErrorOf({ response: { status: 502, data: "<html>" } }, "projects/p").message, /status 502/);
});

test("what is too large is told apart from a quota that is spent", () => {
	assert.equal(isTooLarge(grpcError(refusal("throttled", "Received message larger than max (9 vs. 5)"))), true);
	assert.equal(isTooLarge(grpcError(refusal("throttled", "Quota exceeded"))), false);
});

test("credentials: refused ones are the user's to mend, a token service that fails will be asked again", () => {
	const ofToken = (cause: unknown): CollectorError =>
		collectorErrorOf(Object.assign(new Error("no token", { cause }), { code: ERR_CREDENTIALS }), "projects/p");
	const refused = ofToken({ response: { status: 400, data: { error: "invalid_grant", error_description: "secret words" } } });
	assert.equal(refused.code, "ACCESS_DENIED");
	assert.match(refused.message, /invalid_grant/);
	assert.doesNotMatch(refused.message, /secret/);
	assert.equal(ofToken({ response: { status: 503 } }).code, "SOURCE_UNAVAILABLE");
	assert.equal(ofToken({ response: { status: 429 } }).code, "SOURCE_UNAVAILABLE");
	assert.equal(ofToken(resetError()).code, "SOURCE_UNAVAILABLE");
	assert.equal(ofToken(new Error("Could not load the default credentials. Browse to ...")).code, "ACCESS_DENIED");
});

test("nothing that is thrown is too odd, and nothing it says but a filter's fault is passed on", () => {
	fc.assert(
		fc.property(fc.anything(), (thrown) => {
			const error = collectorErrorOf(thrown, "projects/p");
			assert.ok(error instanceof CollectorError);
			isRefusedToken(thrown);
			isTooLarge(thrown);
		}),
	);
	const canary = "canary-0123456789abcdef";
	for (const kind of Object.keys(KINDS)) {
		const { message } = collectorErrorOf(restError(refusal(kind as RefusalKind, canary)), "projects/p");
		assert.equal(message.includes(canary), kind === "invalid", kind);
	}
	const own = new CollectorError("CONFIG_INVALID", "own");
	assert.equal(collectorErrorOf(own, "projects/p"), own);
});

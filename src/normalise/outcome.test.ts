import assert from "node:assert/strict";
import { test } from "node:test";
import { ORIGINS, ocsfOf } from "./test-events.ts";

const STATUS = { 0: "Unknown", 1: "Success", 2: "Failure" };

test("success is told by the response code, and by a panic", () => {
	const table: readonly (readonly [code: number | undefined, stage: string, id: 0 | 1 | 2])[] = [
		[undefined, "RequestReceived", 0],
		[undefined, "ResponseComplete", 0],
		[0, "ResponseComplete", 0],
		[-1, "ResponseComplete", 0],
		[1, "ResponseComplete", 1],
		[101, "ResponseStarted", 1],
		[200, "ResponseComplete", 1],
		[304, "ResponseComplete", 1],
		[399, "ResponseComplete", 1],
		[400, "ResponseComplete", 2],
		[403, "ResponseComplete", 2],
		[504, "ResponseComplete", 2],
		[undefined, "Panic", 2],
		[500, "Panic", 2],
		[200, "Panic", 2],
	];
	for (const [code, stage, id] of table) {
		const event = ocsfOf({ stage, responseStatus: code === undefined ? undefined : { code } });
		assert.deepEqual([event.status_id, event.status], [id, STATUS[id]], `${code} ${stage}`);
		assert.equal(event.status_code, code === undefined ? undefined : String(code));
		assert.equal(event.http_response?.code, code);
		assert.equal(event.api.response?.code, code);
	}
});

test("what the response says of itself", () => {
	const responseStatus = { status: "Failure", message: "no", reason: "Forbidden", code: 403, details: { kind: "pods" }, metadata: {} };
	const { status_detail, api, unmapped } = ocsfOf({ responseStatus });
	assert.equal(status_detail, "no");
	assert.deepEqual({ ...api.response }, { code: 403, error: "Forbidden", message: "no" });
	assert.deepEqual(new Set(Object.keys(unmapped?.audit?.["responseStatus"] ?? {})), new Set(["status", "metadata", "details"]));
});

test("a google.rpc code tells success, and no HTTP code is made of it", () => {
	for (const [rpcCode, id, code] of [
		[0, 1, undefined],
		[7, 2, "rpc:7"],
		[undefined, 0, undefined],
	] as const) {
		const event = ocsfOf({ responseStatus: undefined }, ORIGINS.gke, rpcCode === undefined ? {} : { rpcCode });
		assert.deepEqual([event.status_id, event.status_code, event.http_response, event.api.response], [id, code, undefined, undefined]);
	}
	assert.deepEqual(ocsfOf({ responseStatus: { code: 404 } }, ORIGINS.gke, { rpcCode: 5 }).status_code, "404");
});

test("allowed or denied is told by the decision and by 403, and nothing else", () => {
	const denied = [2, "Denied", 2, "Blocked"];
	const allowed = [1, "Allowed", 1, "Allowed"];
	const none = [undefined, undefined, undefined, undefined];
	const table: readonly (readonly [decision: string | undefined, code: number, expected: unknown[]])[] = [
		["allow", 200, allowed],
		["allow", 404, allowed],
		["allow", 403, denied],
		["forbid", 403, denied],
		["forbid", 200, denied],
		["?", 200, none],
		[undefined, 401, none],
		[undefined, 403, denied],
		[undefined, 200, none],
	];
	for (const [decision, code, expected] of table) {
		const annotations = decision === undefined ? undefined : { "authorization.k8s.io/decision": decision };
		const event = ocsfOf({ annotations, responseStatus: { code } });
		assert.deepEqual([event.action_id, event.action, event.disposition_id, event.disposition], expected, `${decision} ${code}`);
		assert.equal(event.metadata.profiles.includes("security_control"), expected !== none);
	}
});

test("what an admission webhook refuses was allowed by the authoriser, and failed", () => {
	const event = ocsfOf({ responseStatus: { code: 400 } });
	assert.deepEqual([event.status, event.action], ["Failure", "Allowed"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { responseStatusOf, rpcCodeOf } from "./rpc-status.ts";

test("success is no code or code 0, and anything but an integer is no code", () => {
	assert.equal(rpcCodeOf({}), 0);
	assert.equal(rpcCodeOf({ code: 0 }), 0);
	assert.equal(rpcCodeOf({ code: 16 }), 16);
	for (const status of [undefined, null, [], "7", { code: "7" }, { code: 7.5 }, { code: null }]) assert.equal(rpcCodeOf(status), undefined);
});

const FORBIDDEN = { kind: "Status", status: "Failure", reason: "Forbidden", code: 403, message: "pods is forbidden: long text" };

test("an HTTP code is never made of an rpc code", () => {
	for (const code of [0, 1, 5, 7, 10, 16]) {
		assert.deepEqual(responseStatusOf({ code, message: "Forbidden" }, undefined), { message: "Forbidden" });
		assert.equal(responseStatusOf({ code }, { kind: "Pod", code: 200 }), undefined);
	}
});

test("a Status of the core group says code and reason, and its text stays in the body", () => {
	const said = { status: "Failure", reason: "Forbidden", code: 403 };
	assert.deepEqual(responseStatusOf({ code: 7 }, { ...FORBIDDEN, "@type": "core.k8s.io/v1.Status" }), said);
	assert.deepEqual(responseStatusOf({ code: 7, message: "short" }, FORBIDDEN), { ...said, message: "short" });
	assert.deepEqual(responseStatusOf({}, { kind: "Status", apiVersion: "v1", status: "Success" }), { status: "Success" });
});

test("another group's Status, and nonsense in a Status, say nothing", () => {
	assert.equal(responseStatusOf({}, { ...FORBIDDEN, apiVersion: "example.com/v1" }), undefined);
	assert.equal(responseStatusOf({}, { kind: "Status", code: 42, reason: 5, status: null }), undefined);
	assert.equal(responseStatusOf({ message: 5 }, [FORBIDDEN]), undefined);
	assert.equal(responseStatusOf(undefined, undefined), undefined);
});

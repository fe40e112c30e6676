import assert from "node:assert/strict";
import { test } from "node:test";
import { createPolicy } from "./policy.ts";
import { decodedOf, decodedText, requestOf } from "./test-events.ts";

const metadataOnly = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: [{ level: "None", verbs: ["watch"] }, { level: "Metadata" }] };
const policy = createPolicy({ redaction: { enabled: true }, filter: { presets: ["leases"], policy: metadataOnly } });

test("what is filtered is counted by rule, with the bytes that it would have been", () => {
	const event = decodedOf({ verb: "watch", requestURI: "/x", requestObject: { a: "é" } });
	const treated = policy(event);
	assert.ok(treated.kind === "filtered");
	assert.equal(treated.rule, "policy:1");
	assert.equal(
		treated.bytes,
		JSON.stringify({ auditID: "a-1", stage: "ResponseComplete", verb: "watch", requestURI: "/x" }).length + Buffer.byteLength('{"a":"é"}'),
	);
});

test("what is reduced is redacted in what is left, and says what was saved", () => {
	const event = decodedOf({ verb: "create", requestURI: "/x?token=y", requestObject: { password: "x" } });
	const treated = policy(event);
	assert.ok(treated.kind === "kept");
	assert.deepEqual(treated.reduced, { rule: "policy:2", bytes: 16 });
	assert.deepEqual([...treated.redacted], [["uri", 1]]);
	assert.equal(treated.decoded.event.requestObject, undefined);
});

test("bodies that were dropped do not come back with the original bytes", () => {
	const treated = policy(decodedText('{"auditID":"a","verb":"x","userAgent":"\\ud800","requestObject":{"a":1}}'));
	assert.deepEqual(treated.kind === "kept" && treated.decoded.repaired, { what: ["lone-surrogate"] });
});

test("without a filter, events are redacted and nothing else", () => {
	const redactOnly = createPolicy({ redaction: { enabled: true } });
	const secret = redactOnly(requestOf("secrets", { data: { a: "b" } }));
	assert.ok(secret.kind === "kept" && secret.reduced === undefined);
	assert.deepEqual([...secret.redacted], [["secrets", 1]]);
	const plain = decodedOf({ verb: "get" });
	assert.deepEqual(redactOnly(plain), { kind: "kept", decoded: plain, redacted: new Map() });
});

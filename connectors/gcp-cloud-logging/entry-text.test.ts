import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "./decode.ts";
import { decodeEntry, eventOf, plainOf, sampleEntry } from "./sample-entry.ts";

/** Texts as the API writes them: keys in alphabetical order. */
const WHOLE = JSON.stringify(sampleEntry({}, { request: { "@type": "core.k8s.io/v1.Pod", spec: { text: "x".repeat(50) } } }));

function cutAfter(mark: string): string {
	return WHOLE.slice(0, WHOLE.indexOf(mark) + mark.length);
}

test("an entry cut in a body still says who, what and on which object", () => {
	const { event, truncated, inferred, envelope, identity } = eventOf(cutAfter('"text":"xxx'));
	assert.deepEqual(event.user, { username: "dev@example.com" });
	assert.equal(event.verb, "create");
	assert.deepEqual(event.objectRef, { resource: "pods", namespace: "shop", name: "web", apiVersion: "v1" });
	assert.deepEqual([event.requestObject, event.level, event.stageTimestamp], [undefined, undefined, undefined]);
	assert.equal(truncated?.cutIn, "requestObject");
	assert.equal(truncated?.sizeBytes, cutAfter('"text":"xxx').length);
	assert.deepEqual(inferred, ["stage", "objectRef"]);
	assert.equal(envelope.recordId, "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004");
	assert.notDeepEqual(identity, eventOf(WHOLE).identity);
});

test("an entry cut behind its bodies keeps them", () => {
	const { event, truncated, rpcCode } = eventOf(cutAfter('"serviceName":"k8s'));
	assert.deepEqual(plainOf(event.responseObject ?? {}), { kind: "Pod", apiVersion: "v1", metadata: { name: "web" } });
	assert.equal(truncated?.cutIn, "protoPayload.serviceName");
	assert.equal(rpcCode, undefined);
});

test("an entry cut in an object keeps that object's whole members", () => {
	const { event, truncated } = eventOf(cutAfter('"callerIp":"203.0.113.9","callerSup'));
	assert.deepEqual(event.sourceIPs, ["203.0.113.9"]);
	assert.equal(truncated?.cutIn, "protoPayload.requestMetadata");
});

test("an entry cut before it says what was done is quarantined", () => {
	for (const mark of ['"insertId":"3f', '"authorizationInfo":[{"granted":', '"methodName":"io.k8s.core.v1.po']) {
		const decoded = decodeEntry(cutAfter(mark));
		assert.equal(decoded.kind, "bad", mark);
	}
});

test("an entry of another service is skipped, cut or not", () => {
	const text = JSON.stringify(sampleEntry({ operation: { id: "x", producer: "container.googleapis.com" } }));
	assert.deepEqual(decodeEntry(text.slice(0, text.indexOf('"request":') + 20)), { kind: "skip", reason: "other-service" });
});

test("text that not every consumer could read is made readable, and kept", () => {
	const text = JSON.stringify(sampleEntry({ labels: { a: "HERE" } }));
	const lone = eventOf(text.replace("HERE", "\\ud800"));
	assert.equal(lone.event.annotations?.["a"], "\ufffd");
	assert.deepEqual(lone.repaired?.what, ["lone-surrogate"]);
	const bytes = Buffer.concat([Buffer.from(text.split("HERE")[0] ?? ""), Buffer.from([0xff]), Buffer.from(text.split("HERE")[1] ?? "")]);
	const invalid = decode({ id: "0", body: bytes });
	assert.ok(invalid.kind === "event");
	assert.deepEqual(invalid.repaired, { what: ["invalid-utf-8"], original: bytes });
	const repeated = eventOf(text.replace('"insertId":', '"insertId":"first","insertId":'));
	assert.deepEqual(repeated.repaired?.what, ["repeated-key"]);
	assert.equal(repeated.envelope.recordId, "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeQuotedAudit } from "../audit/decode-quoted.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { unquote } from "../json/quoted.ts";
import { restoreAuditEvent } from "./restore.ts";
import { decodedOf, EVENT, type normaliseOnly, ORIGINS, piecesOf } from "./test-events.ts";

type Json = Record<string, unknown>;

function restored(decoded: Parameters<typeof normaliseOnly>[0], origin: Parameters<typeof normaliseOnly>[1] = ORIGINS.eks): Json {
	return restoreAuditEvent(JSON.parse(Buffer.from(encodeOcsf(piecesOf(decoded, origin))).toString()) as Json);
}

test("an ordinary event comes back", () => {
	for (const origin of Object.values(ORIGINS)) assert.deepEqual(restored(decodedOf(EVENT), origin), EVENT);
});

test("what OCSF has no word for comes back", () => {
	for (const changes of [
		{ objectRef: { resource: "nonResourceURL", name: "x" } },
		{ objectRef: { resource: "a/b", subresource: "c" } },
		{ objectRef: undefined, requestURI: "/a?" },
		{ objectRef: {}, user: {}, responseStatus: {}, annotations: {}, impersonatedUser: {}, sourceIPs: [], authenticationMetadata: {} },
		{ user: { groups: [] }, impersonatedUser: { username: "", groups: [], extra: {} } },
		{ verb: "", requestObject: null, responseObject: [null], stageTimestamp: "x", requestReceivedTimestamp: "" },
		{ kind: undefined, apiVersion: undefined, level: null },
		JSON.parse('{"__proto__":{"a":1},"user":{"__proto__":1,"extra":{"__proto__":["x"]}},"annotations":{"__proto__":"x"}}') as object,
	]) {
		const event = { ...EVENT, ...changes };
		assert.deepEqual(restored(decodedOf(event)), JSON.parse(JSON.stringify(event)));
	}
});

test("a repeated key: the original is kept, and its last value counts, as everywhere", () => {
	const text = JSON.stringify(EVENT).replace('"verb"', '"verb":"get","verb"');
	assert.deepEqual(restored(decodedOf(text)), EVENT);
});

test("an original that a log service carried as a JSON string comes back", () => {
	const event = { ...EVENT, userAgent: "curl HERE" };
	const quoted = Buffer.from(JSON.stringify(JSON.stringify(event)).replace("HERE", "\\ud800"));
	const decoded = decodeQuotedAudit(unquote(quoted) as NonNullable<ReturnType<typeof unquote>>, quoted);
	assert.ok(decoded.kind === "event" && decoded.repaired !== undefined);
	assert.deepEqual(restored({ envelope: {}, inferred: [], ...decoded }), { ...event, userAgent: "curl \ud800" });
});

test("an original that is cut or no object is of no use: what the event says comes back", () => {
	for (const original of ['{"kind":"Ev', "5", "null", '"5"', '"{"', "[]"]) {
		assert.deepEqual(restored(decodedOf(EVENT, { repaired: { what: ["invalid-utf-8"], original: Buffer.from(original) } })), EVENT);
	}
});

test("bug: raw_data that holds the record around an event was taken for the event", () => {
	const entry = { insertId: "i", protoPayload: { serviceName: "k8s.io", methodName: "io.k8s.core.v1.pods.get" } };
	const ocsf = {
		metadata: { correlation_uid: "a" },
		api: { operation: "get" },
		activity_id: 2,
		raw_data: Buffer.from(JSON.stringify(entry)).toString("base64"),
	};
	assert.deepEqual(restoreAuditEvent(ocsf), { auditID: "a", verb: "get" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../src/contract/errors.ts";
import { textOf } from "../../src/json/scan.ts";
import { decode } from "./decode.ts";
import { decodeEntry, eventOf, type Members, plainOf, recordOf, sampleEntry } from "./sample-entry.ts";

test("an ordinary entry says who did what, when, and with what outcome", () => {
	const decoded = eventOf(sampleEntry());
	assert.deepEqual(plainOf(decoded.event), {
		level: "RequestResponse",
		auditID: "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004",
		stage: "ResponseComplete",
		verb: "create",
		user: { username: "dev@example.com" },
		sourceIPs: ["203.0.113.9"],
		userAgent: "kubectl/v1.36.2",
		objectRef: { resource: "pods", namespace: "shop", name: "web", apiVersion: "v1" },
		requestObject: { kind: "Pod", apiVersion: "v1", spec: { priority: 5 } },
		responseObject: { kind: "Pod", apiVersion: "v1", metadata: { name: "web" } },
		stageTimestamp: "2026-05-04T09:30:00.897797Z",
		annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
	});
	assert.deepEqual(decoded.inferred, ["level", "stage", "stageTimestamp"]);
	assert.equal(decoded.rpcCode, 0);
	assert.equal(decoded.envelope.recordId, "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004");
	assert.equal(decoded.envelope.loggedTime, "2026-05-04T09:30:31.017331365Z");
	assert.deepEqual([decoded.truncated, decoded.repaired], [undefined, undefined]);
});

test("what has a place in the event is not in the rest as well, and types are noted", () => {
	assert.deepEqual(plainOf(eventOf(sampleEntry()).envelope.rest ?? {}), {
		operation: { first: true, id: "3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004", last: true, producer: "k8s.io" },
		resource: { labels: { cluster_name: "edge", location: "europe-west4-a", project_id: "example-prj" }, type: "k8s_cluster" },
		protoPayload: {
			"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
			authenticationInfo: {},
			authorizationInfo: [{ granted: true, permission: "io.k8s.core.v1.pods.create", resource: "core/v1/namespaces/shop/pods/web" }],
			methodName: "io.k8s.core.v1.pods.create",
			request: { "@type": "core.k8s.io/v1.Pod" },
			requestMetadata: {},
			resourceName: "core/v1/namespaces/shop/pods/web",
			response: { "@type": "core.k8s.io/v1.Pod" },
			serviceName: "k8s.io",
			status: {},
		},
	});
});

const OTHERS: Readonly<Record<string, readonly [Members | string, string]>> = {
	"GKE's own API": [sampleEntry({}, { serviceName: "container.googleapis.com" }), "other-service"],
	"a node pool's entry": [sampleEntry({ resource: { type: "gke_nodepool", labels: {} } }), "other-service"],
	"a container's output": [sampleEntry({ protoPayload: undefined, textPayload: "hello" }), "other-log"],
	"a structured log": [sampleEntry({ protoPayload: undefined, jsonPayload: { a: 1 } }), "other-log"],
	"an entry without a payload": [sampleEntry({ protoPayload: undefined }), "other-log"],
	"an audit event of another source": [{ kind: "Event", apiVersion: "audit.k8s.io/v1", auditID: "a", verb: "get" }, "not-an-audit-event"],
	"a JSON object": ["{}", "not-an-audit-event"],
	text: ["I0101 hello", "other-log"],
	nothing: ["", "other-log"],
};

for (const [what, [entry, reason]] of Object.entries(OTHERS)) {
	test(`skips ${what}`, () => assert.deepEqual(decodeEntry(entry), { kind: "skip", reason }));
}

const BROKEN: Readonly<Record<string, Members | string>> = {
	"protobuf that nobody decoded": sampleEntry({
		protoPayload: { type_url: "type.googleapis.com/google.cloud.audit.AuditLog", value: "CgA=" },
	}),
	"text that is no JSON": '{"insertId":nope}',
	"JSON with more behind it": `${JSON.stringify(sampleEntry())} x`,
	"absurd nesting": `{"protoPayload":${"[".repeat(2_000)}${"]".repeat(2_000)}}`,
};

for (const [what, entry] of Object.entries(BROKEN)) {
	test(`quarantines ${what}`, () => {
		const decoded = decodeEntry(entry);
		assert.ok(decoded.kind === "bad" && decoded.error.code === "RECORD_MALFORMED");
	});
}

test("bodies keep their exact bytes", () => {
	const request = '{ "@type" : "core.k8s.io/v1.Pod", "n" : 9007199254740993, "f":1.0,"big":1e400, "text":"\\u0026 \\/" }';
	const entry = JSON.stringify(sampleEntry({}, { request: "HERE", response: undefined })).replace('"HERE"', request);
	const { requestObject } = eventOf(entry).event;
	assert.equal(textOf(requestObject?.raw ?? Buffer.from("")), request.replace('"@type" : "core.k8s.io/v1.Pod", ', ""));
});

test("numbers around the event keep their exact text", () => {
	const entry = JSON.stringify(sampleEntry({ trace: "t", sequence: "HERE" })).replace('"HERE"', '{"n":9007199254740993,"x":1e400}');
	const sequence = eventOf(entry).envelope.rest?.["sequence"] as { readonly raw: Uint8Array };
	assert.equal(textOf(sequence.raw), '{"n":9007199254740993,"x":1e400}');
});

test("identity is log, time in nanoseconds and id, however the time is written", () => {
	const identity = (timestamp: string): string => textOf(eventOf(sampleEntry({ timestamp })).identity);
	const log = "projects/example-prj/logs/cloudaudit.googleapis.com%2Factivity";
	assert.equal(identity("2026-05-04T09:30:00.89Z"), `${log}\n1777887000890000000\n3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004`);
	assert.equal(identity("2026-05-04T09:30:00.890000000Z"), identity("2026-05-04T09:30:00.89Z"));
	assert.notEqual(identity("2026-05-04T09:30:00.890000001Z"), identity("2026-05-04T09:30:00.89Z"));
});

test("an entry that lacks a part of its identity is its own text", () => {
	for (const key of ["logName", "timestamp", "insertId"]) {
		const text = JSON.stringify(sampleEntry({ [key]: undefined }));
		assert.equal(textOf(eventOf(` ${text}\n`).identity), text);
	}
});

test("a key like __proto__ is a key like others", () => {
	const { event, envelope } = eventOf(
		JSON.stringify(sampleEntry({ labels: "HERE" }))
			.replace('"HERE"', '{"__proto__":"x"}')
			.replace("{", '{"__proto__":"y",'),
	);
	assert.deepEqual(Object.entries(event.annotations ?? {}), [["__proto__", "x"]]);
	assert.equal(Object.hasOwn(envelope.rest ?? {}, "__proto__"), true);
});

test("a part that no join has seen is no whole entry", () => {
	const split = { uid: "u", index: 1, totalSplits: 3 };
	const { event, truncated } = eventOf(sampleEntry({ split }));
	assert.deepEqual([event.requestObject, event.responseObject, event.level], [undefined, undefined, undefined]);
	assert.equal(truncated?.cutIn, "requestObject");
	const nameless = decodeEntry(sampleEntry({ split }, { methodName: undefined }));
	assert.ok(nameless.kind === "bad");
	assert.match(nameless.error.message, /1 of its 3 parts arrived/);
});

test("a record that framing could not make stays broken", () => {
	const error = new CollectorError("RECORD_TOO_LARGE", "too large");
	assert.deepEqual(decode({ ...recordOf(sampleEntry()), error }), { kind: "bad", error });
});

const BYTES = Buffer.from(JSON.stringify(sampleEntry()));

test("no bytes are too odd", () => {
	const edits = fc.array(fc.record({ at: fc.nat(BYTES.length - 1), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 6 });
	fc.assert(
		fc.property(edits, fc.nat(BYTES.length), fc.nat(20), (changes, end, start) => {
			const bytes = Uint8Array.from(BYTES);
			for (const { at, byte } of changes) bytes[at] = byte;
			assertOutcome(bytes.subarray(start > 3 ? 0 : start, end));
		}),
		{ numRuns: 1_000 },
	);
	fc.assert(fc.property(fc.uint8Array(), assertOutcome));
});

test("no JSON is too odd", () => {
	const odd = fc.jsonValue({ maxDepth: 2 });
	const keys = ["insertId", "labels", "logName", "operation", "protoPayload", "resource", "split", "timestamp"];
	const payloadKeys = [
		"authenticationInfo",
		"authorizationInfo",
		"methodName",
		"request",
		"requestMetadata",
		"resourceName",
		"response",
		"status",
	];
	fc.assert(
		fc.property(fc.constantFrom(...keys), fc.constantFrom(...payloadKeys), odd, odd, (key, payloadKey, member, inner) => {
			assertOutcome(Buffer.from(JSON.stringify(sampleEntry({ [key]: member }))));
			assertOutcome(Buffer.from(JSON.stringify(sampleEntry({}, { [payloadKey]: inner }))));
		}),
		{ numRuns: 500 },
	);
});

/** An event's exact texts must be JSON, so that no encoder is broken by them. */
function assertOutcome(body: Uint8Array): void {
	const decoded = decode({ id: "0", body });
	if (decoded.kind !== "event") return;
	plainOf(decoded.event);
	plainOf(decoded.envelope);
	assert.ok(JSON.stringify(decoded.event).isWellFormed());
}

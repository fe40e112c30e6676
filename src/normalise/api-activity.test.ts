import assert from "node:assert/strict";
import { test } from "node:test";
import { ocsfFaults } from "../../test/ocsf-schema.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { plainOf } from "../json/pieces.ts";
import { normalise } from "./api-activity.ts";
import { decodedOf, EVENT, NOT_TREATED, NOW_MS, normaliseOnly, ORIGINS, ocsfOf, piecesOf, written } from "./test-events.ts";

test("events of every platform are valid", () => {
	for (const origin of Object.values(ORIGINS)) {
		assert.deepEqual(ocsfFaults(written(ocsfOf({ impersonatedUser: { username: "root" } }, origin))), []);
		assert.deepEqual(
			ocsfFaults(written(ocsfOf({ user: {}, sourceIPs: [], objectRef: {}, annotations: {}, responseStatus: {} }, origin))),
			[],
		);
	}
});

test("one line for people", () => {
	const message = (changes: object): string => ocsfOf(changes).message;
	assert.equal(message({}), "jane@example.com create pods web-0 in shop: 201");
	assert.equal(
		message({ objectRef: { resource: "pods", subresource: "exec", name: "web-0" } }),
		"jane@example.com create pods/exec web-0: 201",
	);
	assert.equal(message({ verb: "list", objectRef: { resource: "secrets", namespace: "" } }), "jane@example.com list secrets *: 201");
	assert.equal(
		message({ verb: "get", objectRef: undefined, requestURI: "/healthz?verbose", user: undefined, responseStatus: undefined }),
		"unknown get /healthz",
	);
	assert.equal(message({ verb: undefined, objectRef: { name: "web-0" }, user: { uid: "u" } }), "unknown unknown web-0: 201");
});

test("the request is called by its audit id, or else by the event's own", () => {
	assert.equal(ocsfOf({}).api.request.uid, EVENT.auditID);
	const { auditID: _, ...event } = decodedOf(EVENT).event;
	const nameless = plainOf(normalise({ ...decodedOf(EVENT), event }, ORIGINS.eks, "u-1", NOT_TREATED, NOW_MS).event);
	assert.deepEqual([nameless.api.request.uid, nameless.metadata.correlation_uid], ["u-1", undefined]);
});

test("a body of null is no value, and is kept", () => {
	const { api, unmapped } = ocsfOf({ requestObject: null, responseObject: null });
	assert.deepEqual([api.request.data, api.response?.data], [undefined, undefined]);
	assert.deepEqual([unmapped?.audit?.["requestObject"], unmapped?.audit?.["responseObject"]], [null, null]);
});

test("images of request and response", () => {
	const body = { spec: { containers: [{ name: "main", image: "nginx" }] } };
	const { request, response } = ocsfOf({ requestObject: body, responseObject: body }).api;
	assert.deepEqual([request.containers?.[0]?.image?.name, response?.containers?.[0]?.image?.name], ["nginx", "nginx"]);
});

test("members that nobody knows, and members of an odd type, are at their own paths", () => {
	const odd = { hostname: "n-1", level: 5, sourceIPs: "10.0.0.9", user: { username: ["jane"], more: { a: 1 } }, annotations: { a: 1 } };
	const ocsf = JSON.parse(Buffer.from(encodeOcsf(piecesOf(decodedOf({ ...EVENT, ...odd })))).toString()) as { unmapped: object };
	assert.deepEqual(ocsf.unmapped, { audit: { ...odd, responseStatus: { metadata: {} } } });
});

test("an envelope's rest and what the collector did are told apart", () => {
	const decoded = decodedOf(EVENT, { envelope: { rest: { zone: "z" } }, inferred: ["stage"], rpcCode: 7 });
	const treatment = { redacted: new Map([["secret-data", 2]]), reduced: { rule: "drop-bodies" } };
	const { event, inferred } = normalise(decoded, ORIGINS.gke, "u-1", treatment, NOW_MS);
	const { envelope, collector } = written(plainOf(event)).unmapped ?? {};
	assert.deepEqual(envelope, { zone: "z" });
	assert.deepEqual(collector, { inferred: ["stage"], redactions: { "secret-data": 2 }, reduced_by: "drop-bodies", rpc_code: 7 });
	assert.deepEqual(inferred, ["stage"]);
});

test("no raw copy of what was redacted or dropped", () => {
	const decoded = decodedOf(EVENT, { repaired: { what: ["invalid-utf-8"], original: Buffer.from("original") } });
	const rawData = (treatment: typeof NOT_TREATED): unknown => normaliseOnly(decoded, ORIGINS.eks, treatment).raw_data;
	assert.equal(rawData(NOT_TREATED), Buffer.from("original").toString("base64"));
	assert.equal(rawData({ redacted: new Map([["secret-data", 1]]) }), undefined);
	assert.equal(rawData({ redacted: new Map(), reduced: { rule: "drop-bodies" } }), undefined);
	assert.equal(normaliseOnly({ ...decoded, repaired: { what: ["invalid-utf-8"] } }).raw_data, undefined);
});

test("an event is left alone by what is made of it", () => {
	const decoded = decodedOf({ ...EVENT, user: { extra: { a: ["b"] }, x: 1 }, responseStatus: { metadata: {} } });
	const before = JSON.stringify(decoded.event);
	normaliseOnly(decoded);
	assert.equal(JSON.stringify(decoded.event), before);
});

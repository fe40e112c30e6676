import assert from "node:assert/strict";
import { test } from "node:test";
import { auditRow, decodeEvent, EVENT, fateOf, plainEvent } from "./test-records.ts";

const identityOf = (row: unknown): string => Buffer.from(decodeEvent(row).identity).toString();
const DYNAMIC = ["User", "SourceIps", "ObjectRef", "ResponseStatus", "RequestObject", "Annotations"];

/** As the REST API gives it: dynamic cells as text. */
function asText(row: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(row).map(([key, cell]) => [key, DYNAMIC.includes(key) ? JSON.stringify(cell, null, 1) : cell]));
}

test("a row becomes the event, less what the table has no column for", () => {
	const { kind: _, apiVersion: _a, ...expected } = JSON.parse(EVENT);
	const times = { requestReceivedTimestamp: "2026-05-04T09:30:01.2000000Z", stageTimestamp: "2026-05-04T09:30:01.2600000Z" };
	assert.deepEqual(plainEvent(decodeEvent(auditRow()).event), { ...expected, ...times });
	assert.deepEqual(plainEvent(decodeEvent(asText(auditRow())).event), { ...expected, ...times });
	assert.deepEqual(decodeEvent(auditRow()).inferred, []);
});

test("the same row has one identity in whatever order, table, type of cell and number of digits it comes", () => {
	const identity = identityOf(auditRow());
	assert.equal(identityOf(asText(auditRow())), identity);
	assert.equal(identityOf(Object.fromEntries(Object.entries(auditRow()).reverse())), identity);
	assert.equal(identityOf(auditRow({ Type: "AKSAuditAdmin", TenantId: "other", _ItemId: "1" })), identity);
	assert.equal(identityOf(auditRow({ ResponseObject: null })), identity);
	assert.equal(identityOf(auditRow({ StageReceivedTime: "2026-05-04T09:30:01.26Z" })), identity);
	const { groups, username } = JSON.parse(EVENT).user;
	assert.equal(identityOf(auditRow({ User: { groups, username } })), identity);
});

test("rows that differ in anything differ in identity", () => {
	const identity = identityOf(auditRow());
	const others = [{ Verb: "get" }, { StageReceivedTime: "2026-05-04T09:30:01.261Z" }, { RequestObject: { a: 1 } }, { AuditId: "x" }];
	for (const changes of others) assert.notEqual(identityOf(auditRow(changes)), identity);
	const big = (digits: string): string => JSON.stringify(auditRow({ RequestObject: "@" })).replace('"@"', `{"n":${digits}}`);
	assert.notEqual(identityOf(big("9007199254740993")), identityOf(big("9007199254740992")));
});

test("bodies are exact text; a string that is no JSON stays a string", () => {
	const bodyOf = (cell: string): string | undefined => {
		const body = decodeEvent(JSON.stringify(auditRow({ RequestObject: "@" })).replace('"@"', cell)).event.requestObject;
		return body && Buffer.from(body.raw).toString();
	};
	assert.equal(bodyOf('{"n": 9007199254740993, "f":1.0}'), '{"n": 9007199254740993, "f":1.0}');
	assert.equal(bodyOf(JSON.stringify(' {"n": 9007199254740993}\n')), '{"n": 9007199254740993}');
	assert.equal(bodyOf('[{"op":"remove"}]'), '[{"op":"remove"}]');
	assert.equal(bodyOf('"skipped-too-big-size-object"'), '"skipped-too-big-size-object"');
	assert.equal(bodyOf(JSON.stringify('"skipped-too-big-size-object"')), '"skipped-too-big-size-object"');
	for (const empty of ['""', "null", '"null"']) assert.equal(bodyOf(empty), undefined);
});

test("a cell that holds the beginning of JSON text is cut: no string with the secrets of an object", () => {
	const decoded = decodeEvent(auditRow({ RequestObject: '{"kind":"Secret","data":{"password":"c2Vjc' }));
	assert.equal(decoded.event.requestObject, undefined);
	assert.equal(decoded.truncated?.cutIn, "requestObject");
	assert.ok(!JSON.stringify(decoded.event).includes("c2Vjc"));
	assert.equal(decodeEvent(auditRow({ RequestObject: "{no json}" })).truncated?.cutIn, "requestObject");
	assert.equal(decodeEvent(auditRow({ User: '{"username":"jane","groups":["a' })).event.user?.username, "jane");
});

test("a cell of the wrong type is kept among the extras", () => {
	const { event } = decodeEvent(auditRow({ SourceIps: "10.0.0.1", Verb: 5, User: [1] }));
	assert.deepEqual(
		event.extras?.map(({ path }) => path.join(".")),
		["verb", "user", "sourceIPs"],
	);
});

test("the command line prints null as None; elsewhere None is a word", () => {
	const printed = Object.fromEntries(
		Object.entries(asText(auditRow({ ObjectRef: null }))).map(([key, cell]) => [key, String(cell || "None")]),
	);
	const decoded = decodeEvent({ TableName: "PrimaryResult", ...printed, ObjectRef: "None", PodName: "None", _BilledSize: "None" });
	assert.equal(decoded.event.objectRef, undefined);
	assert.equal(decoded.event.responseObject, undefined);
	assert.equal(decoded.origin?.logSource, undefined);
	assert.equal(decoded.envelope.rest?.["_BilledSize"], undefined);
	assert.equal(identityOf({ TableName: "PrimaryResult", ...printed, ObjectRef: "None" }), identityOf(auditRow({ ObjectRef: null })));
	assert.equal(decodeEvent(auditRow({ UserAgent: "None" })).event.userAgent, "None");
});

test("a row cut by the end of its file is salvaged up to the cut", () => {
	const text = JSON.stringify(auditRow());
	const decoded = decodeEvent(text.slice(0, text.indexOf('"system:authenticated"') + 5));
	assert.deepEqual(decoded.event.user, { username: "aksService" });
	assert.equal(decoded.event.verb, "update");
	assert.equal(decoded.truncated?.cutIn, "user");
	assert.equal(decodeEvent(text.slice(0, text.indexOf('"PodName"') + 20)).truncated?.sizeBytes, text.indexOf('"PodName"') + 20);
	assert.equal(fateOf(text.slice(0, text.indexOf('"RequestUri"') + 20)), "RECORD_MALFORMED");
});

test("a row without an id is no event", () => assert.equal(fateOf(auditRow({ AuditId: "" })), "not-an-audit-event"));

test("a lone surrogate inside a cell is repaired, and the row's own bytes are kept", () => {
	const row = JSON.stringify(auditRow({ User: '{"username":"a\\ud800"}' }));
	const decoded = decodeEvent(row);
	assert.equal(decoded.event.user?.username, "a\ufffd");
	assert.deepEqual(decoded.repaired?.what, ["lone-surrogate"]);
	assert.equal(Buffer.from(decoded.repaired?.original ?? []).toString(), row);
});

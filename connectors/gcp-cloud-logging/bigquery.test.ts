import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../src/json/scan.ts";
import { entryOfRow } from "./bigquery.ts";
import { decode } from "./decode.ts";
import { decodeEntry, eventOf, type Members, sampleEntry } from "./sample-entry.ts";

const REQUEST = '{"n":9007199254740993, "kind":"Pod"}';

/** A row as a table has it: bodies as text, names without dots, null for what is absent. */
function row(columns: Members = {}, payload: Members = {}): Members {
	const { protoPayload, ...entry } = sampleEntry() as { readonly protoPayload: Members };
	const { "@type": _, request: _a, response: _b, ...rest } = protoPayload;
	return {
		...entry,
		labels: { authorization_k8s_io_decision: "allow", team_example_com_cost: "7", k8s_io_deprecated: null },
		timestamp: "2026-05-04 09:30:00.897797 UTC",
		receiveTimestamp: "2026-05-04 09:30:31.017331 UTC",
		severity: null,
		split: null,
		protopayload_auditlog: { ...rest, status: { code: null, message: null }, requestJson: REQUEST, responseJson: null, ...payload },
		...columns,
	};
}

test("a row is the entry that it was made of, but for what a table cannot hold", () => {
	const fromRow = eventOf(row());
	const { event, identity } = eventOf(sampleEntry({}, { response: undefined }));
	const { annotations, requestObject, ...same } = fromRow.event;
	const { annotations: _, requestObject: _a, ...expected } = event;
	assert.deepEqual(same, expected);
	assert.deepEqual(annotations, { "authorization.k8s.io/decision": "allow", team_example_com_cost: "7" });
	assert.equal(textOf(requestObject?.raw ?? Buffer.from("")), REQUEST);
	assert.deepEqual(fromRow.identity, identity);
	assert.deepEqual(fromRow.inferred, ["level", "stage", "stageTimestamp", "annotations"]);
	assert.equal(fromRow.envelope.loggedTime, "2026-05-04T09:30:31.017331Z");
	assert.equal(fromRow.rpcCode, 0);
});

test("numbers and truth values that are text are read", () => {
	const operation = { id: "a", producer: "k8s.io", first: "true", last: "false" };
	const decoded = eventOf(row({ operation }, { status: { code: "7", message: "Forbidden" } }));
	assert.equal(decoded.event.stage, "ResponseStarted");
	assert.equal(decoded.rpcCode, 7);
});

test("a body that is no JSON is carried as text, and one that is null is none", () => {
	assert.equal(textOf(eventOf(row({}, { requestJson: '{"cut' })).event.requestObject?.raw ?? Buffer.from("")), '"{\\"cut"');
	assert.equal(eventOf(row({}, { requestJson: null })).event.requestObject, undefined);
});

test("a row without labels infers none", () => {
	assert.equal(eventOf(row({ labels: null })).event.annotations, undefined);
	assert.deepEqual(eventOf(row({ labels: null })).inferred, ["level", "stage", "stageTimestamp"]);
});

test("a row of another service is skipped", () => {
	assert.deepEqual(decodeEntry(row({}, { serviceName: "storage.googleapis.com" })), { kind: "skip", reason: "other-service" });
});

test("a row that is cut in a body says who and what", () => {
	const whole = JSON.stringify(row({ labels: null }));
	const decoded = eventOf(whole.slice(0, whole.indexOf('"requestJson":"') + 20));
	assert.equal(decoded.event.user?.username, "dev@example.com");
	assert.equal(decoded.truncated?.cutIn, "protopayload_auditlog.requestJson");
});

test("a body with a lone surrogate inside is repaired, and the row kept", () => {
	const { repaired, event } = eventOf(row({}, { requestJson: '{"a":"\\ud800"}' }));
	assert.equal(textOf(event.requestObject?.raw ?? Buffer.from("")), '{"a":"\\ufffd"}');
	assert.deepEqual(repaired?.what, ["lone-surrogate"]);
	assert.match(textOf(repaired?.original ?? Buffer.from("")), /protopayload_auditlog/);
});

test("absurd nesting inside a body's text is quarantined", () => {
	assert.equal(decodeEntry(row({}, { requestJson: "[".repeat(50_000) + "]".repeat(50_000) })).kind, "bad");
});

test("any row gives the text of an object", () => {
	const value = fc.jsonValue({ maxDepth: 3 });
	fc.assert(
		fc.property(
			fc.dictionary(fc.string(), value),
			fc.dictionary(fc.constantFrom("requestJson", "status", "x"), value),
			(columns, payload) => {
				const bytes = Buffer.from(JSON.stringify({ ...columns, protopayload_auditlog: payload }));
				assert.equal(typeof JSON.parse(textOf(entryOfRow(bytes))), "object");
				decode({ id: "0", body: bytes });
			},
		),
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sniff } from "../../src/framing/sniff.ts";
import { forms } from "./forms.ts";
import { auditRow, diagnosticsRow, EVENT, record } from "./test-records.ts";

const formOf = (text: string): string | undefined => forms.find((form) => form.matches(sniff(Buffer.from(text))))?.name;
const long = `${EVENT.slice(0, -1)},"filler":"${"x".repeat(100_000)}"}`;

test("each stored form is told by its content", () => {
	const cases: readonly (readonly [string, string])[] = [
		["records", JSON.stringify({ records: [record(EVENT)] })],
		["records", `${JSON.stringify({ records: [record(EVENT)] })}\n${JSON.stringify({ records: [record(EVENT)] })}`],
		["records", JSON.stringify([{ records: [record(EVENT)] }])],
		["records", JSON.stringify({ records: [auditRow()] })],
		["records", '{"records":[]}'],
		["records", `\ufeff${JSON.stringify({ records: [record(EVENT)] }, null, 2)}`],
		["records", `${JSON.stringify(record(EVENT))}\r\n${JSON.stringify(record(EVENT))}\r\n`],
		["records", JSON.stringify(record(long))],
		["records", JSON.stringify({ records: [record(long)] })],
		["records", JSON.stringify({ properties: { log: long }, category: "kube-audit" })],
		["records", JSON.stringify(record(EVENT)).slice(0, 400)],
		["rows", JSON.stringify(diagnosticsRow(EVENT))],
		["rows", JSON.stringify([diagnosticsRow(undefined, { Category: "AuditEvent" })])],
		["rows", JSON.stringify([auditRow()], null, 1)],
		["rows", JSON.stringify(auditRow({ Type: undefined }))],
		["rows", JSON.stringify({ Category: "kube-apiserver", Message: "x", PodName: "p" })],
		["logs-query", '{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}'],
		["logs-query", `{"tables":[{"name":"PrimaryResult","columns":[{"name":"log_s","type":"string"}],"rows":[${JSON.stringify([long])}]}]}`],
	];
	for (const [form, text] of cases) assert.equal(formOf(text), form, text.slice(0, 120));
});

test("files of others are left to them", () => {
	const others = [
		EVENT,
		`[${EVENT}]`,
		JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: [JSON.parse(EVENT)] }),
		JSON.stringify({ events: [{ logStreamName: "s", timestamp: 1, message: EVENT, eventId: "1" }] }),
		JSON.stringify({ requestId: "r", timestamp: 1, records: [{ data: "H4sI" }] }),
		'{"requestId":"r","timestamp":1,"records":[]}',
		JSON.stringify({ Records: [{ kinesis: { data: "H4sI" } }] }),
		JSON.stringify({ Records: [{ eventName: "x", category: "Management" }] }),
		JSON.stringify({ results: [[{ field: "@message", value: EVENT }]] }),
		JSON.stringify({ insertId: "a", logName: "l", protoPayload: { serviceName: "k8s.io" }, resource: { type: "k8s_cluster" } }),
		JSON.stringify({ "@timestamp": 1764730101.93, cluster_name: "x", log: EVENT }),
		JSON.stringify({ messageType: "DATA_MESSAGE", logEvents: [] }),
		"Category,TimeGenerated,log_s\n",
		"",
	];
	for (const text of others) assert.equal(formOf(text), undefined, text.slice(0, 120));
});

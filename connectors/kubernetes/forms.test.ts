/** Which files the forms claim, and which they leave to others. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formsOf } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { kubernetes } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jane"}}';
const ITEM = EVENT.replace('"kind":"Event","apiVersion":"audit.k8s.io/v1",', "");
const LIST = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${ITEM}]}`;
const reversed = (text: string): string => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse()));
const indented = (text: string): string => JSON.stringify(JSON.parse(text), null, 2);
const LONG = `"requestObject":{"text":"${"x".repeat(100_000)}"}`;
const long = (text: string): string => `${text.slice(0, -1)},${LONG}}`;

const first = (text: string): string | undefined => formsOf(kubernetes, text)[0];

test("audit-log: lines of events, whatever is around them", () => {
	const lines = [
		EVENT,
		`${EVENT}\n${EVENT}\n`,
		`\ufeff${EVENT}`,
		`\r\n\n${EVENT}\r\n`,
		ITEM,
		reversed(EVENT),
		long(EVENT),
		EVENT.slice(0, -30),
		`${EVENT.slice(0, -1)}\n${EVENT}`,
		`crc ${EVENT}`,
		`2026-11-23T15:08:35.1Z stdout F ${EVENT}`,
		`2026-11-23T15:08:35.1Z stdout P ${long(EVENT)}`,
		`I1123 15:08:31.204418       1 trace.go:236] Trace\n${EVENT}`,
		`{"kind":0}\n${EVENT}`,
		JSON.stringify({ "@timestamp": 1.5, cluster_uuid: "u", cluster_name: "shop", log: EVENT }),
		JSON.stringify({ "@timestamp": 1.5, cluster_name: "shop", log: long(EVENT) }),
		`2026-11-23T15:08:35.1Z stdout F ${LIST}`,
	];
	for (const text of lines) assert.equal(first(text), "audit-log", text.slice(0, 200));
});

test("event-list, json and legacy", () => {
	for (const text of [LIST, indented(LIST), reversed(LIST), `${LIST}\n${LIST}`, long(LIST), `{"items":[${long(ITEM)}],"kind":"EventList"}`])
		assert.equal(first(text), "event-list", text.slice(0, 200));
	for (const text of [
		`[${EVENT}]`,
		`[${long(EVENT)}]`,
		`[\n${indented(EVENT)}\n]`,
		indented(EVENT),
		EVENT + EVENT,
		`[${LIST}]`,
		reversed(indented(EVENT)) + EVENT,
	])
		assert.equal(first(text), "json", text.slice(0, 200));
	const legacy = '2026-11-23T15:19:25.378004651Z AUDIT: id="a-1" stage="RequestReceived"';
	for (const text of [
		legacy,
		`E1123 15:19:15.334333    2193 metrics.go:110] Error\nImpacted events:\n${legacy}`,
		`2026-11-23T15:19:25.4Z stderr F ${legacy}`,
	])
		assert.equal(first(text), "legacy", text);
});

test("nobody else's files", () => {
	const others = [
		"",
		"{}",
		"[]",
		"null",
		"time,user,verb\n1,jane,get",
		'{"verb":"get","user":"jane"}',
		'{"auditID":7}',
		'{"kind":"Event","apiVersion":"v1","metadata":{"name":"web.17"},"reason":"BackOff"}',
		'{"kind":"EventList","apiVersion":"v1","items":[{"kind":"Event","metadata":{}}]}',
		'{"class_uid":6003,"metadata":{"uid":"x","original_event_uid":"a-1"},"api":{"operation":"get"},"unmapped":{"audit":{"auditID":"a-1","stage":"ResponseComplete"}}}',
		'{"insertId":"a-1","protoPayload":{"methodName":"io.k8s.core.v1.pods.list"},"resource":{"type":"k8s_cluster"}}',
		JSON.stringify({ category: "kube-audit", properties: { log: EVENT } }),
		JSON.stringify({ records: [{ category: "kube-audit", properties: { log: EVENT } }] }),
		'{"AuditId":"a-1","Stage":"ResponseComplete","Verb":"get","RequestUri":"/"}',
		JSON.stringify({ events: [{ message: EVENT, timestamp: 1, logStreamName: "kube-apiserver-audit-0" }] }),
		JSON.stringify({ messageType: "DATA_MESSAGE", logEvents: [{ message: EVENT }] }),
		JSON.stringify([{ "@message": EVENT, "@timestamp": "2026-11-23 15:08:31.204" }]),
		`2026-11-23T15:08:35.123Z ${EVENT}`,
		`${ITEM.slice(0, -1)},"p_log_type":"Amazon.EKS.Audit"}`,
		`${ITEM.slice(0, -1)},"stageTimestamp":"2024-11-13 18:34:10.595141000"}`,
		JSON.stringify({ log: "I1123 15:08:31.204418       1 trace.go:236] Trace", stream: "stdout" }),
	];
	for (const text of others) assert.equal(first(text), undefined, text);
});

const FIXTURES = join(ROOT, "fixtures");
const hasFixtures = existsSync(join(FIXTURES, "expected.json"));

test("fixtures of other connectors are not claimed", { skip: hasFixtures ? false : "there are no fixtures" }, () => {
	for (const folder of ["gcp-cloud-logging", "azure-diagnostics"]) {
		for (const entry of readdirSync(join(FIXTURES, folder), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
			const bytes = readFileSync(join(entry.parentPath, entry.name));
			assert.deepEqual(formsOf(kubernetes, bytes), [], entry.name);
		}
	}
});

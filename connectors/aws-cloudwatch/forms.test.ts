/** Which files the forms claim, and which they leave to others. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { formsOf } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { awsCloudwatch } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get"}';
const LONG = EVENT.replace("readyz", "x".repeat(100_000));
const document = (message: string): object => ({
	messageType: "DATA_MESSAGE",
	owner: "111122223333",
	logGroup: "/g",
	logStream: "s",
	logEvents: [{ id: "1", timestamp: 1, message }],
});
const reversed = (value: object): string => JSON.stringify(Object.fromEntries(Object.entries(value).reverse()));
const packed = (value: object): string => gzipSync(JSON.stringify(value)).toString("base64");
const page = (message: string): object => ({
	events: [{ logStreamName: "s", timestamp: 1, message, eventId: "1" }],
	searchedLogStreams: [],
});

const CLAIMED: Readonly<Record<string, readonly string[]>> = {
	subscription: [
		JSON.stringify(document(EVENT)),
		JSON.stringify(document(LONG), null, 2),
		reversed(document(EVENT)),
		reversed(document(LONG)),
		packed(document(LONG)),
		`${packed(document(EVENT))}\n${packed(document(EVENT))}`,
		'{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[]}',
	],
	lambda: [JSON.stringify({ awslogs: { data: packed(document(LONG)) } })],
	kinesis: [JSON.stringify({ Records: [{ awsRegion: "x", kinesis: { data: packed(document(LONG)) } }] }, null, 1)],
	firehose: [
		JSON.stringify({ requestId: "r", records: [{ data: packed(document(EVENT)) }] }),
		JSON.stringify({ records: [{ recordId: "1", data: packed(document(LONG)) }], region: "x" }),
		'{"requestId":"r","timestamp":1,"records":[]}',
	],
	"log-events": [
		JSON.stringify(page(EVENT)),
		JSON.stringify(page(LONG), null, 4),
		reversed(page(LONG)),
		'{"events":[],"searchedLogStreams":[],"nextToken":"t"}',
		'{"events":[],"nextForwardToken":"f/1","nextBackwardToken":"b/1"}',
		JSON.stringify({ events: [{ timestamp: 1, message: EVENT, ingestionTime: 2 }], nextForwardToken: "f" }),
		JSON.stringify([{ timestamp: 1, message: EVENT, ingestionTime: 2 }]),
		JSON.stringify({ timestamp: 1, message: EVENT, logStreamName: "s" }),
	],
	insights: [
		JSON.stringify({ results: [[{ field: "@message", value: LONG }]], status: "Complete" }, null, 2),
		'{"results":[],"statistics":{},"status":"Complete"}',
		JSON.stringify([{ "@timestamp": "2026-11-23 15:08:31.204", "@message": JSON.parse(EVENT) as object }]),
	],
	export: [
		`2026-11-23T15:08:34.000Z ${EVENT}\n`,
		`2026-11-23T15:08:34.000Z I1123 15:08:34.000151       1 trace.go:236] x\nmore\n2026-11-23T15:08:34.000Z ${LONG}`,
		"Permission Check Successful\n",
	],
	messages: [
		`${EVENT.slice(0, -1)},"user":{"uid":"aws-iam-authenticator:111122223333:AROA"}}`,
		`${EVENT}\n${EVENT.slice(0, -1)},"user":{"username":"eks:node-manager"}}`,
		`${EVENT.slice(0, -1)},"p_log_type":"Amazon.EKS.Audit"}`,
		`${EVENT.slice(0, -1)},"stageTimestamp":"2024-11-13 18:34:10.595141000"}`,
	],
};

test("every form claims its files, and is the first to do so", () => {
	for (const [form, files] of Object.entries(CLAIMED))
		for (const text of files) assert.equal(formsOf(awsCloudwatch, text)[0], form, text.slice(0, 200));
	assert.deepEqual(
		Object.keys(CLAIMED),
		awsCloudwatch.forms.map(({ name }) => name),
	);
});

test("nobody else's files", () => {
	const others = [
		"",
		"{}",
		"[]",
		EVENT,
		'{"messageType":"GREETING","text":"hello"}',
		'{"Records":[{"eventSource":"kinesis.amazonaws.com","eventName":"PutRecord"}]}',
		'{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"k"}}}]}',
		'{"records":[{"category":"kube-audit","properties":{"log":"{}"},"time":"t"}]}',
		'{"events":[{"type":"PushEvent"}]}',
		'{"results":[{"id":1}],"status":"ok"}',
		'{"results":[]}',
		'{"message":"hello","timestamp":1}',
		"2026-11-23T15:08:34.000Z INFO started",
		`2026-11-23T15:08:35.1Z stdout F ${EVENT}`,
		'2026-11-23T15:19:25.378004651Z AUDIT: id="a-1" stage="RequestReceived"',
		packed({ hello: "world" }),
		"SGVsbG8gd29ybGQsIHRoaXMgaXMgbm90IGd6aXA=",
		'{"insertId":"a-1","protoPayload":{"methodName":"io.k8s.core.v1.pods.list"}}',
	];
	for (const text of others) assert.deepEqual(formsOf(awsCloudwatch, text), [], text);
});

const FIXTURES = join(ROOT, "fixtures");
const hasFixtures = existsSync(join(FIXTURES, "expected.json"));

test("fixtures of other connectors are not claimed", { skip: hasFixtures ? false : "there are no fixtures" }, () => {
	for (const folder of ["gcp-cloud-logging", "azure-diagnostics", "kubernetes"]) {
		for (const entry of readdirSync(join(FIXTURES, folder), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())) {
			assert.deepEqual(formsOf(awsCloudwatch, readFileSync(join(entry.parentPath, entry.name))), [], entry.name);
		}
	}
});

/** What query results, deliveries and exports are cut into: every log event, with its document's header. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Origin } from "../../src/contract/record.ts";
import { eventsOf, outcomesOf, readStored, type Stored } from "../../test/read-stored.ts";
import { awsCloudwatch } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jane"}}';
const OTHER = EVENT.replace("a-1", "a-2");
const KLOG = "I1123 15:08:31.204418       1 trace.go:236] Trace";
const STREAM = "kube-apiserver-audit-0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const HEADER = {
	messageType: "DATA_MESSAGE",
	owner: "111122223333",
	logGroup: "/aws/eks/shop/cluster",
	logStream: STREAM,
	subscriptionFilters: ["all"],
};
const logEvents = [EVENT, OTHER].map((message, index) => ({ id: `3827${index}`, timestamp: 1_795_446_516_744 + index, message }));
const DOCUMENT = JSON.stringify({ ...HEADER, logEvents });
const CONTROL = JSON.stringify({
	messageType: "CONTROL_MESSAGE",
	owner: "CloudwatchLogs",
	logGroup: "",
	logStream: "",
	subscriptionFilters: [],
	logEvents: [{ id: "", timestamp: 1, message: "CWL CONTROL MESSAGE" }],
});
const packed = (text: string): string => gzipSync(text).toString("base64");

const read = (form: string, text: string | Uint8Array, limits = {}): Promise<readonly Stored[]> =>
	readStored(awsCloudwatch, form, text, { limits });
const ids = (stored: readonly Stored[]): readonly (string | undefined)[] => eventsOf(stored).map(({ event }) => event.auditID);
const BOTH = ["a-1", "a-2"];

function originOf({ record, decoded }: Stored): Partial<Origin> {
	return { ...record.origin, ...(decoded.kind === "event" ? decoded.origin : {}) };
}

test("log-events: pages alone, concatenated, on lines, indented, empty, and their events alone", async () => {
	const page = (...messages: string[]): object => ({
		events: messages.map((message) => ({ logStreamName: STREAM, timestamp: 1, message, ingestionTime: 2, eventId: "3" })),
		searchedLogStreams: [],
		nextToken: "t",
	});
	const whole = page(EVENT, OTHER);
	const halves = [page(EVENT), page(), page(OTHER)];
	for (const text of [
		JSON.stringify(whole),
		JSON.stringify(whole, null, 4),
		halves.map((half) => JSON.stringify(half)).join(""),
		halves.map((half) => JSON.stringify(half)).join("\n"),
		halves.map((half) => JSON.stringify(half, null, 2)).join("\n"),
		JSON.stringify(halves),
		JSON.stringify((whole as { events: object[] }).events),
		(whole as { events: object[] }).events.map((one) => JSON.stringify(one)).join("\n"),
	])
		assert.deepEqual(ids(await read("log-events", text)), BOTH, text.slice(0, 80));
	assert.deepEqual(await read("log-events", JSON.stringify(page())), []);
});

test("log-events: records are exact slices with the stream's offsets as ids, and a cut page is read as far as it came", async () => {
	const text = `{"events":[ {"message":${JSON.stringify(EVENT)} , "timestamp":1} ,{"message":${JSON.stringify(OTHER)}}]}`;
	const stored = await read("log-events", text);
	assert.deepEqual(
		stored.map(({ record }) => text.slice(Number(record.id), Number(record.id) + record.body.length)),
		stored.map(({ record }) => Buffer.from(record.body).toString()),
	);
	assert.deepEqual(outcomesOf(await read("log-events", text.slice(0, -30))), ["event", "cut"]);
});

test("log-events: an event over the limit goes to quarantine, and the next is read", async () => {
	const text = JSON.stringify({ events: [{ message: `${EVENT.slice(0, -1)},"requestObject":"${"x".repeat(500)}"}` }, { message: OTHER }] });
	assert.deepEqual(outcomesOf(await read("log-events", text, { recordBytesMax: 400 })), ["bad", "event"]);
});

test("insights: rows of fields in any order, console rows with the message as object or string", async () => {
	const row = [
		{ field: "@log", value: "111122223333:/aws/eks/shop/cluster" },
		{ field: "@message", value: EVENT },
		{ field: "@timestamp", value: "2026-11-23 15:08:31.204" },
		{ field: "@ptr", value: "CmE" },
	];
	const results = { results: [row, row.toReversed().map(({ field, value }) => ({ value, field }))], status: "Complete" };
	for (const text of [JSON.stringify(results), JSON.stringify(results, null, 2)]) {
		const stored = await read("insights", text);
		assert.deepEqual(ids(stored), ["a-1", "a-1"]);
		for (const { envelope } of eventsOf(stored)) assert.deepEqual(envelope, { recordId: "CmE", loggedTime: "2026-11-23T15:08:31.204Z" });
		assert.equal(originOf(stored[0] as Stored).clusterName, "shop");
	}
	const rows = [{ "@message": JSON.parse(EVENT) as object }, { "@message": OTHER }];
	assert.deepEqual(ids(await read("insights", JSON.stringify(rows, null, 2))), BOTH);
	assert.deepEqual(ids(await read("insights", rows.map((one) => JSON.stringify(one)).join("\n"))), BOTH);
	assert.deepEqual(await read("insights", '{"results":[],"status":"Complete"}'), []);
});

test("subscription: plain, concatenated, on lines, as base64 of gzip; a control message is one record", async () => {
	for (const text of [DOCUMENT, JSON.stringify(JSON.parse(DOCUMENT), null, 2), `${packed(DOCUMENT)}\n`])
		assert.deepEqual(ids(await read("subscription", text)), BOTH);
	const outcomes = ["event", "event", "control-message", "event", "event"];
	for (const text of [
		DOCUMENT + CONTROL + DOCUMENT,
		[DOCUMENT, CONTROL, DOCUMENT].join("\n"),
		[DOCUMENT, CONTROL, DOCUMENT].map(packed).join("\n"),
		`${packed(DOCUMENT + CONTROL)}\r\n${DOCUMENT}`,
	]) {
		const stored = await read("subscription", text);
		assert.deepEqual(outcomesOf(stored), outcomes);
		assert.equal(new Set(stored.map(({ record }) => record.id)).size, stored.length);
	}
});

test("subscription: the header goes to each record, wherever it stands", async () => {
	const last = JSON.stringify({ logEvents, policyLevel: "ACCOUNT_LEVEL_POLICY", ...HEADER });
	for (const [text, rest] of [
		[DOCUMENT, ["subscriptionFilters"]],
		[last, ["policyLevel", "subscriptionFilters"]],
	] as const) {
		const stored = await read("subscription", text);
		for (const one of stored) {
			assert.deepEqual(one.record.origin, {
				account: "111122223333",
				logName: "/aws/eks/shop/cluster",
				clusterName: "shop",
				logSource: STREAM,
			});
			assert.equal(originOf(one).platform, "eks");
		}
		assert.deepEqual(
			eventsOf(stored).map(({ envelope }) => Object.keys(envelope.rest ?? {})),
			[rest, rest],
		);
		assert.deepEqual(eventsOf(stored)[0]?.envelope.rest?.["subscriptionFilters"], { raw: Buffer.from('["all"]') });
		assert.equal(eventsOf(stored)[1]?.envelope.recordId, "38271");
	}
});

test("subscription: a header that is far too large is not multiplied", async () => {
	const stored = await read("subscription", JSON.stringify({ ...HEADER, note: "x".repeat(20_000), logEvents }));
	assert.deepEqual(ids(stored), BOTH);
	assert.equal(eventsOf(stored)[0]?.envelope.rest, undefined);
	const named = await read("subscription", JSON.stringify({ ...HEADER, logStream: "x".repeat(2_000), logEvents }));
	assert.equal(originOf(named[0] as Stored).logSource, undefined);
});

test("repeated members and pages of many small records lose nothing", async () => {
	const twice = `{"logEvents":[{"message":${JSON.stringify(EVENT)}}],"messageType":"DATA_MESSAGE","logEvents":[{"message":${JSON.stringify(OTHER)}}]}`;
	assert.deepEqual(ids(await read("subscription", twice)), BOTH);
	const data = packed(DOCUMENT);
	assert.deepEqual(ids(await read("firehose", `{"records":[{"data":"${data}"}],"records":[{"data":"${data}"}]}`)), [...BOTH, ...BOTH]);
	assert.deepEqual(outcomesOf(await read("subscription", twice, { batchRecordsMax: 1 })), ["event", "event"]);
});

test("subscription: of a cut document what came, of a broken one the whole goes to quarantine", async () => {
	assert.deepEqual(outcomesOf(await read("subscription", DOCUMENT.slice(0, -30))), ["event", "cut"]);
	for (const text of [
		DOCUMENT.replace('"owner":', '"owner"'),
		DOCUMENT.replace('"logEvents":[', '"logEvents":['.replace("[", "{")),
		'{"messageType":"DATA_MESSAGE","logGroup":"g"}',
		"H4sIAAAA",
		"text",
		packed("text"),
	])
		assert.deepEqual(outcomesOf(await read("subscription", text)), ["bad"], text);
	const damaged = gzipSync(DOCUMENT);
	assert.deepEqual(outcomesOf(await read("subscription", damaged.subarray(0, 90).toString("base64"))), ["bad"]);
});

test("a document over its limit, and a log event over its own", async () => {
	const large = await read("subscription", packed(DOCUMENT), { documentBytesMax: DOCUMENT.length - 1 });
	assert.deepEqual(outcomesOf(large), ["bad"]);
	assert.equal(large[0]?.record.error?.code, "RECORD_TOO_LARGE");
	assert.deepEqual(outcomesOf(await read("subscription", packed(DOCUMENT), { documentBytesMax: DOCUMENT.length })), ["event", "event"]);
	const stored = await read("subscription", DOCUMENT, { recordBytesMax: 100 });
	assert.deepEqual(
		stored.map(({ record }) => record.error?.code),
		["RECORD_TOO_LARGE", "RECORD_TOO_LARGE"],
	);
});

test("lambda, kinesis and firehose", async () => {
	const lambda = JSON.stringify({ awslogs: { data: packed(DOCUMENT) } });
	for (const text of [lambda, JSON.stringify(JSON.parse(lambda), null, 2)]) assert.deepEqual(ids(await read("lambda", text)), BOTH);
	const records = [DOCUMENT, CONTROL].map((document) => ({
		kinesis: { sequenceNumber: "1", data: packed(document), approximateArrivalTimestamp: 1668093033.744 },
		awsRegion: "eu-west-1",
		eventSourceARN: "arn:aws-cn:kinesis:eu-west-1:999988887777:stream/s",
		invokeIdentityArn: "arn:aws:iam::999988887777:role/r",
	}));
	const kinesis = await read("kinesis", JSON.stringify({ Records: records }));
	assert.deepEqual(outcomesOf(kinesis), ["event", "event", "control-message"]);
	assert.deepEqual((({ region, partition, account }) => ({ region, partition, account }))(originOf(kinesis[0] as Stored)), {
		region: "eu-west-1",
		partition: "aws-cn",
		account: "111122223333",
	});
	const request = { requestId: "r", timestamp: 1, records: [{ data: packed(DOCUMENT) }, { data: packed(CONTROL) }] };
	assert.deepEqual(outcomesOf(await read("firehose", JSON.stringify(request))), ["event", "event", "control-message"]);
	const transformation = {
		invocationId: "i",
		records: [{ recordId: "1", data: packed(DOCUMENT) }],
		region: "eu-central-1",
		deliveryStreamArn: "arn:aws:firehose:eu-central-1:999988887777:deliverystream/d",
	};
	const [first] = await read("firehose", JSON.stringify(transformation));
	assert.equal(originOf(first as Stored).region, "eu-central-1");
	assert.equal(originOf(first as Stored).account, "111122223333");
});

test("deliveries that hold nothing readable go to quarantine, one by one, and documents of another kind are skipped", async () => {
	const mixed = JSON.stringify({
		Records: [
			5,
			{ kinesis: {} },
			{ kinesis: { data: "????" } },
			{ kinesis: { data: packed("{") } },
			{ kinesis: { data: packed(DOCUMENT) } },
		],
	});
	assert.deepEqual(outcomesOf(await read("kinesis", mixed)), ["bad", "bad", "bad", "bad", "event", "event"]);
	assert.deepEqual(outcomesOf(await read("lambda", '{"awslogs":{"data":5}}{"awslogs":null}{"source":"aws.ec2"}')), [
		"bad",
		"bad",
		"not-an-audit-event",
	]);
	let nested = DOCUMENT;
	for (let layer = 0; layer < 20; layer++) nested = JSON.stringify({ awslogs: { data: packed(nested) } });
	assert.deepEqual(outcomesOf(await read("lambda", nested)), ["bad"]);
});

test("export: a message goes on over lines without a time, and text before the first time is a message too", async () => {
	const time = "2026-11-23T15:08:34.000Z";
	const text = `Permission Check Successful\n${time} ${EVENT}\r\n${time} ${KLOG}\nTrace[77]: one\n\nTrace[77]: two\n${time} ${OTHER}`;
	const stored = await read("export", text);
	assert.deepEqual(outcomesOf(stored), ["other-log", "event", "other-log", "event"]);
	assert.equal(Buffer.from(stored[2]?.record.body ?? []).toString(), `${time} ${KLOG}\nTrace[77]: one\nTrace[77]: two`);
	assert.deepEqual(eventsOf(stored)[0]?.envelope, { loggedTime: time });
	const long = await read("export", `${time} ${KLOG}\n${"x".repeat(200)}\n${time} ${EVENT}`, { recordBytesMax: 260 });
	assert.deepEqual(outcomesOf(long), ["bad", "event"]);
});

test("messages: one a line, or several with nothing between them", async () => {
	assert.deepEqual(
		outcomesOf(await read("messages", `${EVENT}\n${KLOG}\n${EVENT}${OTHER}${EVENT.slice(0, -20)}[Truncated...]\n${OTHER}\n`)),
		["event", "other-log", "event", "event", "cut", "event"],
	);
});

test("an unknown form is refused", () => {
	for (const form of ["csv", "__proto__", "toString"])
		assert.throws(() => awsCloudwatch.frame((async function* () {})(), form, {} as never), CollectorError);
});

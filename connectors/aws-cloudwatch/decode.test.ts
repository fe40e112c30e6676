/** What becomes of a log event: by stream, by group, by content; and what the envelope keeps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecodedEvent } from "../../src/contract/decode.ts";
import { textOf } from "../../src/json/scan.ts";
import { eventsOf, outcomesOf, readStored } from "../../test/read-stored.ts";
import { awsCloudwatch } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jane","uid":"aws-iam-authenticator:999988887777:AROA"}}';
const HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const AUDIT = `kube-apiserver-audit-${HEX}`;
const KLOG = "I1123 15:08:31.204418       1 trace.go:236] Trace";
const LOGFMT = 'time="2026-11-23T15:08:31Z" level=info msg="access granted" arn="arn:aws:iam::999988887777:role/r"';
const CUT = `${EVENT.slice(0, -20)}[Truncated...]`;
const HOPELESS = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a-1","stage":"Resp[Truncated...]';

async function outcome(message: string, stream?: string, group?: string): Promise<string | undefined> {
	const document = {
		messageType: "DATA_MESSAGE",
		logGroup: group,
		logStream: stream,
		logEvents: [{ id: "1", timestamp: 1_795_446_516_744, message }],
	};
	return outcomesOf(await readStored(awsCloudwatch, "subscription", JSON.stringify(document)))[0];
}

async function decoded(element: object): Promise<DecodedEvent | undefined> {
	return eventsOf(await readStored(awsCloudwatch, "log-events", JSON.stringify([element])))[0];
}

test("only audit streams of EKS are audit logs: the API server's own stream has the beginning of their name", async () => {
	const group = "/aws/eks/shop/cluster";
	for (const stream of [
		`kube-apiserver-${HEX}`,
		`authenticator-${HEX}`,
		`kube-controller-manager-${HEX}`,
		`kube-scheduler-${HEX}`,
		`cloud-controller-manager-${HEX}`,
	]) {
		for (const message of [EVENT, KLOG, LOGFMT, '{"level":"info"}']) {
			assert.equal(await outcome(message, stream, group), "other-log");
			assert.equal(await outcome(message, stream), "other-log");
		}
	}
	assert.equal(await outcome(EVENT, "anything-else", group), "other-log");
});

test("in an audit stream: events, cut events, JSON of another kind; text is bad", async () => {
	for (const group of [undefined, "/aws/eks/shop/cluster"]) {
		assert.equal(await outcome(EVENT, AUDIT, group), "event");
		assert.equal(await outcome(`${EVENT}\n`, AUDIT, group), "event");
		assert.equal(await outcome(CUT, AUDIT, group), "cut");
		assert.equal(await outcome(HOPELESS, AUDIT, group), "bad");
		assert.equal(await outcome('{"level":"info"}', AUDIT, group), "not-an-audit-event");
		assert.equal(await outcome(KLOG, AUDIT, group), "bad");
		assert.equal(await outcome("{broken", AUDIT, group), "bad");
	}
});

test("where the stream is not known the content decides", async () => {
	assert.equal(await outcome(EVENT), "event");
	assert.equal(await outcome(CUT), "cut");
	assert.equal(await outcome(KLOG), "other-log");
	assert.equal(await outcome(LOGFMT), "other-log");
	assert.equal(await outcome("I am\nof two lines"), "other-log");
	assert.equal(await outcome("{broken"), "bad");
});

test("in a log group that is not EKS's, audit events are events and all else is another log", async () => {
	const group = "/aws/lambda/hello";
	assert.equal(await outcome(EVENT, "2024/10/21/[$LATEST]16c1", group), "event");
	assert.equal(await outcome(CUT, "s", group), "cut");
	for (const message of [KLOG, "START RequestId: 1\n", '{"level":"INFO"}', "{broken", HOPELESS])
		assert.equal(await outcome(message, "s", group), "other-log");
	assert.equal(await outcome(EVENT, "nodes/audit.log"), "event");
	const [event] = eventsOf(
		await readStored(awsCloudwatch, "subscription", JSON.stringify({ logGroup: group, logStream: "s", logEvents: [{ message: EVENT }] })),
	);
	assert.equal(event?.origin?.platform, undefined);
	assert.equal(event?.origin?.clusterName, undefined);
});

test("the envelope keeps what CloudWatch says, and not what was cut out of the message", async () => {
	const found = await decoded({
		logStreamName: AUDIT,
		timestamp: 1_795_446_516_744,
		message: EVENT,
		ingestionTime: 1_795_446_521_864,
		eventId: "38270000000000000000000000000000000000000000000000000000",
		extractedFields: { password: "hunter2-hunter2-hunter2", "@aws.account": "444455556666", "@aws.region": "us-gov-west-1" },
		shard: "x",
	});
	assert.deepEqual(found?.envelope, {
		recordId: "38270000000000000000000000000000000000000000000000000000",
		loggedTime: "2026-11-23T15:08:36.744Z",
		rest: { ingestionTime: 1_795_446_521_864, shard: "x" },
	});
	assert.deepEqual(found?.origin, {
		connector: "aws-cloudwatch",
		platform: "eks",
		logProvider: "AWS CloudWatch Logs",
		logSource: AUDIT,
		account: "444455556666",
		region: "us-gov-west-1",
	});
	assert.equal(textOf(found?.identity ?? new Uint8Array()), EVENT.slice(EVENT.indexOf('"level"')));
});

test("fields that Insights found in the message are left out as well", async () => {
	const row = {
		"@message": EVENT,
		"@ingestionTime": "2026-11-23 15:08:41.864",
		"responseObject.data.password": "hunter2-hunter2-hunter2",
		verb: "get",
	};
	const [found] = eventsOf(await readStored(awsCloudwatch, "insights", JSON.stringify([row])));
	assert.deepEqual(found?.envelope, { rest: { "@ingestionTime": "2026-11-23 15:08:41.864" } });
});

test("times: milliseconds, seconds where milliseconds are due, dates, and what is none of them stays in the rest", async () => {
	const time = async (timestamp: unknown): Promise<unknown> => {
		const envelope = (await decoded({ message: EVENT, timestamp }))?.envelope;
		return envelope?.loggedTime ?? envelope?.rest?.["timestamp"];
	};
	assert.equal(await time(1_583_425_836_114), "2020-03-05T16:30:36.114Z");
	assert.equal(await time(1_583_425_836), "2020-03-05T16:30:36.000Z");
	assert.equal(await time("1583425836114"), "2020-03-05T16:30:36.114Z");
	assert.equal(await time("2020-03-05 16:30:36.114"), "2020-03-05T16:30:36.114Z");
	assert.equal(await time("2020-03-05T17:30:36.114+01:00"), "2020-03-05T17:30:36.114+01:00");
	for (const odd of ["soon", -1, 1.5, 8_640_000_000_000_000, true, null]) assert.deepEqual(await time(odd), odd);
});

test("a message that UTF-8 cannot carry is repaired and flagged", async () => {
	const text = `[{"message":${JSON.stringify(EVENT).replace("jane", "\\udfff")}}]`;
	const [found] = eventsOf(await readStored(awsCloudwatch, "log-events", text));
	assert.equal(found?.event.user?.username, "\ufffd");
	assert.deepEqual(found?.repaired?.what, ["lone-surrogate"]);
});

test("events that a data lake stored anew keep its keys and its times as they are", async () => {
	const row = `${EVENT.slice(0, -1)},"stageTimestamp":"2024-11-13 18:34:10.595141000","p_log_type":"Amazon.EKS.Audit","p_row_id":"1a2b"}`;
	const [found] = eventsOf(await readStored(awsCloudwatch, "messages", row));
	assert.equal(found?.event.stageTimestamp, "2024-11-13 18:34:10.595141000");
	assert.deepEqual(
		found?.event.extras?.map(({ path }) => path),
		[["p_log_type"], ["p_row_id"]],
	);
	assert.deepEqual(found?.envelope, {});
});

test("the caller's account is never the cluster's", async () => {
	const [found] = eventsOf(await readStored(awsCloudwatch, "messages", EVENT));
	assert.deepEqual(found?.origin, { connector: "aws-cloudwatch", platform: "eks", logProvider: "AWS CloudWatch Logs" });
});

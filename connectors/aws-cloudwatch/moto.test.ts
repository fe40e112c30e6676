/** The connector against a simulation by somebody else: moto's server, put to use by the AWS SDK. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
	CloudWatchLogsClient,
	CreateLogGroupCommand,
	CreateLogStreamCommand,
	DeleteLogGroupCommand,
	PutLogEventsCommand,
	PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { eventText } from "../../src/simulation/planted-event.ts";
import { connect } from "./client.ts";
import { decode } from "./decode.ts";
import { scopes } from "./scopes.ts";
import { once, REGION, recordsOf, SIGNAL, serialOf, settingsOf } from "./test-service.ts";

const url = process.env["KUBE_AUDIT_MOTO_URL"];
const options =
	url === undefined ? { skip: "KUBE_AUDIT_MOTO_URL is not set: it is the address of a moto_server, such as http://127.0.0.1:5000" } : {};

const CLUSTER = `moto-${randomUUID().slice(0, 8)}`;
const GROUP = `/aws/eks/${CLUSTER}/cluster`;
const STREAMS = ["kube-apiserver-audit-0f1e2d3c", "kube-apiserver-audit-4b5a6978"];

/** A log group with a stream of each API server, and another component's; gives the serials of the audit events. */
async function fill(sdk: CloudWatchLogsClient): Promise<readonly string[]> {
	await sdk.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
	await sdk.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 7 }));
	const startMs = Date.now() - 600_000;
	const serials: string[] = [];
	for (const [at, logStreamName] of [...STREAMS, "authenticator-0f1e2d3c"].entries()) {
		await sdk.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
		const logEvents = Array.from({ length: 30 }, (_, i) => {
			const timestamp = startMs + 1000 * (3 * i + at);
			const serial = `${logStreamName}-${i}`;
			if (at < STREAMS.length) serials.push(serial);
			return { timestamp, message: at < STREAMS.length ? eventText(serial, timestamp) : 'time="2026-11-23T15:08:31Z" level=info' };
		});
		await sdk.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents }));
	}
	return serials;
}

test("what the SDK puts into moto, the connector finds and lists once, page by page", options, async () => {
	const keys = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
	Object.assign(process.env, keys);
	const sdk = new CloudWatchLogsClient({ region: REGION, endpoint: url ?? "" });
	await using client = await connect(settingsOf({ clusters: [CLUSTER], endpoint: url }));
	try {
		const serials = await fill(sdk);
		const search = { client, attempt: once, signal: SIGNAL, log() {} };
		const [scope] = await scopes(settingsOf({ clusters: [CLUSTER] }), search);
		assert.ok(scope);
		assert.equal(scope.retentionMs, 7 * 86_400_000);
		assert.equal(scope.origin.clusterId, `arn:aws:eks:${REGION}:${scope.origin.account}:cluster/${CLUSTER}`);
		assert.deepEqual((await scopes(settingsOf({ clusters: [], discover: {} }), search)).map(({ name }) => name).includes(scope.name), true);

		const records = await recordsOf(client, { scope, pageEventsMax: 7 });
		assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
		// Moto does not look at logStreamNamePrefix: decoding leaves the other component out.
		const events = records.filter((record) => decode(record).kind === "event");
		assert.deepEqual(events.map(serialOf).sort(), [...serials].sort());

		const from = records.find((record) => serialOf(record) === `${STREAMS[0]}-10`)?.timeMs ?? 0;
		const few = await recordsOf(client, { scope }, { fromMs: from, toMs: from + 1000 });
		assert.deepEqual(few.map(serialOf).sort(), [`${STREAMS[0]}-10`, `${STREAMS[1]}-10`]);
		await assert.rejects(scopes(settingsOf({ clusters: ["none"] }), search), { code: "CONFIG_INVALID" });
	} finally {
		await sdk.send(new DeleteLogGroupCommand({ logGroupName: GROUP })).catch(() => {});
		sdk.destroy();
	}
});

/** Lines in a shipper's envelope: the event inside, the cluster, the time, and what else the shipper said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecodedEvent } from "../../src/contract/decode.ts";
import { eventsOf, outcomesOf, readStored } from "../../test/read-stored.ts";
import { kubernetes } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jane"}}';
const QUOTED = JSON.stringify(`${EVENT}\n`);

async function only(text: string): Promise<DecodedEvent | undefined> {
	const events = eventsOf(await readStored(kubernetes, "audit-log", text));
	assert.equal(events.length, 1);
	return events[0];
}

test("the envelope names the cluster and the time, in any order of its members", async () => {
	const first = await only(`{"@timestamp":1764730101.93,"cluster_uuid":"u-1","cluster_name":"shop","log":${QUOTED}}`);
	const last = await only(`{"log":${QUOTED},"cluster_name":"shop","cluster_uuid":"u-1","@timestamp":1764730101.93}`);
	for (const found of [first, last]) {
		assert.equal(found?.event.auditID, "a-1");
		assert.deepEqual(found?.envelope, { loggedTime: "2025-12-03T02:48:21.93Z" });
		assert.deepEqual(found?.origin, { clusterId: "u-1", clusterName: "shop" });
	}
});

test("everything else that the shipper said is kept, with exact numbers", async () => {
	const found = await only(
		`{"@timestamp":"yesterday","n":9007199254740993,"host":{"ip":[1.0]},"tag":"kube.audit","__proto__":true,"log":${QUOTED}}`,
	);
	const rest = found?.envelope.rest ?? {};
	assert.equal(found?.envelope.loggedTime, undefined);
	assert.deepEqual(Object.keys(rest), ["@timestamp", "n", "host", "tag", "__proto__"]);
	assert.deepEqual(rest["n"], { raw: Buffer.from("9007199254740993") });
	assert.deepEqual(rest["host"], { raw: Buffer.from('{"ip":[1.0]}') });
	assert.equal(Object.getPrototypeOf(rest), Object.prototype);
});

test("Docker's envelope and a runtime's prefix around an envelope", async () => {
	const docker = await only(`{"log":${QUOTED},"stream":"stdout","time":"2026-11-23T15:08:35.000000010Z"}`);
	assert.deepEqual(docker?.envelope, { loggedTime: "2026-11-23T15:08:35.000000010Z", rest: { stream: "stdout" } });
	const both = await only(`2026-11-23T15:08:35.1Z stderr F {"log":${QUOTED},"@timestamp":1764730101}`);
	assert.deepEqual(both?.envelope, { loggedTime: "2025-12-03T02:48:21Z", rest: { stream: "stderr", time: "2026-11-23T15:08:35.1Z" } });
});

test("inside an envelope the same holds as outside", async () => {
	const inner = [EVENT.slice(0, -20), "I1123 15:08:31.204418       1 trace.go:236] Trace", "text", '{"kind":0}', "42"];
	const lines = inner.map((log) => JSON.stringify({ log }));
	assert.deepEqual(outcomesOf(await readStored(kubernetes, "audit-log", lines.join("\n"))), [
		"cut",
		"other-log",
		"bad",
		"not-an-audit-event",
		"not-an-audit-event",
	]);
});

test("an envelope that was cut inside the line is salvaged", async () => {
	const whole = `{"cluster_name":"shop","log":${QUOTED}}`;
	for (const cut of [20, 21, 22, 23, 24, 25]) {
		const found = await only(whole.slice(0, -cut));
		assert.equal(found?.event.verb, "get");
		assert.notEqual(found?.truncated, undefined);
		assert.deepEqual(found?.origin, { clusterName: "shop" });
	}
});

test("half a surrogate pair in the envelope's string is repaired and flagged", async () => {
	const found = await only(`{"log":${QUOTED.replace("jane", "\\ud800")}}`);
	assert.equal(found?.event.user?.username, "\ufffd");
	assert.deepEqual(found?.repaired?.what, ["lone-surrogate"]);
});

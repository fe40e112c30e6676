import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { sniff } from "../../src/framing/sniff.ts";
import { FORMS } from "./forms.ts";
import { type Members, sampleEntry } from "./sample-entry.ts";

function formOf(text: string | Uint8Array): string | undefined {
	const seen = sniff(Buffer.from(text));
	return FORMS.find((form) => form.matches(seen))?.name;
}

const ENTRY = sampleEntry();
const { "@type": _, ...PAYLOAD } = ENTRY["protoPayload"] as Members;
const BARE = { ...ENTRY, protoPayload: PAYLOAD };
const LONG = "x".repeat(100_000);
const MESSAGE = { data: "e30=", messageId: "1", publishTime: "2026-05-04T09:30:32Z" };

const OWN: Readonly<Record<string, readonly [value: unknown, form: string]>> = {
	"an entry": [ENTRY, "log-entries"],
	"an array of entries": [[ENTRY], "log-entries"],
	"an entry of a container": [{ ...ENTRY, protoPayload: undefined, textPayload: "hello" }, "log-entries"],
	"an entry longer than what is looked at": [sampleEntry({}, { request: { text: LONG } }), "log-entries"],
	"a page": [{ entries: [ENTRY], nextPageToken: "t" }, "log-entries"],
	"a page longer than what is looked at": [{ entries: [sampleEntry({}, { request: { text: LONG } })] }, "log-entries"],
	"an empty page": [{ nextPageToken: "t" }, "log-entries"],
	LogEntryData: [BARE, "eventarc"],
	"a CloudEvent": [{ specversion: "1.0", type: "google.cloud.audit.log.v1.written", data: BARE }, "eventarc"],
	"a batch of CloudEvents": [[{ specversion: "1.0", type: "google.cloud.audit.log.v1.written", data: BARE }], "eventarc"],
	"a pull response": [{ receivedMessages: [{ ackId: "a", message: MESSAGE }] }, "pubsub"],
	"an array of pulled messages": [[{ ackId: "a", message: MESSAGE }], "pubsub"],
	"a push": [{ message: MESSAGE, subscription: "s" }, "pubsub"],
	"a long push": [{ subscription: "s", message: { ...MESSAGE, data: LONG } }, "pubsub"],
	"a row": [{ insertId: "a", logName: "projects/p/logs/x", protopayload_auditlog: {}, timestamp: "t" }, "bigquery"],
};

for (const [what, [value, form]] of Object.entries(OWN)) {
	test(`${what} is of the form ${form}`, () => {
		assert.equal(formOf(JSON.stringify(value)), form);
		assert.equal(formOf(JSON.stringify(value, null, 2)), form);
	});
}

const OTHERS: Readonly<Record<string, unknown>> = {
	"an audit event": { kind: "Event", apiVersion: "audit.k8s.io/v1", auditID: "a", verb: "get", timestamp: "t" },
	"a subscription's delivery": { messageType: "DATA_MESSAGE", owner: "1", logGroup: "g", logStream: "s", logEvents: [] },
	"a page of CloudWatch": { events: [{ timestamp: 1, message: "{}" }], nextToken: "t" },
	"a diagnostic record": { time: "t", resourceId: "/SUBSCRIPTIONS/x", category: "kube-audit", properties: { log: "{}" } },
	"a shipper's line": { "@timestamp": 1, message: "{}", log: "{}" },
	"another CloudEvent": { specversion: "1.0", type: "com.example.x", data: { logName: "x" } },
	"an Atom feed as JSON": { entries: [{ title: "x" }] },
	nothing: {},
	"a list of numbers": [1, 2],
};

for (const [what, value] of Object.entries(OTHERS)) {
	test(`${what} is of no form`, () => assert.equal(formOf(JSON.stringify(value)), undefined));
}

test("text is of no form", () => {
	for (const text of ["", "I0101 hello", '"logName"', "\u0000", '{"logName"']) assert.equal(formOf(text), undefined, text);
});

const CORPUS = new URL("../../../shared/corpus/", import.meta.url);

test("records of other clouds are left to others, those of GKE are taken", { skip: !existsSync(CORPUS) }, () => {
	for (const folder of ["aks", "eks", "gke", "native"]) {
		for (const name of readdirSync(new URL(`${folder}/`, CORPUS)).filter((file) => file.endsWith(".jsonl"))) {
			assert.equal(formOf(readFileSync(new URL(`${folder}/${name}`, CORPUS))) !== undefined, folder === "gke", `${folder}/${name}`);
		}
	}
});

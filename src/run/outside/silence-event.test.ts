import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Origin } from "../../contract/record.ts";
import { type SilenceFact, silenceEvent } from "./silence-event.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** In the checkout, or beside it. The class is spelt so upstream. */
const PLACES = ["test/ocsf/event_log_actvity.schema.json", "../shared/ocsf/1.8.0/event_log_actvity.schema.json"];

const SINCE_MS = Date.parse("2026-11-23T10:00:00Z");
const EKS: Origin = {
	connector: "aws-cloudwatch",
	platform: "eks",
	account: "123456789012",
	region: "eu-central-1",
	partition: "aws",
	clusterName: "prod",
	clusterId: "arn:aws:eks:eu-central-1:123456789012:cluster/prod",
	clusterKey: "arn:aws:eks:eu-central-1:123456789012:cluster/prod",
	logName: "/aws/eks/prod/cluster",
	logProvider: "CloudWatch Logs",
	labels: { env: "production" },
};
const FACTS: readonly SilenceFact[] = (["silent", "speaking"] as const).flatMap((kind) =>
	[EKS, { connector: "kubernetes" }, { connector: "x", platform: "gke" as const, clusterName: "\ud800" }].map((origin) => ({
		kind,
		source: "eks",
		origin,
		sinceMs: SINCE_MS,
		untilMs: SINCE_MS + 900_000,
	})),
);

const read = (fact: SilenceFact) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(silenceEvent(fact).bytes));

test("the event is valid against the OCSF schema of Event Log Activity", (context: TestContext) => {
	const path = PLACES.map((place) => join(ROOT, place)).find(existsSync);
	if (path === undefined) return context.skip(`no schema of the class: neither at ${PLACES.join(" nor at ")}`);
	const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(path, "utf8")) as object);
	for (const fact of FACTS) assert.ok(validate(read(fact)), JSON.stringify(validate.errors));
	assert.ok(!validate({ ...read(FACTS[0] as SilenceFact), class_uid: 6003 }), "the schema refuses something");
});

test("it says which cluster, since when, and up to when", () => {
	const event = read(FACTS[0] as SilenceFact);
	assert.equal(event.message, "no audit event of prod between 2026-11-23T10:00:00.000Z and 2026-11-23T10:15:00.000Z");
	assert.deepEqual(event.metadata.reporter, { name: "prod", uid: EKS.clusterId });
	assert.deepEqual(event.unmapped.collector, { source: "eks", connector: "aws-cloudwatch" });
	assert.deepEqual(event.metadata.tags, [{ name: "env", value: "production" }]);
	assert.deepEqual([event.class_uid, event.type_uid, event.start_time, event.time], [1008, 100_899, SINCE_MS, SINCE_MS + 900_000]);
	assert.equal(event.cloud.account.uid, "123456789012");
});

test("what is not known is not there", () => {
	const event = read(FACTS[1] as SilenceFact);
	assert.match(event.message, /^no audit event of a cluster whose name is not known /);
	for (const name of ["cloud", "log_name", "log_provider"]) assert.ok(!(name in event), name);
	assert.ok(!("reporter" in event.metadata));
});

test("the same silence has one uid, any other has another", () => {
	const fact = FACTS[0] as SilenceFact;
	const uid = silenceEvent(fact).uid;
	assert.equal(silenceEvent({ ...fact, untilMs: fact.untilMs + 1 }).uid, uid, "told again when it has become longer");
	const others = [
		{ ...fact, kind: "speaking" as const },
		{ ...fact, sinceMs: fact.sinceMs + 1 },
		{ ...fact, source: "gke" },
		{ ...fact, origin: { ...EKS, clusterKey: "other" } },
		{ ...fact, identityKey: "key" },
	];
	assert.equal(new Set([uid, ...others.map((other) => silenceEvent(other).uid)]).size, 1 + others.length);
	assert.equal(read(fact).metadata.uid, uid);
});

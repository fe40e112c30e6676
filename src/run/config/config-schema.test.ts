// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of settings look like template strings

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { readConfig } from "./config.ts";
import { configSchemaText } from "./config-schema.ts";
import { LIVE_CONNECTORS } from "./pull-settings.ts";

const SCHEMA = JSON.parse(configSchemaText()) as object;
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false, allErrors: true }).compile(
	SCHEMA,
);

const ENV = { VALUE: "arn:aws:iam::123456789012:role/audit" };
const GUID = "11111111-2222-3333-4444-555555555555";

async function isAccepted(text: string): Promise<boolean> {
	return readConfig(text, "kube-audit.yaml", ENV).then(
		() => true,
		() => false,
	);
}

const SOURCES = {
	"aws-cloudwatch": "regions: [eu-central-1], clusters: [payments]",
	"gcp-cloud-logging": "projects: [my-project]",
	"azure-diagnostics": `workspaces: [${GUID}]`,
};
const file = (source: string, rest = "sinks: ['stdout:']"): string => `sources:\n  - { id: a, ${source} }\n${rest}\n`;
const aws = (more: string): string => file(`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}, ${more}`);

test("the schema that is shipped is that of the program", () => {
	const shipped = readFileSync(join(import.meta.dirname, "../../../schema/kube-audit.schema.json"), "utf8");
	assert.ok(shipped === configSchemaText(), "stale: run `npm run schema`");
});

test("every connector that can be collected from live is in it, with an example here", () => {
	assert.deepEqual(LIVE_CONNECTORS.map(({ name }) => name).sort(), Object.keys(SOURCES).sort());
});

test("what the program accepts, the schema accepts", async () => {
	const valid = [
		...Object.entries(SOURCES).map(([connector, keys]) => file(`connector: ${connector}, ${keys}`)),
		aws("labels: { env: prod }, since: 1h, silence: { after: 30m, event: true }"),
		aws("poll: { interval: 10s, intervalMax: 1m, overlap: 2m, overlapMax: 1h, sweeps: [{ every: 10m, depth: 30m }] }"),
		aws("since: 2026-11-23T15:00:00Z, quota: { share: 0.2 }"),
		aws("roleArn: '${env:VALUE}'"),
		file(
			`connector: azure-diagnostics, workspaces: [${GUID}], tables: [AKSAudit], identity: { kind: service-principal, tenantId: ${GUID}, clientId: ${GUID}, clientSecret: '\${env:VALUE}' }`,
		),
		file(
			`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`,
			"sinks: [file:a, { to: duckdb:b, schema: ocsf, name: store, required: false }]",
		),
		file(
			`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`,
			`sinks: [file:a]
checkpoints: s3://bucket/prefix
quarantine: q.ndjson
listen: false
log: { level: debug, format: json }
shutdown: 25s
watermark: { every: 1m }
identityKey: { env: VALUE }
redaction: { hmacKey: '\${env:VALUE}', presets: { config-maps: false }, paths: [requestObject.spec] }
filter: [leases]
limits: { recordBytesMax: 1000 }`,
		),
	];
	for (const text of valid) {
		assert.ok(await isAccepted(text), text);
		assert.ok(validate(parse(text)), `${text}\n${JSON.stringify(validate.errors, null, 1)}`);
	}
});

test("what the schema refuses, the program refuses, for each kind of fault", async () => {
	const invalid = [
		"sinks: ['stdout:']",
		file("connector: aws-cloudwatch, regoins: [eu-central-1]"),
		file("connector: gcp-cloud-logging, workspaces: [x]"),
		file("connector: azure-diagnostics"),
		file("connector: azure-diagnostics, workspaces: [no-guid]"),
		file(`connector: azure-diagnostics, workspaces: [${GUID}], identity: { kind: other }`),
		file("connector: 7"),
		file("labels: {}"),
		aws("labels: { env: 1 }"),
		aws("labels: { 'a b': x }"),
		aws("since: yesterday"),
		aws("poll: { interval: 10000 }"),
		aws("poll: { sweeps: [{ every: 10m }] }"),
		aws("silence: {}"),
		aws("quota: { share: 3 }"),
		aws("account: 123456789012"),
		file(`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`, "sinks: []"),
		file(`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`, "sinks: [fle:x]"),
		file(`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`, "sinks: [{ to: file:x, schema: osf }]"),
		...["checkpoints: s3:x", "listen: 9464", "log: { level: wran }", "limits: { recordBytesMax: -1 }", "other: 1"].map((line) =>
			file(`connector: aws-cloudwatch, ${SOURCES["aws-cloudwatch"]}`, `sinks: [file:x]\n${line}`),
		),
	];
	for (const text of invalid) {
		assert.equal(validate(parse(text)), false, text);
		assert.equal(await isAccepted(text), false, text);
	}
});

test("of a connector by somebody else, only the common keys are checked", () => {
	assert.ok(validate(parse(file("connector: '@mine/connector', depth: 3"))));
	assert.equal(validate(parse(file("connector: '@mine/connector', since: yesterday"))), false);
});

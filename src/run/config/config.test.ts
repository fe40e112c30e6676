// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of settings look like template strings

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { folderFor } from "../../../test/temp-folder.ts";
import { CollectorError } from "../../contract/errors.ts";
import { type Config, loadConfig, readConfig } from "./config.ts";
import { identityKeyOf, policySettingsOf } from "./policy-settings.ts";

const ENV = { ROLE: "arn:aws:iam::123456789012:role/audit", KEY: "0123456789abcdef", WORD: "hunter2-hunter2" };
const FILE = "kube-audit.yaml";

const MINIMAL = `
sources:
  - id: eks
    connector: aws-cloudwatch
    regions: [eu-central-1]
    clusters: [payments]
sinks: ["stdout:"]
`;

/** The lines of the error, without the file's name. */
async function faultsOf(text: string): Promise<readonly string[]> {
	const error = await readConfig(text, FILE, ENV).then(
		() => assert.fail("accepted"),
		(thrown: unknown) => thrown,
	);
	assert.ok(error instanceof CollectorError && error.code === "CONFIG_INVALID", String(error));
	return error.message.split("\n").map((line) => line.slice(FILE.length + 1));
}

function settingsOf(config: Config, index: number): Readonly<Record<string, unknown>> {
	return (config.sources[index] ?? assert.fail("no such source")).settings as Readonly<Record<string, unknown>>;
}

const source = (lines: string): string =>
	`${MINIMAL.replace('sinks: ["stdout:"]\n', "")}${lines.replace(/^/gm, "    ")}\nsinks: ["stdout:"]\n`;

test("the least that can be said is filled up with what is usual", async () => {
	const { sources, ...rest } = await readConfig(MINIMAL, `/etc/audit/${FILE}`, {});
	assert.deepEqual(JSON.parse(JSON.stringify(rest)), {
		sinks: [{ name: "stdout:", to: "stdout:", schema: "ocsf", required: true }],
		checkpoints: "file:/etc/audit/kube-audit-state.db",
		quarantine: "/etc/audit/kube-audit-quarantine.ndjson",
		listen: { host: "0.0.0.0", port: 9464 },
		log: { level: "info", format: "auto" },
		shutdownMs: 25_000,
		watermarkEveryMs: 60_000,
		redaction: { enabled: true, presets: {}, paths: [], keep: [] },
		filter: [],
		limits: {},
	});
	const { connector, settings, hash, ...common } = sources[0] as Config["sources"][number];
	assert.deepEqual(common, { id: "eks", labels: {}, since: { kind: "now" }, timing: {} });
	assert.equal(connector.name, "aws-cloudwatch");
	assert.deepEqual(settings, { regions: ["eu-central-1"], clusters: ["payments"], logGroups: [], quota: { share: 0.4 } });
	assert.match(hash, /^[0-9a-f]{64}$/);
});

test("everything that can be said is read: durations, references, paths, secrets", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, FILE);
	writeFileSync(join(folder, "external-id"), "external-1234\n");
	writeFileSync(join(folder, "policy.yaml"), "rules: []\n");
	writeFileSync(
		path,
		`
sources:
  - id: eks
    connector: aws-cloudwatch
    labels: { env: prod }
    since: 1h30m
    poll: { interval: 5s, intervalMax: 1m, overlap: 3m, overlapMax: 1h, sweeps: [{ every: 10m, depth: 1d }] }
    silence: { after: 30m, event: true }
    regions: [eu-central-1]
    discover: {}
    roleArn: \${env:ROLE}
    externalId: \${file:external-id}
  - id: gke
    connector: gcp-cloud-logging
    since: 2026-11-23T15:00:00+01:00
    projects: [my-project]
    credentials: { keyFile: key.json }
sinks:
  - file:events.ndjson
  - { to: "duckdb:data/store.duckdb", name: store, required: false }
  - { to: "file:/var/log/events.ecs", schema: ecs }
checkpoints: "memory:"
quarantine: bad/records.ndjson
listen: "[::1]:9464"
log: { level: debug, format: json }
shutdown: 10s
watermark: { every: 5m }
identityKey: { env: KEY }
redaction: { hmacKey: "\${env:KEY}", presets: { config-maps: false } }
filter: [leases, policy.yaml]
limits: { recordBytesMax: 1000 }
`,
	);
	const config = await loadConfig(path, ENV);
	const [eks, gke] = config.sources;
	assert.deepEqual(eks?.since, { kind: "ago", ms: 5_400_000 });
	assert.deepEqual(eks?.timing, {
		intervalMs: 5_000,
		intervalMaxMs: 60_000,
		overlapMs: 180_000,
		overlapMaxMs: 3_600_000,
		sweeps: [{ everyMs: 600_000, depthMs: 86_400_000 }],
	});
	assert.deepEqual([eks?.labels, eks?.silence], [{ env: "prod" }, { afterMs: 1_800_000, event: true }]);
	const { roleArn, externalId } = settingsOf(config, 0);
	assert.deepEqual([roleArn, externalId], [ENV.ROLE, "external-1234"]);
	assert.deepEqual(gke?.since, { kind: "at", ms: Date.parse("2026-11-23T14:00:00Z") });
	assert.deepEqual(settingsOf(config, 1)["credentials"], { keyFile: join(folder, "key.json") });
	assert.deepEqual(config.sinks, [
		{ name: "file:events.ndjson", to: `file:${join(folder, "events.ndjson")}`, schema: "ocsf", required: true },
		{ name: "store", to: `duckdb:${join(folder, "data/store.duckdb")}`, schema: "ocsf", required: false },
		{ name: "file:/var/log/events.ecs", to: "file:/var/log/events.ecs", schema: "ecs", required: true },
	]);
	assert.deepEqual([config.checkpoints, config.quarantine], ["memory:", join(folder, "bad/records.ndjson")]);
	assert.deepEqual(
		[config.listen, config.log],
		[
			{ host: "::1", port: 9464 },
			{ level: "debug", format: "json" },
		],
	);
	assert.deepEqual([config.shutdownMs, config.watermarkEveryMs], [10_000, 300_000]);
	assert.equal(await identityKeyOf(config), ENV.KEY);
	const policy = await policySettingsOf(config, [], true);
	assert.deepEqual([policy.redaction?.hmacKey, policy.filter?.presets, policy.filter?.policy], [ENV.KEY, ["leases"], { rules: [] }]);
	assert.deepEqual(config.limits, { recordBytesMax: 1000 });
});

test("all faults are told at once, each with its place, in the order of the file", async () => {
	const text = `sources:
  - id: Prod 1
    connector: aws-cloudwatch
    regoins: [eu-central-1]
    clusters: payments
  - id: gke
    connector: gcp-cloud-logging
    transport: restt
sink: ["stdout:"]
log: { level: wran }
`;
	assert.deepEqual(await faultsOf(text), [
		"1:1: sinks: missing; expected a list",
		'2:9: sources[0].id: "Prod 1" must be 1 to 63 of a-z, 0-9 and -, as in eks-production',
		'4:5: sources[0].regoins: unknown key; did you mean "regions"?',
		'5:15: sources[0].clusters: expected a list, found "payments"',
		'8:16: sources[1].transport: expected one of rest, grpc, found "restt"; did you mean "rest"?',
		'9:1: sink: unknown key; did you mean "sinks"?',
		'10:15: log.level: expected one of debug, info, warn, error, found "wran"; did you mean "warn"?',
	]);
});

test("of a source, common keys and those of its connector are told apart from unknown ones", async () => {
	for (const [lines, fault] of [
		["lables: { env: prod }", /lables: unknown key; did you mean "labels"\?/],
		["poll: { intervall: 10s }", /poll\.intervall: unknown key; did you mean "interval"\?/],
		["quota: { shares: 1 }", /quota\.shares: unknown key; did you mean "share"\?/],
		["discover: { namespace: x }", /discover\.namespace: unknown key; known here: prefix/],
		["projects: [x]", /projects: unknown key; known here: .*regions.*labels/],
		["__proto__: x", /__proto__ cannot be a key/],
	] as const) {
		assert.match((await faultsOf(source(lines))).join("\n"), fault, lines);
	}
});

test("values of another kind are told with what was found, and what to do", async () => {
	for (const [lines, fault] of [
		["poll: { interval: 10000 }", /expected a duration with its unit, .* found the number 10000; 10000 milliseconds are "10s"$/],
		["poll: { interval: 2 minutes }", /expected a duration with its unit, .* found "2 minutes"$/],
		["poll: { interval: 10ms }", /interval: must be from 1s to 1h$/],
		["poll: { interval: 2m, intervalMax: 1m }", /intervalMax: must not be less than interval/],
		["poll: { sweeps: { every: 10m } }", /sweeps: expected a list, found a map$/],
		["silence: {}", /silence\.after: missing; expected a duration/],
		["account: 012345678901", /expected text, found the number 012345678901; put it in quotes$/],
		["account: true", /expected text, found true; put it in quotes$/],
		["labels: [a]", /labels: expected a map \(key: value\), found a list$/],
		["labels: { a b: x }", /labels\."a b": as a key, it must be 1 to 63/],
		["labels: { env: }", /labels\.env: expected text, found nothing$/],
		["since: yesterday", /expected "now", a duration such as "1h", or a time such as .*, found "yesterday"$/],
		["since: 2026-13-45T00:00:00Z", /since: expected "now"/],
		["quota: { share: 3 }", /expected at most 1, found the number 3$/],
		["externalId: some-id", /externalId: goes with roleArn, which is missing/],
	] as const) {
		assert.match((await faultsOf(source(lines)))[0] as string, fault, lines);
	}
});

test("sinks and everything beside the sources are checked as exactly", async () => {
	const rest = MINIMAL.replace('sinks: ["stdout:"]\n', "");
	for (const [lines, fault] of [
		["sinks: []", /sinks: expected at least 1 entry, found 0$/],
		["sinks: [fle:x]", /expected a sink: .*, found "fle:x"; did you mean "file:"\?$/],
		["sinks: ['file:']", /expected a sink/],
		["sinks:\n  - stdout:", /to: missing; expected text\n.*stdout: unknown key; .*; if text was meant, put it in quotes: "stdout:"$/],
		["sinks: [7]", /expected text or a map \(key: value\), found the number 7$/],
		["sinks: [{ to: 'stdout:', requird: true }]", /requird: unknown key; did you mean "required"\?$/],
		["sinks: [file:a, file:./a]", /sinks\[1\]: goes to the same place as sinks\[0\]/],
		["sinks: [file:a, { to: file:b, name: file:a }]", /has the same name as/],
		["sinks: [{ to: 'stdout:', required: false }]", /at least one sink must be required/],
		["sinks: [{ to: duckdb:x, schema: ecs }]", /sinks\[0\]\.schema: duckdb: stores OCSF only/],
		["sinks: ['stdout:']\nlisten: 9464", /expected HOST:PORT such as "127.0.0.1:9464", or false, found the number 9464$/],
		["sinks: ['stdout:']\nlisten: localhost:99999", /a port is at most 65535/],
		["sinks: ['stdout:']\ncheckpoints: s3:bucket", /expected a place for checkpoints: .*, found "s3:bucket"$/],
		["sinks: ['stdout:']\nfilter: [leasess]", /filter\[0\]: neither a preset nor a file .*did you mean "leases"\?$/],
		["sinks: ['stdout:']\nredaction: { presets: { config-map: false } }", /did you mean "config-maps"\?$/],
		["sinks: ['stdout:']\nidentityKey: { env: NONE }", /identityKey: environment variable NONE is not set/],
		["sinks: ['stdout:']\nlimits: { recordBytesMax: -1 }", /expected more than 0, found the number -1$/],
		["sinks: ['stdout:']\nsinks: ['stdout:']", /sinks: given twice, first in line 7/],
	] as const) {
		assert.match((await faultsOf(`${rest}${lines}`)).join("\n"), fault, lines);
	}
});

test("what is no map of settings at all is told in one line", async () => {
	for (const [text, fault] of [
		["", /^1:1: the file is empty/],
		["# only a comment", /^1:1: the file is empty/],
		["- a", /^1:1: expected a map \(key: value\), found a list$/],
		["text", /^1:1: expected a map \(key: value\), found "text"$/],
		["sources: 3\nsinks: ['stdout:']", /^1:10: sources: expected a list, found the number 3$/],
		["sources: [7]\nsinks: ['stdout:']", /^1:11: sources\[0\]: expected a map/],
		["sources:\n\t- id: x", /^2:1: a tab/],
	] as const) {
		assert.match((await faultsOf(text)).join("\n"), fault, text);
	}
});

test("connectors that are not there, or cannot be collected from live, are told", async () => {
	const named = (name: string): string => MINIMAL.replace("aws-cloudwatch", name);
	assert.deepEqual(await faultsOf(named("aws-cloudwach")), [
		'4:16: sources[0].connector: there is no connector "aws-cloudwach"; did you mean "aws-cloudwatch"?',
	]);
	assert.match((await faultsOf(named("kubernetes")))[0] as string, /kubernetes reads stored logs only; from live: aws-cloudwatch, /);
	assert.match((await faultsOf(named("./none.js")))[0] as string, /there is no connector ".\/none.js"/);
	assert.match((await faultsOf(named("node:fs")))[0] as string, /there is no connector "node:fs"/);
});

test("ids are unique, and neither they nor connectors come from references", async () => {
	const twin = MINIMAL.replace("sinks:", "  - { id: eks, connector: gcp-cloud-logging }\nsinks:");
	assert.deepEqual(await faultsOf(twin), ["7:11: sources[1].id: is that of sources[0] too"]);
	const faults = await faultsOf(MINIMAL.replace("id: eks", "id: ${env:WORD}").replace("aws-cloudwatch", "${env:WORD}"));
	assert.equal(faults.length, 2);
	for (const fault of faults) assert.match(fault, /must stand in the file itself/);
});

test("secrets cannot be written down, and what is secret is not repeated", async () => {
	const azure = `
sources:
  - id: aks
    connector: azure-diagnostics
    workspaces: ["\${env:WORD}"]
    identity: { kind: service-principal, tenantId: x, clientId: y, clientSecret: plain-secret }
sinks: ["stdout:"]
identityKey: plain-secret
redaction: { hmacKey: plain-secret }
`;
	const faults = await faultsOf(azure);
	assert.match(faults[0] as string, /workspaces\[0\]: expected a GUID, .* found what a reference names$/);
	assert.equal(faults.filter((fault) => /a secret must not stand in the file/.test(fault)).length, 3, faults.join("\n"));
	assert.ok(!/plain-secret|hunter2/.test(faults.join()));
});

test("a secret with YAML in it cannot change the structure", async () => {
	const env = { PROFILE: "x\nsinks: [file:/tmp/theirs]\n# " };
	const config = await readConfig(source("profile: ${env:PROFILE}"), FILE, env);
	assert.equal(settingsOf(config, 0)["profile"], env.PROFILE);
	assert.deepEqual(
		config.sinks.map(({ to }) => to),
		["stdout:"],
	);
});

test("a sink's name shows nothing of a reference in its address", async () => {
	const config = await readConfig(MINIMAL.replace("stdout:", "file:out-${env:WORD}"), FILE, ENV);
	assert.deepEqual(config.sinks[0], { name: "file:out-***", to: `file:${resolve("out-hunter2-hunter2")}`, schema: "ocsf", required: true });
});

test("the hash of a source changes with its settings and secrets, and with nothing else", async () => {
	const hashOf = async (text: string, env = ENV): Promise<string> =>
		(await readConfig(text, FILE, env)).sources[0]?.hash ?? assert.fail("no source");
	const withRole = source("roleArn: ${env:ROLE}\nlabels: { a: x, b: y }");
	const hash = await hashOf(withRole);
	assert.equal(await hashOf(`${source("labels: { b: y, a: x }\nroleArn: ${env:ROLE}")}shutdown: 1s\n`), hash);
	assert.notEqual(await hashOf(withRole, { ...ENV, ROLE: "arn:aws:iam::123456789012:role/other" }), hash);
	assert.notEqual(await hashOf(source("roleArn: ${env:ROLE}\nlabels: { a: x, b: z }")), hash);
	assert.ok(!hash.includes(ENV.ROLE));
});

test("a file that cannot be read is told, not thrown about", async (context) => {
	const folder = folderFor(context);
	writeFileSync(join(folder, "binary.yaml"), Buffer.from([0x61, 0xff]));
	writeFileSync(join(folder, "long.yaml"), "#".repeat(2_000_000));
	for (const [name, fault] of [
		["none.yaml", /no such file/],
		[".", /EISDIR/],
		["binary.yaml", /not UTF-8/],
		["long.yaml", /longer than/],
	] as const) {
		await assert.rejects(
			loadConfig(join(folder, name), {}),
			(error: CollectorError) => error.code === "CONFIG_INVALID" && fault.test(error.message),
		);
	}
});

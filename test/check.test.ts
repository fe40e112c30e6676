/** `kube-audit check` against simulators that deny, throttle, are switched off or well: what a user reads, for each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../src/simulation/faults.ts";
import { AWS_ENV, awsService, azureService, gcpService, plantMany, runHere, type Service, settingsFile } from "./check-kit.ts";
import type { Ended } from "./program.ts";
import { tempFolder } from "./temp-folder.ts";

type Named = Service & { readonly env?: Record<string, string> };

async function check(services: readonly Named[], more: readonly string[] = [], rest = ""): Promise<Ended> {
	using folder = tempFolder();
	const env = Object.assign({}, AWS_ENV, ...services.map((service) => service.env ?? {}));
	return await runHere(["check", "--config", settingsFile(folder.path, services, rest), "--timeout", "5s", ...more], env);
}

const EVENTS = 300;

test("a source that is well: where it reads, how much comes, how late, and what it costs", async () => {
	await using service = await awsService();
	plantMany(service, EVENTS);
	const { code, stdout, stderr } = await check([service]);
	assert.equal(code, 0, stdout);
	assert.equal(stderr, "");
	assert.match(stdout, /123456789012\/eu-central-1\/aws\/eks\/prod\/cluster/);
	assert.match(stdout, /ok {4}audit log {3}on: the newest event is \d/);
	assert.match(stdout, /30 events a minute/);
	assert.match(stdout, /2 s from event to log service/);
	assert.match(stdout, /about [\d,]+ calls an hour; each record is read [\d.]+ times/);
	assert.match(stdout, /no checkpoint yet: collection would begin 1 hour back/);
	assert.match(stdout, /all well\n$/);
});

const ALWAYS = (fault: Fault) => (): Fault => fault;

test("aws-cloudwatch: a missing permission is told by its name and its resource", async () => {
	await using groups = await awsService({ faults: ALWAYS("denied") });
	const atGroups = await check([groups]);
	assert.equal(atGroups.code, 3);
	assert.match(atGroups.stdout, /logs:DescribeLogGroups on arn:aws:logs:eu-central-1:123456789012:log-group:\* is missing/);
	await using events = await awsService({ faults: (operation) => (operation === "FilterLogEvents" ? "denied" : undefined) });
	const atEvents = await check([events]);
	assert.equal(atEvents.code, 3);
	assert.match(atEvents.stdout, /the permission logs:FilterLogEvents on arn:aws:logs:\S+ is missing: grant it/);
});

test("gcp-cloud-logging: missing permissions are told by their names", async () => {
	await using service = await gcpService({ faults: ALWAYS("denied") });
	const { code, stdout } = await check([service]);
	assert.equal(code, 3);
	assert.match(stdout, /grant logging\.logEntries\.list, and logging\.privateLogEntries\.list for data access logs/);
});

test("azure-diagnostics: a missing role is told by its name", async () => {
	await using service = await azureService({ faults: ALWAYS("denied") });
	const { code, stdout } = await check([service]);
	assert.equal(code, 3);
	assert.match(stdout, /Log Analytics Reader/);
});

test("a service that throttles: who else draws on the quota, and what to do", async () => {
	await using aws = await awsService({ faults: ALWAYS("throttle") });
	await using gcp = await gcpService({ faults: ALWAYS("throttle") });
	const { code, stdout } = await check([aws, gcp]);
	assert.equal(code, 3);
	assert.match(stdout, /throttled: .*FilterLogEvents is granted 5 to 25 times a second.*lower quota\.share/);
	assert.match(stdout, /throttled: .*a project may make 60 calls a minute/);
});

test("audit logging that is off: the command that switches it on", async () => {
	await using aws = await awsService();
	await using gcp = await gcpService();
	const { code, stdout } = await check([aws, gcp]);
	assert.equal(code, 3);
	assert.match(stdout, /no event in the last 24 hours: audit logging is off/);
	assert.match(stdout, /aws eks update-cluster-config --region eu-central-1 --name prod --logging '\{"clusterLogging":/);
	assert.match(stdout, /GKE always logs writes/);
});

test("a cluster that does not exist is told with the log group that was looked for", async () => {
	await using service = await awsService({}, "clusters: [nope]");
	const { code, stdout } = await check([service]);
	assert.equal(code, 3);
	assert.match(stdout, /there is no log group \/aws\/eks\/nope\/cluster in eu-central-1/);
});

test("writes only: how reads come to be logged, too", async () => {
	await using service = await gcpService();
	plantMany(service, EVENTS);
	const { code, stdout } = await check([service]);
	assert.equal(code, 0);
	assert.match(stdout, /warn {2}categories {2}writes only; of simulated\n.*DATA_READ/);
});

test("one source that is denied hides nothing of the others", async () => {
	await using denied = await awsService({ faults: ALWAYS("denied") });
	await using well = await gcpService();
	plantMany(well, EVENTS);
	const { code, stdout } = await check([denied, well]);
	assert.equal(code, 3);
	assert.match(stdout, /logs:DescribeLogGroups/);
	assert.match(stdout, /source gke[\s\S]*on: the newest event is/);
	assert.match(stdout, /1 failed, 1 to look at/);
});

test("a sink that does not accept is told", async () => {
	await using service = await awsService();
	plantMany(service, EVENTS);
	const { code, stdout } = await check([service], [], `sinks: ["file:missing/folder/events.ndjson"]\n`);
	assert.equal(code, 3);
	assert.match(stdout, /sink file:missing\/folder\/events\.ndjson\n {2}fail/);
});

test("a quota that is too small is told before collection falls behind", async () => {
	await using service = await awsService({}, "clusters: [prod], poll: { interval: 1s }");
	plantMany(service, EVENTS);
	const small = { ...service, yaml: service.yaml.replace("perSecond: 1000", "perSecond: 0.1") };
	const { code, stdout } = await check([small]);
	assert.equal(code, 3, stdout);
	assert.match(stdout, /fail {2}calls .*it will not fit, and collection would fall behind\n.*raise quota\.share/);
});

test("as JSON: the same findings for programs, and no key of the environment", async () => {
	await using service = await awsService();
	plantMany(service, EVENTS);
	const { stdout } = await check([service], ["--json"]);
	const report = JSON.parse(stdout);
	assert.equal(report.ok, true);
	assert.equal(report.sources[0].scopes[0].facts.eventsPerMinute, 30);
	assert.ok(!stdout.includes(AWS_ENV.AWS_SECRET_ACCESS_KEY));
});

test("nothing is forwarded and no cursor moves", async () => {
	using folder = tempFolder();
	await using service = await awsService();
	plantMany(service, EVENTS);
	const config = settingsFile(folder.path, [service]);
	await runHere(["check", "--config", config]);
	const { readdirSync } = await import("node:fs");
	assert.deepEqual(
		readdirSync(folder.path).filter((name) => !name.endsWith(".yaml")),
		[],
	);
});

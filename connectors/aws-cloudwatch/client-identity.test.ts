/** The SDK's credential chains against the simulator's token services: who we are, and what is said if we are nobody. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { systemClock } from "../../src/run/system-clock.ts";
import { NO_FAULTS } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { connect } from "./client.ts";
import { SIMULATED_KEY } from "./credential-desk.ts";
import { createModel } from "./model.ts";
import { type Simulator, type SimulatorSettings, serveSimulator } from "./simulator.ts";
import { plantMany, recordsOf, settingsOf } from "./test-service.ts";

const ROLE = "arn:aws:iam::123456789012:role/audit-reader";
const folder = mkdtempSync(join(tmpdir(), "identity-"));
after(() => rmSync(folder, { recursive: true }));

const KEYS = { AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey };

/** Nothing of the machine that the tests run on. */
beforeEach(() => environment({}));

function environment(values: Readonly<Record<string, string>>): void {
	for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) delete process.env[name];
	const nothing = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_EC2_METADATA_DISABLED: "true" };
	Object.assign(process.env, nothing, values);
}

async function serve(settings: Partial<SimulatorSettings> = {}): Promise<Simulator> {
	const model = createModel({ clock: systemClock, random: randomOf(1), faults: NO_FAULTS, limits: { callsPerSecond: 1000 } });
	plantMany(model, 3);
	return serveSimulator({ model, ...settings });
}

function client({ url }: Simulator, changes: object = {}) {
	return connect(settingsOf({ endpoint: url, stsEndpoint: url, ...changes }), { requestMs: 5000 });
}

function file(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

test("keys of the environment", async () => {
	await using simulator = await serve();
	environment(KEYS);
	await using one = await client(simulator);
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal(simulator.requests(), 1);
});

test("pod identity: an agent that asks for the token in a file", async () => {
	await using simulator = await serve({ containerToken: "pod-token" });
	const tokenFile = file("pod-token", "pod-token");
	environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: simulator.credentialsUrl, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile });
	await using one = await client(simulator);
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal(simulator.issued(), 1);
});

test("IRSA: a web identity's token in a file, exchanged at the token service", async () => {
	await using simulator = await serve();
	environment({ AWS_WEB_IDENTITY_TOKEN_FILE: file("jwt", "a.b.c"), AWS_ROLE_ARN: ROLE });
	await using one = await client(simulator);
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal(simulator.issued(), 1);
});

test("a profile of the shared files, whatever the environment says", async () => {
	await using simulator = await serve();
	const credentials = file("credentials", `[audit]\naws_access_key_id=${SIMULATED_KEY.accessKeyId}\naws_secret_access_key=x\n`);
	environment({ AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_ACCESS_KEY_ID: "AKIANOBODY", AWS_SECRET_ACCESS_KEY: "x" });
	await using one = await client(simulator, { profile: "audit" });
	assert.equal((await recordsOf(one)).length, 3);
});

test("a role on top of any of these, with its external id", async () => {
	await using simulator = await serve({ externalId: "shared-4711" });
	environment(KEYS);
	await using one = await client(simulator, { roleArn: ROLE, externalId: "shared-4711" });
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal((await recordsOf(one)).length, 3);
	assert.equal(simulator.issued(), 1);
	environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: simulator.credentialsUrl });
	await using other = await client(simulator, { roleArn: ROLE, externalId: "shared-4711" });
	assert.equal((await recordsOf(other)).length, 3);
	assert.equal(simulator.issued(), 3);
});

test("a role that may not be assumed: the permission and the role are named", async () => {
	await using simulator = await serve({ externalId: "shared-4711" });
	environment(KEYS);
	await using one = await client(simulator, { roleArn: ROLE, externalId: "wrong" });
	await assert.rejects(recordsOf(one), { code: "ACCESS_DENIED", message: new RegExp(`sts:AssumeRole on ${ROLE} is missing`) });
});

test("credentials that end before their time are asked for anew, and the next attempt is good", async () => {
	await using simulator = await serve();
	environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: simulator.credentialsUrl });
	for (const roleArn of [undefined, ROLE]) {
		await using one = await client(simulator, roleArn === undefined ? {} : { roleArn });
		assert.equal((await recordsOf(one)).length, 3);
		simulator.expireAll();
		await assert.rejects(recordsOf(one), { code: "SOURCE_UNAVAILABLE", message: /expired/ });
		assert.equal((await recordsOf(one)).length, 3);
	}
});

test("keys that AWS does not know, and no keys at all, are a matter for people", async () => {
	await using simulator = await serve();
	environment({ AWS_ACCESS_KEY_ID: "AKIANOBODY", AWS_SECRET_ACCESS_KEY: "x" });
	await using one = await client(simulator);
	await assert.rejects(recordsOf(one), {
		code: "ACCESS_DENIED",
		message: /does not accept the credentials \(UnrecognizedClientException\)/,
	});
	environment({});
	await using other = await client(simulator);
	await assert.rejects(recordsOf(other), { code: "ACCESS_DENIED", message: /no AWS credentials were found/ });
});

test("a token service that is down is to be tried again", async () => {
	const gone = await serve();
	await gone[Symbol.asyncDispose]();
	await using simulator = await serve();
	environment(KEYS);
	await using one = await client(simulator, { roleArn: ROLE, stsEndpoint: gone.url });
	await assert.rejects(recordsOf(one), { code: "SOURCE_UNAVAILABLE", message: /ECONNREFUSED/ });
});

test("an agent that does not answer holds nobody up", async () => {
	await using silent = await serve({ socketFault: () => "silence" });
	environment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: silent.credentialsUrl });
	await using one = await connect(settingsOf({ endpoint: silent.url }), { requestMs: 300 });
	const startedMs = performance.now();
	await assert.rejects(recordsOf(one), { code: "SOURCE_UNAVAILABLE", message: /in time/ });
	assert.ok(performance.now() - startedMs < 2000);
});

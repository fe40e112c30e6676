/** Google's own library where networks are closed: through a proxy, with a private CA, and with credentials that the machine gives. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { connect, type Network } from "./client.ts";
import { createList } from "./poll.ts";
import { serveSimulator } from "./simulator.ts";
import { selfSigned, serveProxy, trust } from "./test-proxy.ts";
import { createCredentials, listed, modelOf, once, RESOURCE, settingsOf } from "./test-service.ts";

const credentials = await createCredentials();
after(() => credentials[Symbol.asyncDispose]());

async function readAll(url: string, network: Network, keyFile?: string) {
	const settings = settingsOf({ endpoint: url, pageEntriesMax: 10, ...(keyFile === undefined ? {} : { credentials: { keyFile } }) });
	await using client = await connect(settings, { requestMs: 5_000, ...network });
	return await listed(createList({ client, attempt: once, resource: RESOURCE, settings }));
}

test("a private CA is known once Node knows it, and TLS goes through a proxy", async () => {
	const tls = await selfSigned();
	await using simulator = await serveSimulator({ model: modelOf(25), tls });
	await using proxy = await serveProxy();
	const keyFile = await credentials.federated(simulator.url);
	await assert.rejects(
		readAll(simulator.url, {}, keyFile),
		(error) => error instanceof CollectorError && /SELF_SIGNED|CERT|SIGNED/.test(error.message),
	);
	using _known = trust(tls.cert);
	assert.equal((await readAll(simulator.url, {}, keyFile)).length, 25);
	assert.deepEqual(proxy.asked, []);
	assert.equal((await readAll(simulator.url, { proxy: proxy.url }, keyFile)).length, 25);
	assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT 127.0.0.1:${simulator.port}`]));
	proxy.asked.length = 0;
	assert.equal((await readAll(simulator.url, { proxy: proxy.url, noProxy: "127.0.0.1" }, keyFile)).length, 25);
	assert.deepEqual(proxy.asked, []);
});

test("plain HTTP to loopback goes through a proxy as well", async () => {
	await using simulator = await serveSimulator({ model: modelOf(25) });
	await using proxy = await serveProxy();
	assert.equal((await readAll(simulator.url, { proxy: proxy.url }, await credentials.federated(simulator.url))).length, 25);
	assert.ok(proxy.asked.length > 0);
});

test("a proxy that is not there is told", async () => {
	await using simulator = await serveSimulator({ model: modelOf(1) });
	const keyFile = await credentials.key();
	const refused = await readAll(simulator.url, { proxy: "http://127.0.0.1:1" }, keyFile).catch((error: unknown) => error);
	assert.ok(
		refused instanceof CollectorError && refused.code === "SOURCE_UNAVAILABLE" && /ECONNREFUSED/.test(refused.message),
		String(refused),
	);
});

/** What the machine says of its identity stands in the environment. */
async function withEnvironment<T>(values: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
	const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
	Object.assign(process.env, values);
	try {
		return await work();
	} finally {
		for (const [name, value] of Object.entries(before)) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	}
}

const NOWHERE = { HOME: "/nowhere", CLOUDSDK_CONFIG: "/nowhere" };

test("the metadata server gives tokens: workload identity of GKE, and service accounts of machines", async () => {
	await using simulator = await serveSimulator({ model: modelOf(25) });
	const environment = { ...NOWHERE, GCE_METADATA_HOST: `127.0.0.1:${simulator.port}`, METADATA_SERVER_DETECTION: "assume-present" };
	await withEnvironment(environment, async () => {
		assert.equal((await readAll(simulator.url, {})).length, 25);
		assert.equal(simulator.identity.given(), 1);
	});
});

test("application default credentials from a file", async () => {
	await using simulator = await serveSimulator({ model: modelOf(25) });
	const environments = [await credentials.federated(simulator.url), await credentials.key()].map((path) => ({
		GOOGLE_APPLICATION_CREDENTIALS: path,
	}));
	for (const environment of environments) {
		await withEnvironment(environment, async () => assert.equal((await readAll(simulator.url, {})).length, 25));
	}
});

test("no credentials anywhere are told, with what to do; and they are looked for again", async () => {
	await using simulator = await serveSimulator({ model: modelOf(25) });
	const settings = settingsOf({ endpoint: simulator.url });
	await using client = await connect(settings, { requestMs: 5_000 });
	const list = createList({ client, attempt: once, resource: RESOURCE, settings });
	const error = await withEnvironment({ ...NOWHERE, METADATA_SERVER_DETECTION: "none" }, () =>
		listed(list).catch((reason: unknown) => reason),
	);
	assert.ok(error instanceof CollectorError && error.code === "ACCESS_DENIED", String(error));
	assert.match(error.message, /found no credentials: set credentials\.keyFile/);
	const path = await credentials.federated(simulator.url);
	await withEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: path }, async () => assert.equal((await listed(list)).length, 25));
	const missing = await withEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: "/nowhere/key.json" }, async () => {
		await using other = await connect(settings, { requestMs: 5_000 });
		return await listed(createList({ client: other, attempt: once, resource: RESOURCE, settings })).catch((reason: unknown) => reason);
	});
	assert.ok(missing instanceof CollectorError && missing.code === "ACCESS_DENIED", String(missing));
	assert.match(missing.message, /credentials file is not there/);
});

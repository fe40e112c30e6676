/** Microsoft's libraries where networks are closed: with a private CA, through a proxy, and with each kind of identity. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { CollectorError } from "../../src/contract/errors.ts";
import { connect } from "./client.ts";
import { scopes } from "./log-analytics.ts";
import { MODEL_WORKSPACE } from "./model.ts";
import { serveSimulator } from "./simulator.ts";
import { SIGNAL, settingsOf, worldOf } from "./test-service.ts";

const TENANT = "22222222-2222-3333-4444-555555555555";
const APPLICATION = "33333333-2222-3333-4444-555555555555";
const SECRET = "a-secret-of-the-test";

// What this machine has set must not decide what is tested. The SDK reads NO_PROXY once.
for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"])
	for (const one of [name, name.toLowerCase()]) delete process.env[one];

const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
	keySize: 2048,
	extensions: [
		{ name: "basicConstraints", cA: true, critical: true },
		// Through a proxy the SDK's agent checks an address without a name against "localhost".
		{
			name: "subjectAltName",
			altNames: [
				{ type: 7, ip: "127.0.0.1" },
				{ type: 2, value: "localhost" },
			],
		},
	],
});
const known = getCACertificates("default");
after(() => setDefaultCACertificates(known));

/** A proxy that only opens tunnels, and writes down where to. */
async function serveProxy() {
	const asked: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer();
	server.on("connect", ({ url }, socket: Socket, head: Buffer) => {
		asked.push(String(url));
		const [host, port] = String(url).split(":");
		const onward = connectTo(Number(port), host, () => {
			socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		for (const end of [onward, socket]) sockets.add(end.on("error", () => {}));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		asked,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function withEnvironment<T>(values: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
	Object.assign(process.env, values);
	try {
		return await work();
	} finally {
		for (const name of Object.keys(values)) delete process.env[name];
	}
}

/** Whether the workspace can be read: an error's code and text otherwise. */
async function outcomeOf(changes: object): Promise<string> {
	const settings = settingsOf({ limits: { queryTimeoutSeconds: 1 }, ...changes });
	try {
		await using client = await connect(settings, { timeoutMs: 4_000 });
		const clock = { now: () => 0, wait: async () => {} };
		const [scope] = await scopes({ client, settings, clock, attempt: (ask) => ask() }, SIGNAL);
		return scope?.name === MODEL_WORKSPACE ? "read" : "nothing";
	} catch (error) {
		assert.ok(error instanceof CollectorError, String(error));
		return `${error.code} ${error.message}`;
	}
}

const PRINCIPAL = { kind: "service-principal", tenantId: TENANT, clientId: APPLICATION, clientSecret: SECRET };

test("TLS with a private CA, for tokens and queries, directly and through a proxy", async () => {
	await using simulator = await serveSimulator({ model: worldOf().model, tls: { key, cert }, clientSecret: SECRET });
	await using proxy = await serveProxy();
	const changes = { endpoint: simulator.endpoint, authorityHost: simulator.url, identity: PRINCIPAL };
	assert.match(await outcomeOf(changes), /^SOURCE_UNAVAILABLE/);
	assert.equal(simulator.tokens(), 0);
	setDefaultCACertificates([...known, cert]);
	assert.equal(await outcomeOf(changes), "read");
	assert.deepEqual(proxy.asked, []);
	assert.equal(await withEnvironment({ HTTPS_PROXY: proxy.url }, () => outcomeOf(changes)), "read");
	assert.deepEqual(new Set(proxy.asked), new Set([`127.0.0.1:${simulator.port}`]));
	assert.equal(simulator.tokens(), 2);
	assert.match(await withEnvironment({ HTTPS_PROXY: "http://127.0.0.1:1" }, () => outcomeOf(changes)), /^SOURCE_UNAVAILABLE/);
	setDefaultCACertificates(known);
});

test("a secret that is wrong is told apart from an outage, and not repeated", async () => {
	await using simulator = await serveSimulator({ model: worldOf().model, tls: { key, cert }, clientSecret: SECRET });
	setDefaultCACertificates([...known, cert]);
	const changes = { endpoint: simulator.endpoint, authorityHost: simulator.url, identity: PRINCIPAL };
	const withSecret = (clientSecret: string): object => ({ ...changes, identity: { ...PRINCIPAL, clientSecret } });
	const outcome = await outcomeOf(withSecret("wrong-secret-of-the-test"));
	assert.match(outcome, /^ACCESS_DENIED .*AADSTS7000215/);
	assert.ok(!outcome.includes("wrong-secret"));
	assert.match(await outcomeOf(withSecret("")), /^CONFIG_INVALID .*identity\.clientSecret/);
	setDefaultCACertificates(known);
});

test("workload identity: the token that Kubernetes projects is exchanged", async () => {
	await using simulator = await serveSimulator({ model: worldOf().model, tls: { key, cert }, clientSecret: "none-of-its-business" });
	const folder = await mkdtemp(join(tmpdir(), "kube-audit-"));
	setDefaultCACertificates([...known, cert]);
	try {
		await writeFile(join(folder, "token"), "projected");
		const identity = { kind: "workload", tenantId: TENANT, clientId: APPLICATION, tokenFile: join(folder, "token") };
		const place = { endpoint: simulator.endpoint, authorityHost: simulator.url };
		assert.equal(await outcomeOf({ ...place, identity }), "read");
		assert.deepEqual([...simulator.audiences], ["https://api.loganalytics.io/.default"]);
		assert.match(
			await outcomeOf({ ...place, identity: { ...identity, tokenFile: join(folder, "none") } }),
			/^ACCESS_DENIED|^SOURCE_UNAVAILABLE/,
		);
	} finally {
		setDefaultCACertificates(known);
		await rm(folder, { recursive: true });
	}
});

test("managed identity, and the default chain that finds it; with the audience of the cloud", async () => {
	await using simulator = await serveSimulator({ model: worldOf().model });
	const environment = { IDENTITY_ENDPOINT: simulator.identityEndpoint, IDENTITY_HEADER: "x" };
	const place = { endpoint: simulator.endpoint };
	await withEnvironment(environment, async () => {
		assert.equal(await outcomeOf({ ...place, identity: { kind: "managed", clientId: APPLICATION } }), "read");
		assert.equal(await outcomeOf({ ...place, cloud: "china", identity: { kind: "default" } }), "read");
	});
	assert.deepEqual([...simulator.audiences], ["https://api.loganalytics.io", "https://api.loganalytics.azure.cn"]);
});

test("no identity at all is told at once", async () => {
	const place = { endpoint: "http://127.0.0.1:1/v1" };
	const outcome = await outcomeOf({ ...place, identity: { kind: "workload" } });
	assert.match(outcome, /^ACCESS_DENIED .*CredentialUnavailableError/);
});

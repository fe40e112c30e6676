/** Google's own library where networks are closed: through a proxy, with a private CA, and with credentials that the machine gives. */

import assert from "node:assert/strict";
import { request as ask, createServer } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { after, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { CollectorError } from "../../src/contract/errors.ts";
import { connect, type Network } from "./client.ts";
import { createList } from "./poll.ts";
import { serveSimulator } from "./simulator.ts";
import { createCredentials, listed, modelOf, once, RESOURCE, settingsOf } from "./test-service.ts";

const credentials = await createCredentials();
after(() => credentials[Symbol.asyncDispose]());

/** A proxy that writes down what it is asked for: "CONNECT host:port", or the address of a plain request. */
async function serveProxy() {
	const asked: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((incoming, outgoing) => {
		asked.push(String(incoming.url));
		const { hostname, port, pathname, search } = new URL(String(incoming.url));
		const onward = ask({ host: hostname, port, path: pathname + search, method: incoming.method, headers: incoming.headers }, (reply) => {
			outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
			reply.pipe(outgoing);
		});
		incoming.pipe(onward);
	});
	server.on("connect", (incoming, socket: Socket, head: Buffer) => {
		asked.push(`CONNECT ${incoming.url}`);
		const [host, port] = String(incoming.url).split(":");
		const onward = connectTo(Number(port), host, () => {
			socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		for (const end of [onward, socket]) end.on("error", () => {});
		sockets.add(onward);
	});
	server.on("connection", (socket: Socket) => sockets.add(socket));
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

async function certificate() {
	const { private: key, cert } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
		keySize: 2048,
		extensions: [
			{ name: "basicConstraints", cA: true, critical: true },
			{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
		],
	});
	return { key, cert };
}

async function readAll(url: string, network: Network, keyFile?: string) {
	const settings = settingsOf({ endpoint: url, pageEntriesMax: 10, ...(keyFile === undefined ? {} : { credentials: { keyFile } }) });
	await using client = await connect(settings, { requestMs: 5_000, ...network });
	return await listed(createList({ client, attempt: once, resource: RESOURCE, settings }));
}

test("a private CA is known once Node knows it, and TLS goes through a proxy", async () => {
	const tls = await certificate();
	await using simulator = await serveSimulator({ model: modelOf(25), tls });
	await using proxy = await serveProxy();
	const keyFile = await credentials.federated(simulator.url);
	await assert.rejects(
		readAll(simulator.url, {}, keyFile),
		(error) => error instanceof CollectorError && /SELF_SIGNED|CERT|SIGNED/.test(error.message),
	);
	const before = getCACertificates("default");
	setDefaultCACertificates([...before, tls.cert]);
	try {
		assert.equal((await readAll(simulator.url, {}, keyFile)).length, 25);
		assert.deepEqual(proxy.asked, []);
		assert.equal((await readAll(simulator.url, { proxy: proxy.url }, keyFile)).length, 25);
		assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT 127.0.0.1:${simulator.port}`]));
		proxy.asked.length = 0;
		assert.equal((await readAll(simulator.url, { proxy: proxy.url, noProxy: "127.0.0.1" }, keyFile)).length, 25);
		assert.deepEqual(proxy.asked, []);
	} finally {
		setDefaultCACertificates(before);
	}
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

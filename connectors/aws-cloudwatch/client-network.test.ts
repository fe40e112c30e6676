/** The AWS SDK where networks are closed: through a proxy, and with a private CA. */

import assert from "node:assert/strict";
import { request as ask, createServer } from "node:http";
import { type AddressInfo, connect as connectTo, type Socket } from "node:net";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { systemClock } from "../../src/run/system-clock.ts";
import { NO_FAULTS } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { connect, type Network } from "./client.ts";
import { SIMULATED_KEY } from "./credential-desk.ts";
import { createModel } from "./model.ts";
import { serveSimulator } from "./simulator.ts";
import { plantMany, recordsOf, settingsOf } from "./test-service.ts";

for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) delete process.env[name];
Object.assign(process.env, { AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey });

const ROLE = "arn:aws:iam::123456789012:role/audit-reader";

/** A proxy that writes down what it is asked for: "CONNECT host:port", or the address of a plain request. */
async function serveProxy(isSilent = false) {
	const asked: string[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((incoming, outgoing) => {
		asked.push(String(incoming.url));
		const { hostname, port, pathname } = new URL(String(incoming.url));
		const onward = ask({ host: hostname, port, path: pathname, method: incoming.method, headers: incoming.headers }, (reply) => {
			outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
			reply.pipe(outgoing);
		});
		incoming.pipe(onward);
	});
	server.on("connect", (incoming, socket: Socket, head: Buffer) => {
		asked.push(`CONNECT ${incoming.url}`);
		if (isSilent) return;
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
			{
				name: "subjectAltName",
				altNames: [
					{ type: 7, ip: "127.0.0.1" },
					{ type: 2, value: "localhost" },
				],
			},
		],
	});
	return { key, cert };
}

async function serve(tls?: { readonly key: string; readonly cert: string }) {
	const model = createModel({
		clock: systemClock,
		random: randomOf(1),
		faults: NO_FAULTS,
		limits: { pageEventsMax: 10, callsPerSecond: 1000 },
	});
	plantMany(model, 25);
	return serveSimulator({ model, ...(tls === undefined ? {} : { tls }) });
}

async function count(url: string, network: Network, changes: object = {}): Promise<number> {
	await using client = await connect(settingsOf({ endpoint: url, stsEndpoint: url, ...changes }), { requestMs: 5000, ...network });
	return (await recordsOf(client)).length;
}

test("a private CA is known once Node knows it; TLS goes through a proxy, to the log service and to the token service", async () => {
	const tls = await certificate();
	await using simulator = await serve(tls);
	await using proxy = await serveProxy();
	await assert.rejects(count(simulator.url, {}), { code: "SOURCE_UNAVAILABLE", message: /CERT/ });
	const before = getCACertificates("default");
	// As NODE_EXTRA_CA_CERTS does it when a process begins.
	setDefaultCACertificates([...before, tls.cert]);
	try {
		assert.equal(await count(simulator.url, {}), 25);
		assert.deepEqual(proxy.asked, []);
		assert.equal(await count(simulator.url, { proxy: proxy.url }), 25);
		// One tunnel carries all pages.
		assert.deepEqual(proxy.asked, [`CONNECT 127.0.0.1:${simulator.port}`]);
		const stsEndpoint = `https://localhost:${simulator.port}`;
		assert.equal(await count(simulator.url, { proxy: proxy.url }, { roleArn: ROLE, stsEndpoint }), 25);
		assert.deepEqual(proxy.asked.slice(1), [`CONNECT localhost:${simulator.port}`, `CONNECT 127.0.0.1:${simulator.port}`]);
		assert.equal(await count(simulator.url, { proxy: proxy.url, noProxy: "127.0.0.1,.internal" }), 25);
		assert.equal(proxy.asked.length, 3);
	} finally {
		setDefaultCACertificates(before);
	}
});

test("plain HTTP goes through a proxy by its whole address", async () => {
	await using simulator = await serve();
	await using proxy = await serveProxy();
	assert.equal(await count(simulator.url, { proxy: proxy.url }), 25);
	assert.deepEqual(new Set(proxy.asked), new Set([`${simulator.url}/`]));
});

test("a proxy that is not there, and one that never answers, are to be tried again, in time", async () => {
	const gone = await serveProxy();
	await gone[Symbol.asyncDispose]();
	await using silent = await serveProxy(true);
	const startedMs = performance.now();
	for (const proxy of [gone.url, silent.url])
		await assert.rejects(count("https://127.0.0.1:9", { proxy, requestMs: 300, connectMs: 200 }), { code: "SOURCE_UNAVAILABLE" });
	assert.ok(performance.now() - startedMs < 3000);
});

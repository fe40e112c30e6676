import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import type { Health } from "./health.ts";
import { isHealthy } from "./healthcheck.ts";
import { type OutsideServerOptions, startOutsideServer } from "./outside-server.ts";

const HEALTH: Health = { alive: true, ready: true, sources: [] };

async function started(context: TestContext, options: Partial<OutsideServerOptions> = {}) {
	const metrics = { text: async () => "up 1\n", contentType: "text/plain; version=0.0.4" };
	const server = await startOutsideServer({ listen: { host: "127.0.0.1", port: 0 }, metrics, health: () => HEALTH, ...options });
	context.after(() => server[Symbol.asyncDispose]());
	const { port } = server.address;
	return { server, port, get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init) };
}

/** Writes these bytes and gives what comes back until the connection is closed. */
async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
	const socket = await connected(port);
	socket.write(bytes);
	return text(socket).catch(() => "");
}

async function connected(port: number): Promise<Socket> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	await once(socket, "connect");
	return socket;
}

test("metrics, health and readiness are answered, and nothing else", async (context) => {
	const { get } = await started(context);
	const metrics = await get("/metrics?name=x");
	assert.deepEqual(
		[metrics.status, metrics.headers.get("content-type"), await metrics.text()],
		[200, "text/plain; version=0.0.4", "up 1\n"],
	);
	for (const path of ["/healthz", "/readyz"]) assert.deepEqual(await (await get(path)).json(), HEALTH);
	for (const path of ["/", "/metrics/", "/healthz/x", "/%2e%2e/etc/passwd", "//metrics"]) assert.equal((await get(path)).status, 404, path);
	for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) assert.equal((await get("/metrics", { method })).status, 404, method);
});

test("what is not alive, or not ready, is answered with 503 and with the reasons", async (context) => {
	let health: Health = { ...HEALTH, ready: false };
	const { get } = await started(context, { health: () => health });
	assert.deepEqual([(await get("/healthz")).status, (await get("/readyz")).status], [200, 503]);
	health = { alive: false, ready: false, sources: [{ source: "eks", connector: "x", state: "parked", problem: "ACCESS_DENIED" }] };
	const answer = await get("/healthz");
	assert.equal(answer.status, 503);
	assert.deepEqual(await answer.json(), health);
});

test("what goes wrong inside is a 500 that tells nothing", async (context) => {
	const { get } = await started(context, {
		metrics: { text: async () => Promise.reject(new Error("hunter2")), contentType: "text/plain" },
	});
	const answer = await get("/metrics");
	assert.deepEqual([answer.status, await answer.text()], [500, ""]);
	assert.equal((await get("/healthz")).status, 200);
});

test("a request with a body is refused, however long it is, and its connection ends", async (context) => {
	const { port } = await started(context);
	for (const length of ["Content-Length: 1000000000", "Transfer-Encoding: chunked"]) {
		const answer = await exchange(port, `GET /metrics HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n5\r\nabcde`);
		assert.match(answer, /^HTTP\/1\.1 400 /, length);
		assert.ok(!answer.includes("up 1"));
	}
});

test("garbage ends its own connection and nothing else", async (context) => {
	const { port, get } = await started(context);
	const random = new Uint8Array(4096).map((_, i) => (i * 7919) % 256);
	const hostile = [
		"\0\0\0\r\n\r\n",
		"GET\r\n\r\n",
		`GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
		`GET / HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(5_000)}\r\n`,
		"GET / HTTP/9.9\r\n\r\n",
		"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
		"\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
		random,
	];
	for (const bytes of hostile) assert.doesNotMatch(await exchange(port, bytes), /^HTTP\/1\.1 200/);
	assert.equal((await get("/metrics")).status, 200);
});

test("headers that do not end are not waited for", async (context) => {
	const { port } = await started(context, { limits: { headersTimeoutMs: 40, requestTimeoutMs: 80 } });
	assert.doesNotMatch(await exchange(port, "GET /metrics HTTP/1.1\r\nHost: x\r\nA: "), /200/);
});

test("a connection that says nothing is not kept", async (context) => {
	const { port } = await started(context, { limits: { headersTimeoutMs: 40, requestTimeoutMs: 80 } });
	assert.doesNotMatch(await exchange(port, ""), /200/);
});

test("it closes at once, whoever is still connected", async (context) => {
	const { server, port } = await started(context);
	const idle = await connected(port);
	const half = await connected(port);
	half.write("GET /metrics HTTP/1.1\r\n");
	const ended = Promise.all([idle, half].map((socket) => new Promise((resolve) => socket.on("close", resolve))));
	await server[Symbol.asyncDispose]();
	await ended;
	await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
});

test("a port in use, or an address that is not ours, is a fault of the settings, told in full", async (context) => {
	const { port } = await started(context);
	const start = (host: string) =>
		startOutsideServer({ listen: { host, port }, metrics: { text: async () => "", contentType: "" }, health: () => HEALTH });
	await assert.rejects(start("127.0.0.1"), {
		code: "CONFIG_INVALID",
		message: `cannot listen on 127.0.0.1:${port} for /metrics and /healthz: the port is in use by another program; choose another one (setting "listen")`,
	});
	await assert.rejects(start("192.0.2.1"), { code: "CONFIG_INVALID", message: /this machine does not have that address/ });
});

test("the container's health check sees what /healthz says", async (context) => {
	let health = HEALTH;
	const { server, port } = await started(context, { health: () => health });
	const address = `http://127.0.0.1:${port}/healthz`;
	assert.equal(await isHealthy(address), true);
	health = { ...HEALTH, alive: false };
	assert.equal(await isHealthy(address), false);
	await server[Symbol.asyncDispose]();
	assert.equal(await isHealthy(address), false, "nobody answers");
	assert.equal(await isHealthy("no address"), false);
});

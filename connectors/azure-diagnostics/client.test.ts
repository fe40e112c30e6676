/** Microsoft's SDK against the simulator: what it really sends, what it makes of answers, and that nothing of them is lost. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Clock } from "../../src/contract/connector.ts";
import { type Fault, NO_FAULTS } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { SocketFault } from "../../src/simulation/wire.ts";
import { type Client, type ConnectOptions, connect, type QueryRequest } from "./client.ts";
import { collectorErrorOf } from "./client-error.ts";
import { existsQuery, rowsQuery } from "./kql.ts";
import { createList } from "./log-analytics.ts";
import { MODEL_WORKSPACE, type ModelOptions, type ModelWorkspace } from "./model.ts";
import { type Simulator, type SimulatorOptions, serveSimulator } from "./simulator.ts";
import { attemptOf, HOUR_MS, LAST_DAY, NOW_MS, planted, SIGNAL, serialOf, settingsOf, type World, worldOf } from "./test-service.ts";

const TOKEN = "a-token-of-the-test";
const REQUEST: QueryRequest = {
	workspaceId: MODEL_WORKSPACE,
	plan: "analytics",
	query: rowsQuery({ table: "AKSAudit", window: LAST_DAY }),
	timespan: { fromMs: NOW_MS - 72 * HOUR_MS, toMs: NOW_MS + 48 * HOUR_MS },
	serverTimeoutSeconds: 1,
	bytesMax: 1_000_000,
};

interface Wired extends World {
	readonly simulator: Simulator;
	readonly client: Client;
}

const simulators: Simulator[] = [];
after(() => Promise.all(simulators.map((simulator) => simulator[Symbol.asyncDispose]())));

async function wired(
	modelOptions: Partial<ModelOptions> = {},
	simulated: Partial<SimulatorOptions> = {},
	connecting: ConnectOptions = {},
): Promise<Wired> {
	const world = worldOf(modelOptions);
	const simulator = await serveSimulator({ model: world.model, token: TOKEN, ...simulated });
	simulators.push(simulator);
	const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + HOUR_MS }) };
	const client = await connect(settingsOf({ endpoint: simulator.endpoint }), { credential, timeoutMs: 300, ...connecting });
	return { ...world, simulator, client };
}

/** What a call comes to, told in one line. */
async function outcomeOf(client: Client, request = REQUEST): Promise<string> {
	try {
		const { status, body, servedAtMs } = await client.query(request, SIGNAL);
		return `${status} ${servedAtMs} ${Buffer.from(body).toString("base64")}`;
	} catch (error) {
		const { code, message, retryAfterMs } = collectorErrorOf(error, { workspaceId: "ws", table: "t" });
		return `${code} ${message} ${retryAfterMs}`;
	}
}

test("the same answers from the model over the wire and in process, byte for byte", async () => {
	const random = randomOf(11);
	const { model, client, options, clock } = await wired();
	for (let turn = 0; turn < 40; turn++) {
		const text = String.fromCodePoint(...Array.from({ length: 8 }, () => 32 + Math.floor(random() * 50_000)).filter((c) => c < 0xd800));
		const row = { TenantId: "t", AuditId: text, Type: "AKSAudit", User: { username: text, n: 1e21 }, _ResourceId: "/subscriptions/s" };
		const ingestedMs = NOW_MS - Math.floor(random() * HOUR_MS);
		model.put({ workspaceId: MODEL_WORKSPACE, table: "AKSAudit", row, timeGeneratedMs: ingestedMs, ingestedMs, visibleAtMs: NOW_MS });
		const fromMs = NOW_MS - Math.floor(random() * HOUR_MS);
		const request = { ...REQUEST, query: rowsQuery({ table: "AKSAudit", window: { fromMs, toMs: NOW_MS } }) };
		const [overWire, inProcess] = [await client.query(request, SIGNAL), await options.client.query(request, SIGNAL)];
		assert.deepEqual({ ...overWire, body: Buffer.from(overWire.body) }, { ...inProcess, body: Buffer.from(inProcess.body) });
	}
	assert.equal(clock.now(), NOW_MS);
});

test("the same refusals over the wire and in process", async () => {
	const refusing = async (modelOptions: Partial<ModelOptions>, request = REQUEST): Promise<string> => {
		const { client } = await wired({ ...modelOptions, random: randomOf(2) });
		const inProcess = worldOf({ ...modelOptions, random: randomOf(2) }).options.client;
		const outcome = await outcomeOf(client, request);
		assert.equal(outcome, await outcomeOf(inProcess, request));
		return outcome;
	};
	const faulty = (fault: Fault): Partial<ModelOptions> => ({ faults: () => fault });
	const tables = (plans: ModelWorkspace["tables"]): Partial<ModelOptions> => ({ workspaces: [{ id: MODEL_WORKSPACE, tables: plans }] });
	assert.match(await refusing(faulty("throttle")), /^SOURCE_THROTTLED .* \d000$/);
	assert.match(await refusing(faulty("unavailable")), /^SOURCE_UNAVAILABLE .*50[34]/);
	assert.match(await refusing(faulty("expired-credentials")), /^SOURCE_UNAVAILABLE .*401/);
	assert.match(await refusing(faulty("denied")), /^ACCESS_DENIED .*query\/t\/read/);
	assert.match(await refusing(tables({})), /^CONFIG_INVALID .*SEM0100/);
	assert.match(await refusing(tables({ AKSAudit: "basic" })), /^CONFIG_INVALID .*UnsupportedApiQueryValidationError/);
	assert.match(await refusing({}, { ...REQUEST, workspaceId: "99999999-2222-3333-4444-555555555555" }), /^CONFIG_INVALID .*PathNotFound/);
	assert.match(await refusing({}, { ...REQUEST, query: "print 1" }), /^CONFIG_INVALID .*SYN0002/);
	assert.match(await refusing({ workspaces: [{ id: MODEL_WORKSPACE, tables: {}, isEmpty: true }] }), /^no-content /);
	for (let seed = 0; seed < 8; seed++) assert.match(await refusing({ ...faulty("garbled"), random: randomOf(seed) }), /^ok /);
});

test("a Basic table is searched, at the address for that and within the time range", async () => {
	const workspaces = [{ id: MODEL_WORKSPACE, tables: { AKSAudit: "basic" } }] as const;
	const { model, client } = await wired({ workspaces });
	model.plant(planted("found"));
	assert.match(await outcomeOf(client), /^CONFIG_INVALID/);
	const search = async (changes: Partial<QueryRequest>): Promise<Buffer> =>
		Buffer.from((await client.query({ ...REQUEST, plan: "basic", ...changes }, SIGNAL)).body);
	assert.ok((await search({})).includes('"found"'));
	assert.ok(!(await search({ timespan: { fromMs: NOW_MS, toMs: NOW_MS + HOUR_MS } })).includes('"found"'));
});

test("an answer of more bytes than asked for is not held", async () => {
	const { model, client } = await wired();
	for (let i = 0; i < 2_000; i++) model.plant(planted(`s-${i}`, NOW_MS - i), { table: "AKSAudit" });
	const { body } = await client.query({ ...REQUEST, bytesMax: 10_000_000 }, SIGNAL);
	assert.equal((await client.query({ ...REQUEST, bytesMax: body.length }, SIGNAL)).status, "ok");
	const { status, body: none } = await client.query({ ...REQUEST, bytesMax: body.length - 1 }, SIGNAL);
	assert.deepEqual([status, none.length], ["too-large", 0]);
	assert.equal((await client.query({ ...REQUEST, query: existsQuery("AKSAudit") }, SIGNAL)).status, "ok");
});

test("broken connections and pages of proxies are outages; each call is made once", async () => {
	let fault: SocketFault | undefined;
	const { client, simulator } = await wired({}, { socketFault: () => fault });
	for (const [name, text] of [
		["reset", /ECONNRESET/],
		["cut", /ECONNRESET/],
		["bad-gateway", /502/],
		["silence", /did not answer in time/],
	] as const) {
		fault = name;
		const before = simulator.requests();
		assert.match(await outcomeOf(client), text);
		assert.equal(simulator.requests(), before + 1);
	}
	fault = undefined;
	assert.match(await outcomeOf(client), /^ok/);
	await simulator[Symbol.asyncDispose]();
	assert.match(await outcomeOf(client), /ECONN(?:REFUSED|RESET)/);
});

test("an abort ends a call at once with its reason, and so does closing the client", async () => {
	const { client } = await wired({}, { socketFault: () => "silence" }, { timeoutMs: 60_000 });
	const stop = new AbortController();
	const startedMs = Date.now();
	setTimeout(() => stop.abort(new Error("stopped")), 20);
	await assert.rejects(client.query(REQUEST, stop.signal), /stopped/);
	const asking = client.query(REQUEST, SIGNAL);
	setTimeout(() => client[Symbol.asyncDispose](), 20);
	await assert.rejects(asking, { name: "AbortError" });
	assert.ok(Date.now() - startedMs < 1_000);
});

test("an identity that hangs is bounded by the same time", async () => {
	const credential = { getToken: () => new Promise<never>(() => {}) };
	const { client } = await wired({}, {}, { credential, timeoutMs: 50 });
	assert.match(await outcomeOf(client), /did not answer in time/);
});

test("a token that was refused is replaced by the next", async () => {
	let given = 0;
	const credential = { getToken: async () => ({ token: given++ === 0 ? "expired" : TOKEN, expiresOnTimestamp: Date.now() + HOUR_MS }) };
	const { client } = await wired({}, {}, { credential });
	assert.match(await outcomeOf(client), /^SOURCE_UNAVAILABLE .*401/);
	assert.match(await outcomeOf(client), /^ok/);
	assert.match(await outcomeOf(client), /^ok/);
	assert.equal(given, 2);
});

test("a listing over the wire, through broken connections, brings every row once", async () => {
	const random = randomOf(5);
	const faults: readonly (SocketFault | undefined)[] = ["reset", "cut", "bad-gateway", undefined, undefined];
	const { model, client, settings } = await wired(
		{ partialRate: 0.2, faults: NO_FAULTS },
		{ socketFault: () => faults[Math.floor(random() * 5)] },
	);
	const serials = Array.from({ length: 60 }, (_, i) => `s-${i}`);
	for (const [index, serial] of serials.entries()) model.plant(planted(serial, NOW_MS, { server: index }));
	const clock: Clock = { now: () => NOW_MS, wait: async () => {} };
	const list = createList({ client, settings, clock, attempt: attemptOf(clock), scope: { name: MODEL_WORKSPACE } });
	const found: string[] = [];
	// One moment: what is partial is divided, and never said to be too much.
	for await (const listed of list({ fromMs: NOW_MS, toMs: NOW_MS }, SIGNAL)) {
		assert.equal(listed.kind, "page");
		if (listed.kind === "page") found.push(...listed.records.map(serialOf));
	}
	assert.deepEqual(found.toSorted(), serials.toSorted());
});

test("requests without a token, with a bad one, or without JSON are refused as the service does", async () => {
	const { simulator } = await wired();
	const ask = (headers: Record<string, string>): Promise<Response> =>
		fetch(`${simulator.endpoint}/workspaces/${MODEL_WORKSPACE}/query`, { method: "POST", headers, body: "{}" });
	assert.equal((await ask({})).status, 401);
	assert.equal((await ask({ authorization: "Bearer nobody" })).status, 401);
	const empty = await ask({ authorization: `Bearer ${TOKEN}`, "content-type": "text/plain" });
	assert.deepEqual([empty.status, await empty.text()], [200, ""]);
	const bad = await ask({ authorization: `Bearer ${TOKEN}`, "content-type": "application/json" });
	assert.equal(bad.status, 400);
	assert.equal((await fetch(`${simulator.url}/elsewhere`)).status, 404);
});

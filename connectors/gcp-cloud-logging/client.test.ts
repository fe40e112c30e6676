/** Google's own library against the simulated service on loopback: the same answers as in process, and every way to fail. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { type Fault, seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { SocketFault } from "../../src/simulation/wire.ts";
import { connect, type Network } from "./client.ts";
import type { ModelOptions } from "./model.ts";
import { createList } from "./poll.ts";
import { type SimulatorOptions, serveSimulator } from "./simulator.ts";
import { createCredentials, listed, modelOf, once, RESOURCE, START_MS, serialsOf, settingsOf, untilGood } from "./test-service.ts";

const credentials = await createCredentials();
after(() => credentials[Symbol.asyncDispose]());

const SIGNAL = new AbortController().signal;

interface Setup {
	readonly count?: number;
	readonly model?: Partial<ModelOptions>;
	readonly simulator?: Partial<SimulatorOptions>;
	readonly network?: Network;
	readonly settings?: object;
}

/** A simulator with `count` events, and the real client of it. */
async function setUp({ count = 25, model: options = {}, simulator: more = {}, network = {}, settings: chosen = {} }: Setup = {}) {
	const stack = new AsyncDisposableStack();
	const model = modelOf(count, options);
	const simulator = stack.use(await serveSimulator({ model, ...more }));
	const keyFile = await credentials.federated(simulator.url);
	const settings = settingsOf({ endpoint: simulator.url, credentials: { keyFile }, pageEntriesMax: 10, ...chosen });
	const client = stack.use(await connect(settings, { requestMs: 5_000, ...network }));
	const list = createList({ client, attempt: once, resource: RESOURCE, settings });
	const patient = createList({ client, attempt: untilGood, resource: RESOURCE, settings });
	return { model, simulator, client, list, patient, settings, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** The error with which a listing ends. */
async function failureOf(work: Promise<unknown>): Promise<CollectorError> {
	const error = await work.then(
		() => assert.fail("it went well"),
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof CollectorError, String(error));
	return error;
}

test("pages to the end, with the exact bytes that are stored", async () => {
	await using service = await setUp();
	const records = await listed(service.list);
	assert.equal(records.length, 25);
	assert.equal(service.model.calls(), 3);
	const inProcess = createList({ client: modelOf(25).client(), attempt: once, resource: RESOURCE, settings: service.settings });
	assert.deepEqual(plain(records), plain(await listed(inProcess)));
});

function plain(records: Awaited<ReturnType<typeof listed>>) {
	return records.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString() }));
}

test("in process and over the wire, the same comes of the same seed", async () => {
	for (const seed of [1, 2, 3, 4]) {
		const options = (): Partial<ModelOptions> => {
			const random = randomOf(seed);
			const faults = seededFaults(randomOf(seed + 100), {
				throttle: 0.05,
				unavailable: 0.1,
				garbled: 0.1,
				"bad-token": 0.05,
				"expired-credentials": 0.02,
			});
			return { random, faults, emptyPageRate: 0.2, partPageRate: 0.3 };
		};
		await using service = await setUp({ count: 120, model: options() });
		const list = createList({
			client: modelOf(120, options()).client(),
			attempt: untilGood,
			resource: RESOURCE,
			settings: service.settings,
		});
		const wired = await listed(service.patient);
		assert.equal(wired.length, 120);
		assert.deepEqual(plain(wired), plain(await listed(list)));
	}
});

test("the service's clock comes with each page", async () => {
	await using service = await setUp({ simulator: { now: () => START_MS + 999 } });
	// Tokens end on this machine's clock; that of the service is its own.
	const pages = await Array.fromAsync(service.list({ fromMs: START_MS, toMs: START_MS + 60_000 }, SIGNAL));
	assert.deepEqual(
		pages.map((page) => page.kind === "page" && page.servedAtMs),
		[START_MS, START_MS, START_MS],
	);
});

const REFUSALS: readonly (readonly [Fault, string, RegExp])[] = [
	["throttle", "SOURCE_THROTTLED", /quota/],
	["unavailable", "SOURCE_UNAVAILABLE", /status 503/],
	["garbled", "SOURCE_UNAVAILABLE", /no page of entries/],
	["timeout", "SOURCE_UNAVAILABLE", /status 504/],
	["expired-credentials", "SOURCE_UNAVAILABLE", /token/],
	["denied", "ACCESS_DENIED", /logging\.logEntries\.list.*logging\.privateLogEntries\.list/],
];

for (const [fault, code, message] of REFUSALS) {
	test(`what the service says of "${fault}"`, async () => {
		await using service = await setUp({ model: { faults: () => fault } });
		const error = await failureOf(listed(service.list));
		assert.equal(error.code, code);
		assert.match(error.message, message);
		// The library asks once more with a new token, and never else.
		assert.equal(service.model.calls(), fault === "expired-credentials" || fault === "denied" ? 2 : 1);
		assert.match(error.message, /projects\/example|token|answered/);
	});
}

test("a quota that is spent, a project that is not there, a filter that is none", async () => {
	await using spent = await setUp({ model: { callsPerMinute: 2 } });
	assert.equal((await failureOf(listed(spent.list))).code, "SOURCE_THROTTLED");
	await using unknown = await setUp({ model: { resources: new Set(["projects/other"]) } });
	assert.equal((await failureOf(listed(unknown.list))).code, "CONFIG_INVALID");
	await using bad = await setUp({ settings: { filter: 'severity >= "' } });
	assert.match((await failureOf(listed(bad.list))).message, /settings, first at filter/);
});

const SOCKET_FAULTS: readonly (readonly [SocketFault, RegExp])[] = [
	["reset", /ECONNRESET|UND_ERR_SOCKET/],
	["cut", /UND_ERR|ECONNRESET|terminated/],
	["silence", /TimeoutError/],
	["bad-gateway", /status 502/],
];

for (const [fault, symptom] of SOCKET_FAULTS) {
	test(`a connection with "${fault}" is told, and the next one is good`, async () => {
		let calls = 0;
		// The token comes first.
		const socketFault = () => (++calls === 2 ? fault : undefined);
		await using service = await setUp({ simulator: { socketFault }, network: { requestMs: 300 } });
		const error = await failureOf(listed(service.list));
		assert.equal(error.code, "SOURCE_UNAVAILABLE");
		assert.match(error.message, symptom);
		assert.equal((await listed(service.list)).length, 25);
	});
}

test("a token service that is silent is told within the time of a request", async () => {
	await using service = await setUp({ simulator: { socketFault: () => "silence" }, network: { requestMs: 300 } });
	const error = await failureOf(listed(service.list));
	assert.equal(error.code, "SOURCE_UNAVAILABLE");
});

test("tokens that ended are renewed in the same call", async () => {
	await using service = await setUp();
	assert.equal((await listed(service.list)).length, 25);
	service.simulator.identity.expire();
	assert.equal((await listed(service.list)).length, 25);
	assert.equal(service.simulator.identity.given(), 2);
});

test("credentials that are refused are told as such", async () => {
	await using service = await setUp({ simulator: { refusedSecret: "subject-token" } });
	const error = await failureOf(listed(service.list));
	assert.equal(error.code, "ACCESS_DENIED");
	assert.match(error.message, /credentials were refused \(invalid_grant|status 400/);
	assert.doesNotMatch(error.message, /subject-token/);
});

test("no authorization, no entries", async () => {
	await using service = await setUp();
	const reply = await fetch(`${service.simulator.url}/v2/entries:list`, { method: "POST", body: "{}" });
	assert.equal(reply.status, 401);
	assert.match(await reply.text(), /CREDENTIALS_MISSING/);
});

test("an abort ends a call at once, whatever it waits for", async () => {
	for (const quiet of [1, 2]) {
		let calls = 0;
		await using service = await setUp({ simulator: { socketFault: () => (++calls === quiet ? "silence" : undefined) } });
		const controller = new AbortController();
		const reason = new Error("stop");
		setTimeout(() => controller.abort(reason), 50);
		const startMs = performance.now();
		await assert.rejects(listed(service.list, undefined, controller.signal), (error) => error === reason);
		assert.ok(performance.now() - startMs < 1_000);
	}
});

test("an answer that is too large is asked for in smaller pages", async () => {
	await using service = await setUp({ network: { answerBytesMax: 5_000 } });
	assert.deepEqual(
		serialsOf(await listed(service.list)),
		serialsOf(await listed(createList({ client: modelOf(25).client(), attempt: once, resource: RESOURCE, settings: service.settings }))),
	);
	await using tiny = await setUp({ network: { answerBytesMax: 100 } });
	assert.equal((await failureOf(listed(tiny.list))).code, "SOURCE_UNAVAILABLE");
});

test("keys sign for themselves", async () => {
	await using service = await setUp({ settings: { credentials: { keyFile: await credentials.key() } } });
	assert.equal((await listed(service.list)).length, 25);
	assert.equal(service.simulator.identity.given(), 0);
});

test("credentials files that are no use are told at once", async () => {
	for (const keyFile of ["/nowhere/key.json", await credentials.file("no json"), await credentials.file({ type: "service_desk" })]) {
		const settings = settingsOf({ credentials: { keyFile } });
		assert.equal((await failureOf(connect(settings))).code, "CONFIG_INVALID");
	}
});

/** The AWS SDK itself against the simulator: pages, faults of service and network, time, and what comes out of it all. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { createAttempt } from "../../src/pull/attempts.ts";
import { createBucket } from "../../src/pull/bucket.ts";
import { systemClock } from "../../src/run/system-clock.ts";
import type { Fault } from "../../src/simulation/faults.ts";
import { NO_FAULTS } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { type SocketFault, serveWire } from "../../src/simulation/wire.ts";
import { connect, type Network } from "./client.ts";
import { countEvents } from "./count.ts";
import { SIMULATED_KEY } from "./credential-desk.ts";
import { decode } from "./decode.ts";
import { frame } from "./frame.ts";
import { createModel, type ModelOptions } from "./model.ts";
import { scopes } from "./scopes.ts";
import { type SimulatorSettings, serveSimulator } from "./simulator.ts";
import { ALL, GROUP, HOUR_MS, once, pagesOf, plantMany, REGION, recordsOf, SCOPE, SIGNAL, serialOf, settingsOf } from "./test-service.ts";

for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) delete process.env[name];
Object.assign(process.env, {
	AWS_ACCESS_KEY_ID: SIMULATED_KEY.accessKeyId,
	AWS_SECRET_ACCESS_KEY: SIMULATED_KEY.secretAccessKey,
	AWS_CONFIG_FILE: "/dev/null",
	AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
	AWS_EC2_METADATA_DISABLED: "true",
});

const STARTED_MS = Date.now();
const BIN_MS = 300_000;
/** So that two models are the same, however long a test takes. */
const still = { now: () => STARTED_MS, wait: systemClock.wait };
const quick = { attemptsMax: 20, delayMinMs: 1, delayMaxMs: 2 };
const attempt = createAttempt(
	{ signal: SIGNAL, clock: systemClock, random: randomOf(3), log() {}, meter: NO_METER },
	createBucket(systemClock, { perSecond: 100_000, burst: 1000 }),
	quick,
);

function modelOf(options: Partial<ModelOptions> = {}) {
	const limits = { pageEventsMax: 10, callsPerSecond: 1000, ...options.limits };
	return createModel({ clock: still, random: randomOf(11), faults: NO_FAULTS, ...options, limits });
}

async function served(options: Partial<ModelOptions> = {}, simulator: Partial<SimulatorSettings> = {}, network: Network = {}) {
	const model = modelOf(options);
	const serials = plantMany(model, 25);
	const wire = await serveSimulator({ model, ...simulator });
	const client = await connect(settingsOf({ endpoint: wire.url }), { requestMs: 5000, ...network });
	return {
		model,
		serials,
		wire,
		client,
		async [Symbol.asyncDispose]() {
			await client[Symbol.asyncDispose]();
			await wire[Symbol.asyncDispose]();
		},
	};
}

/** What a single call comes to. */
async function failure(world: Awaited<ReturnType<typeof served>>): Promise<CollectorError> {
	try {
		await recordsOf(world.client);
	} catch (error) {
		if (error instanceof CollectorError) return error;
		throw error;
	}
	throw new Error("it went well");
}

/** Faults of the first so many calls. */
function first<F>(...faults: readonly F[]): () => F | undefined {
	let calls = 0;
	return () => faults[calls++];
}

test("the log group is found and read to its end, each page with the service's time", async () => {
	await using world = await served();
	const settings = settingsOf();
	const [scope] = await scopes(settings, { client: world.client, attempt: once, signal: SIGNAL, log() {} });
	assert.deepEqual(scope, SCOPE);
	const pages = await pagesOf(world.client, { scope: SCOPE });
	assert.deepEqual(
		pages.map((page) => page.kind === "page" && [page.records.length, page.servedAtMs]),
		[10, 10, 5].map((count) => [count, Math.floor(STARTED_MS / 1000) * 1000]),
	);
	assert.deepEqual(
		pages.flatMap((page) => (page.kind === "page" ? page.records.map(serialOf) : [])),
		world.serials,
	);
});

test("over the wire and in process the model gives the same, whatever is in the messages", async () => {
	for (const seed of [1, 2, 3]) {
		const [here, there] = [0, 1].map(() => {
			const random = randomOf(seed);
			const model = modelOf({ random, oddities: { empty: 0.3, short: 0.4, lateEnd: 0.5, overlapping: 0.3, unordered: 0.2 } });
			for (let i = 0; i < 60; i++) {
				const message = Array.from({ length: 40 }, () => String.fromCharCode(Math.floor(random() ** 3 * 0x10000))).join("");
				model.put({ logStreamName: `kube-apiserver-audit-${i % 3}`, timestamp: STARTED_MS - Math.floor(random() * 1e6), message });
			}
			return model;
		});
		assert.ok(here && there);
		await using wire = await serveSimulator({ model: there });
		await using client = await connect(settingsOf({ endpoint: wire.url }));
		const expected = await pagesOf(here.client());
		assert.deepEqual(await pagesOf(client), expected);
		assert.ok(expected.length > 6);
	}
});

test("a count takes the way of the real service, by the group's name and by its ARN", async () => {
	await using world = await served({ limits: { queryMs: 0 } });
	const clock = { now: () => STARTED_MS, wait: async () => {} };
	const stretch = {
		fromMs: Math.floor((STARTED_MS - HOUR_MS) / BIN_MS) * BIN_MS,
		untilMs: Math.ceil(STARTED_MS / BIN_MS) * BIN_MS,
		binMs: BIN_MS,
	};
	const expected = new Map<number, number>();
	for (const { timeMs } of await recordsOf(world.client)) {
		const bin = Math.floor(timeMs / BIN_MS) * BIN_MS;
		expected.set(bin, (expected.get(bin) ?? 0) + 1);
	}
	for (const group of [{}, { logGroupArn: `arn:aws:logs:${REGION}:123456789012:log-group:${GROUP}` }])
		assert.deepEqual(await countEvents({ client: world.client, attempt: once, scope: SCOPE, clock, ...group }, stretch, SIGNAL), expected);
	assert.ok(expected.size > 0);
	await using denied = await served({ faults: (operation) => (operation === "GetQueryResults" ? "denied" : undefined) });
	await assert.rejects(countEvents({ client: denied.client, attempt: once, scope: SCOPE, clock }, stretch, SIGNAL), {
		code: "ACCESS_DENIED",
		message: /^the permission logs:GetQueryResults on arn:aws:logs:\S+ is missing: grant it/,
	});
});

test("a page of a file, sent by a server, decodes to what replay of the file gives", async () => {
	const folder = new URL("../../fixtures/aws-cloudwatch/", import.meta.url).pathname;
	for (const name of ["filter-log-events.raw.json", "filter-truncated.raw.json", "filter-mixed-streams.raw.json"]) {
		assert.ok(readdirSync(folder).includes(name));
		const page = readFileSync(join(folder, name));
		await using wire = await serveWire({
			answer: () => ({ status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: page }),
		});
		await using client = await connect(settingsOf({ endpoint: wire.url }));
		const stored = (
			await Array.fromAsync(
				frame(
					(async function* () {
						yield page;
					})(),
					"log-events",
					DEFAULT_LIMITS,
				),
			)
		).flat();
		const origin = { logName: SCOPE.origin.logName ?? "" };
		assert.deepEqual(
			(await recordsOf(client)).map(decode),
			stored.map((record) => decode({ ...record, origin })),
		);
		assert.ok(stored.length > 0);
	}
});

test("each fault of the service has its code, after one request", async () => {
	for (const [fault, code, words] of [
		["throttle", "SOURCE_THROTTLED", /quota/],
		["unavailable", "SOURCE_UNAVAILABLE", /status 50|no JSON/],
		["garbled", "SOURCE_UNAVAILABLE", /no page/],
		["expired-credentials", "SOURCE_UNAVAILABLE", /expired/],
		["denied", "ACCESS_DENIED", /logs:FilterLogEvents on arn:aws:logs:eu-central-1:123456789012:log-group/],
	] as const satisfies readonly (readonly [Fault, string, RegExp])[]) {
		for (const seed of [1, 2, 3]) {
			await using world = await served({ random: randomOf(seed), faults: () => fault });
			const error = await failure(world);
			assert.equal(error.code, code, `${fault}: ${error.message}`);
			assert.match(error.message, words);
			assert.equal(world.wire.requests(), 1);
		}
	}
});

test("a refused page token is told from a refused request", async () => {
	await using world = await served({ faults: first<Fault | undefined>(undefined, "bad-token") });
	assert.deepEqual(
		(await pagesOf(world.client)).map(({ kind }) => kind),
		["page", "restart"],
	);
});

test("each fault of the network is one to try again, after one request", async () => {
	for (const [fault, words] of [
		["reset", /ECONNRESET|in time|socket/],
		["cut", /ECONNRESET|no JSON|aborted/],
		["bad-gateway", /no JSON \(status 502\)/],
		["silence", /no answer in time/],
	] as const satisfies readonly (readonly [SocketFault, RegExp])[]) {
		await using world = await served({}, { socketFault: () => fault }, { requestMs: 300 });
		const startedMs = performance.now();
		const error = await failure(world);
		assert.equal(error.code, "SOURCE_UNAVAILABLE", fault);
		assert.match(error.message, words);
		assert.equal(world.wire.requests(), 1);
		assert.ok(performance.now() - startedMs < 3000, fault);
	}
});

test("an answer that stops in its middle, with the line open, is no wait for ever", async () => {
	await using wire = await serveWire({ answer: () => ({ status: 200, headers: { "content-length": "1000" }, body: '{"events":[' }) });
	await using client = await connect(settingsOf({ endpoint: wire.url }), { requestMs: 300 });
	await assert.rejects(recordsOf(client), { code: "SOURCE_UNAVAILABLE" });
});

test("nobody there, and a name that nobody has, are to be tried again", async () => {
	const wire = await serveWire({ answer: () => ({ status: 200, body: "" }) });
	await wire[Symbol.asyncDispose]();
	await using client = await connect(settingsOf({ endpoint: wire.url }));
	await assert.rejects(recordsOf(client), { code: "SOURCE_UNAVAILABLE", message: /ECONNREFUSED/ });
	await using lost = await connect(settingsOf({ endpoint: "https://logs.invalid" }));
	await assert.rejects(recordsOf(lost), { code: "SOURCE_UNAVAILABLE", message: /ENOTFOUND|EAI_AGAIN/ });
});

test("through faults of service and network by seed, everything arrives", async () => {
	for (const seed of [1, 2, 3]) {
		const random = randomOf(seed);
		const faults = (): Fault | undefined =>
			(["throttle", "unavailable", "garbled", "expired-credentials"] as const)[Math.floor(random() * 20)];
		const socketFault = (): SocketFault | undefined => (["reset", "cut", "bad-gateway", "lost"] as const)[Math.floor(random() * 30)];
		await using world = await served({ random, faults, limits: { pageEventsMax: 3 } }, { socketFault });
		assert.deepEqual((await recordsOf(world.client, { attempt })).map(serialOf), world.serials);
	}
});

test("an abort ends a call at once, with its own reason", async () => {
	await using world = await served({}, { socketFault: () => "silence" }, { requestMs: 60_000 });
	const stop = new AbortController();
	const reason = new Error("stop");
	const work = assert.rejects(pagesOf(world.client, {}, ALL, stop.signal), reason);
	while (world.wire.requests() === 0) await systemClock.wait(5);
	const startedMs = performance.now();
	stop.abort(reason);
	await work;
	assert.ok(performance.now() - startedMs < 500);
});

test("a clock that is ten minutes off is allowed for after the first refusal", async () => {
	await using world = await served({ skewMs: 600_000 });
	assert.match((await failure(world)).message, /clock is wrong/);
	assert.equal((await recordsOf(world.client)).length, 25);
});

test("a group that is not there, and a group by its ARN", async () => {
	await using world = await served();
	const logGroupArn = `arn:aws:logs:${REGION}:123456789012:log-group:${GROUP}`;
	assert.equal((await recordsOf(world.client, { logGroupArn })).length, 25);
	const scope = { ...SCOPE, origin: { ...SCOPE.origin, logName: "/aws/eks/none/cluster" } };
	await assert.rejects(recordsOf(world.client, { scope }), { code: "CONFIG_INVALID", message: /none\/cluster:\* does not exist/ });
});

test("the simulator looks at what it is sent, as the service does", async () => {
	await using world = await served();
	const signed = `AWS4-HMAC-SHA256 Credential=${SIMULATED_KEY.accessKeyId}/20261123/${REGION}/logs/aws4_request, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
	const now = new Date(STARTED_MS).toISOString().replaceAll(/[-:]|\.\d+/g, "");
	const good = { authorization: signed, "x-amz-date": now, "x-amz-target": "Logs_20140328.FilterLogEvents" };
	async function ask(changes: Record<string, string | undefined>, body = JSON.stringify({ logGroupName: GROUP })): Promise<string> {
		const headers = Object.entries({ ...good, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
		const reply = await fetch(world.wire.url, { method: "POST", headers, body });
		const { __type, events } = (await reply.json()) as { __type?: string; events?: unknown[] };
		return `${reply.status} ${__type ?? events?.length}`;
	}
	assert.equal(await ask({}), "200 10");
	assert.equal(await ask({ authorization: undefined }), "400 MissingAuthenticationTokenException");
	assert.equal(await ask({ authorization: "Bearer x" }), "400 IncompleteSignatureException");
	assert.equal(await ask({ authorization: signed.replace("/logs/", "/s3/") }), "400 InvalidSignatureException");
	assert.equal(await ask({ authorization: signed.replace(";x-amz-date", "") }), "400 IncompleteSignatureException");
	assert.equal(await ask({ authorization: signed.replace(SIMULATED_KEY.accessKeyId, "AKIANOBODY") }), "400 UnrecognizedClientException");
	assert.equal(await ask({ "x-amz-date": "20200101T000000Z" }), "400 InvalidSignatureException");
	assert.equal(await ask({ "x-amz-target": "Logs_20140328.DeleteLogGroup" }), "400 UnknownOperationException");
	assert.equal(await ask({}, "[]"), "400 SerializationException");
	assert.equal(await ask({}, "{}"), "400 InvalidParameterException");
	assert.equal(await ask({}, JSON.stringify({ logGroupName: "/none" })), "400 ResourceNotFoundException");
	assert.equal(await ask({ authorization: signed.replace(REGION, "us-east-1") }), "400 ResourceNotFoundException");
});

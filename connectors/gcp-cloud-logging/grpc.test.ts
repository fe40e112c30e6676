/** Google's own gRPC client against the simulated service: the same records as by REST, and the same errors. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../src/contract/errors.ts";
import { type Fault, seededFaults } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { AUDIT_LOG } from "./audit-log-fields.ts";
import { connect, type Network } from "./client.ts";
import { decode } from "./decode.ts";
import { entryText } from "./grpc-entry.ts";
import { addressOf } from "./grpc-proxy.ts";
import { createModel, type Model } from "./model.ts";
import { createList } from "./poll.ts";
import { readMessage } from "./protobuf.ts";
import { type Members, plainOf, sampleEntry } from "./sample-entry.ts";
import { serveSimulator } from "./simulator.ts";
import { auditLogBytes, type GrpcServiceOptions, serveGrpc } from "./test-grpc-service.ts";
import { selfSigned, serveProxy, trust } from "./test-proxy.ts";
import { ALL, createCredentials, listed, modelOf, once, RESOURCE, START_MS, serialsOf, settingsOf, untilGood } from "./test-service.ts";

const credentials = await createCredentials();
after(() => credentials[Symbol.asyncDispose]());

interface Setup {
	readonly service?: Partial<GrpcServiceOptions>;
	readonly network?: Network;
}

/** The gRPC service of a model, with the token service of the REST simulator beside it, and the real client. */
async function setUp(model: Model, { service = {}, network = {} }: Setup = {}) {
	const stack = new AsyncDisposableStack();
	const simulator = stack.use(await serveSimulator({ model }));
	const grpc = stack.use(await serveGrpc({ model, identity: simulator.identity, ...service }));
	const keyFile = await credentials.federated(simulator.url);
	const settings = settingsOf({ transport: "grpc", endpoint: grpc.url, credentials: { keyFile }, pageEntriesMax: 10 });
	const client = stack.use(await connect(settings, { requestMs: 5_000, ...network }));
	const listOf = (attempt = once) => createList({ client, attempt, resource: RESOURCE, settings });
	return { list: listOf(), patient: listOf(untilGood), simulator, settings, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function failureOf(work: Promise<unknown>): Promise<CollectorError> {
	const error = await work.then(
		() => assert.fail("it went well"),
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof CollectorError, String(error));
	return error;
}

/** Entries of the fixtures that a service could have sent: single entries, a line each. */
const FOLDER = new URL("../../fixtures/gcp-cloud-logging/", import.meta.url);
const ENTRIES = readdirSync(FOLDER)
	.filter((name) => name.endsWith(".raw.jsonl") && !/^(?:bigquery|eventarc|pubsub|entries-list)/.test(name))
	.flatMap((name) => readFileSync(new URL(name, FOLDER), "utf8").split("\n"))
	.filter((line) => line !== "")
	.map((line) => JSON.parse(line) as Members)
	.filter(({ protoPayload }) => (protoPayload as Members | undefined)?.["serviceName"] === "k8s.io");

test("what comes by gRPC is what comes by REST: the same values, ids and times", async () => {
	assert.ok(ENTRIES.length > 30);
	const laterMs = START_MS + 86_400_000;
	const clock = { now: () => laterMs, wait: async () => {} };
	const model = createModel({ clock, random: randomOf(1), retentionMs: 1e13, callsPerMinute: 1e9 });
	for (const entry of ENTRIES) model.put(Buffer.from(JSON.stringify(entry)), { resource: RESOURCE });
	await using service = await setUp(model);
	const window = { fromMs: 0, toMs: laterMs };
	const settings = settingsOf({ lookbackHours: 9_600 });
	const inProcess = await listed(createList({ client: model.client(), attempt: once, resource: RESOURCE, settings }), window);
	const grpc = await listed(service.list, window);
	assert.ok(grpc.length > 25);
	assert.deepEqual(
		grpc.map(({ id, timeMs, loggedTimeMs }) => [id, timeMs, loggedTimeMs]),
		inProcess.map(({ id, timeMs, loggedTimeMs }) => [id, timeMs, loggedTimeMs]),
	);
	grpc.forEach((record, i) => {
		const [mine, theirs] = [decode(record), decode(inProcess[i] ?? record)];
		assert.ok(mine.kind === "event" && theirs.kind === "event");
		const [said, expected] = [record, inProcess[i] ?? record].map(({ body }) => JSON.parse(Buffer.from(body).toString()) as Members);
		assert.deepEqual(withoutZeros(said ?? {}), withoutZeros(expected ?? {}));
		// A part of an entry is its own text, and that has another order of members.
		if (mine.truncated === undefined) assert.deepEqual(Buffer.from(mine.identity), Buffer.from(theirs.identity));
		assert.deepEqual(plainOf(mine.event), plainOf(theirs.event));
		assert.deepEqual(mine.inferred, theirs.inferred);
	});
});

/** A success is `{}` or `{"code":0}`, which is the same message. */
function withoutZeros(entry: Members): Members {
	const payload = entry["protoPayload"] as Members;
	const { code, ...status } = (payload["status"] ?? {}) as Members;
	return {
		...entry,
		protoPayload: { ...payload, ...(payload["status"] === undefined ? {} : { status: code ? { code, ...status } : status }) },
	};
}

test("pages, empty ones and faults, to the end", async () => {
	const faults = seededFaults(randomOf(3), { throttle: 0.1, unavailable: 0.1, "bad-token": 0.05 });
	await using service = await setUp(modelOf(60, { faults, emptyPageRate: 0.3, partPageRate: 0.3 }));
	const serials = serialsOf(await listed(service.patient));
	assert.equal(new Set(serials).size, 60);
	assert.equal(serials.length, 60);
});

test("the service's clock comes with each page", async () => {
	await using service = await setUp(modelOf(15), { service: { now: () => START_MS + 999 } });
	const pages = await Array.fromAsync(service.list(ALL, new AbortController().signal));
	assert.deepEqual(
		pages.map((page) => page.kind === "page" && page.servedAtMs),
		[START_MS, START_MS],
	);
});

const REFUSALS: readonly (readonly [Fault, string])[] = [
	["throttle", "SOURCE_THROTTLED"],
	["unavailable", "SOURCE_UNAVAILABLE"],
	["reset", "SOURCE_UNAVAILABLE"],
	["expired-credentials", "SOURCE_UNAVAILABLE"],
	["denied", "ACCESS_DENIED"],
];

for (const [fault, code] of REFUSALS) {
	test(`what the service says of "${fault}", asked once`, async () => {
		const model = modelOf(1, { faults: () => fault });
		await using service = await setUp(model);
		assert.equal((await failureOf(listed(service.list))).code, code);
		assert.equal(model.calls(), 1);
	});
}

test("tokens that ended are renewed for the next call", async () => {
	await using service = await setUp(modelOf(15));
	assert.equal((await listed(service.list)).length, 15);
	service.simulator.identity.expire();
	assert.equal((await failureOf(listed(service.list))).code, "SOURCE_UNAVAILABLE");
	assert.equal((await listed(service.list)).length, 15);
});

test("a service that is silent is told in time, and an abort ends at once", async () => {
	await using service = await setUp(modelOf(1), { service: { isSilent: () => true }, network: { requestMs: 300 } });
	assert.equal((await failureOf(listed(service.list))).code, "SOURCE_UNAVAILABLE");
	await using other = await setUp(modelOf(1), { service: { isSilent: () => true } });
	const controller = new AbortController();
	const reason = new Error("stop");
	setTimeout(() => controller.abort(reason), 50);
	await assert.rejects(listed(other.list, ALL, controller.signal), (error) => error === reason);
});

test("an answer that is too large is asked for in smaller pages", async () => {
	await using service = await setUp(modelOf(25), { network: { answerBytesMax: 4_000 } });
	assert.equal((await listed(service.list)).length, 25);
});

test("over TLS with a private CA, directly and through a proxy", async () => {
	const tls = await selfSigned();
	using _known = trust(tls.cert);
	await using direct = await setUp(modelOf(15), { service: { tls } });
	assert.equal((await listed(direct.list)).length, 15);
	await using proxy = await serveProxy();
	await using service = await setUp(modelOf(15), { service: { tls }, network: { proxy: proxy.url } });
	assert.equal((await listed(service.list)).length, 15);
	assert.ok(proxy.asked.includes(service.settings.endpoint?.replace("https://", "CONNECT ") ?? ""), String(proxy.asked));
});

test("which hosts are asked directly", () => {
	const hostOf = (noProxy: string): string => addressOf("https://logging.googleapis.com", "http://u:p%40@proxy:3128", noProxy).host;
	for (const noProxy of ["*", "logging.googleapis.com", "googleapis.com", ".googleapis.com", "*.googleapis.com", "x, googleapis.com:443"])
		assert.equal(hostOf(noProxy), "logging.googleapis.com", noProxy);
	for (const noProxy of ["", ",", "apis.com", "googleapis.com:80", "ogging.googleapis.com", "."])
		assert.equal(hostOf(noProxy), "proxy", noProxy);
	assert.deepEqual(addressOf("https://logging.googleapis.com", "http://u:p%40@proxy:3128"), {
		host: "proxy",
		port: 3128,
		options: {
			"grpc.enable_http_proxy": 0,
			"grpc.http_connect_target": "dns:logging.googleapis.com:443",
			"grpc.default_authority": "logging.googleapis.com:443",
			"grpc.http_connect_creds": "u:p@",
		},
	});
	assert.deepEqual(addressOf("http://127.0.0.1:80", undefined), { host: "127.0.0.1", port: 80, options: { "grpc.enable_http_proxy": 0 } });
});

const FULL: Members = {
	serviceName: "k8s.io",
	methodName: "io.k8s.core.v1.pods.create",
	resourceName: "core/v1/namespaces/shop/pods/web",
	numResponseItems: "9007199254740993",
	status: { code: 7, message: "no", details: [{ "@type": "type.googleapis.com/x.Y", value: "AQI=" }] },
	authenticationInfo: {
		principalEmail: "a@b",
		thirdPartyPrincipal: { sub: "x" },
		serviceAccountDelegationInfo: [
			{ principalSubject: "s", firstPartyPrincipal: { principalEmail: "c@d" } },
			{ thirdPartyPrincipal: { thirdPartyClaims: { a: [1] } } },
		],
	},
	authorizationInfo: [
		{
			permission: "p",
			granted: true,
			permissionType: "DATA_WRITE",
			resourceAttributes: { labels: { a: "b", "": "" }, createTime: "2026-11-23T12:00:00.000000001Z" },
		},
		{ permission: "q" },
	],
	requestMetadata: {
		callerIp: "203.0.113.9",
		requestAttributes: { time: "2026-11-23T12:00:00.5Z", size: "-1", auth: { audiences: ["x", ""], claims: {} }, headers: { h: "1" } },
		destinationAttributes: { ip: "10.0.0.1", port: "443" },
	},
	request: { "@type": "core.k8s.io/v1.Pod", "": null, n: -0.5, big: 1e300, list: [{}, [], null, true, "x"], nested: { a: { b: {} } } },
	response: {},
	metadata: { a: 1 },
	resourceOriginalState: { b: 2 },
	resourceLocation: { currentLocations: ["europe-west4"] },
	policyViolationInfo: {
		orgPolicyViolationInfo: { payload: {}, resourceTags: { a: "b" }, violationInfo: [{ constraint: "c", policyType: "LIST_CONSTRAINT" }] },
	},
	serviceData: { "@type": "type.googleapis.com/x.Z", value: "AA==" },
};

test("every field that is described comes back, and one that is not is left out", () => {
	assert.deepEqual(readMessage(auditLogBytes(FULL), AUDIT_LOG), FULL);
	assert.deepEqual(readMessage(auditLogBytes({ ...FULL, unheardOf: "x" }), AUDIT_LOG), FULL);
	assert.deepEqual(readMessage(new Uint8Array(0), AUDIT_LOG), {});
});

test("any body comes back as it was", () => {
	const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 });
	fc.assert(
		fc.property(json, (request) => {
			// Of zeros there is one.
			const plain = JSON.parse(JSON.stringify(request)) as Members;
			const message = readMessage(auditLogBytes({ serviceName: "k8s.io", request: plain }), AUDIT_LOG);
			assert.deepEqual(JSON.parse(JSON.stringify(message?.["request"])), plain);
		}),
	);
});

test("no bytes are too odd, and nesting has an end", () => {
	const bytes = auditLogBytes(FULL);
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 8 }), fc.nat(bytes.length), (edits, end) => {
			const edited = Uint8Array.from(bytes);
			for (const [at, byte] of edits) edited[at] = byte;
			readMessage(edited.subarray(0, end), AUDIT_LOG);
		}),
		{ numRuns: 1_000 },
	);
	fc.assert(fc.property(fc.uint8Array(), (any) => void readMessage(any, AUDIT_LOG)));
	// A list in a list, and so on: the library that encodes has a bound as well.
	let deep = Buffer.from([]);
	for (let i = 0; i < 200; i++) deep = nested(6, nested(1, deep));
	assert.equal(readMessage(nested(16, nested(1, nested(2, deep))), AUDIT_LOG), undefined);
	assert.deepEqual(readMessage(nested(16, nested(1, nested(2, nested(6, nested(1, Buffer.from([])))))), AUDIT_LOG), {
		request: { "": [null] },
	});
});

/** A field with bytes in it. */
function nested(field: number, inner: Uint8Array): Buffer<ArrayBuffer> {
	const length: number[] = [];
	for (let left = inner.length; length.length === 0 || left > 0; left = Math.floor(left / 128))
		length.push((left % 128) + (left >= 128 ? 128 : 0));
	const tag = field * 8 + 2;
	return Buffer.concat([Buffer.from(tag < 128 ? [tag] : [(tag % 128) + 128, tag >> 7]), Buffer.from(length), inner]);
}

test("a payload that cannot be read goes to quarantine, as bytes", () => {
	for (const [type, value] of [
		["type.googleapis.com/google.cloud.audit.AuditLog", Buffer.from([0xff])],
		["type.googleapis.com/other.Type", auditLogBytes(FULL)],
	] as const) {
		const { protoPayload: _, ...entry } = sampleEntry();
		const body = entryText({ ...entry, protoPayload: { type_url: type, value } });
		const decoded = decode({ id: "0", body });
		assert.ok(decoded.kind === "bad" && decoded.error.code === "RECORD_MALFORMED");
	}
	fc.assert(fc.property(fc.anything(), (any) => void decode({ id: "0", body: entryText(any) })));
});

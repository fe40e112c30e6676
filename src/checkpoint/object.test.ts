import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../contract/errors.ts";
import { type ObjectFault, serveObjects } from "../simulation/object-store.ts";
import { CLOUDS, type CloudName, createClouds } from "./test-clouds.ts";
import { KEY, testCheckpoints } from "./test-contract.ts";

const cloudFor = await createClouds(serveObjects);

for (const cloud of CLOUDS) {
	testCheckpoints(
		cloud,
		async (context) => {
			const { simulated, open } = await cloudFor(context, cloud);
			return { open, loseNextAnswer: () => void simulated.plan.push("lost") };
		},
		8,
	);
}

/** A test of its own for each cloud. */
function testEach(name: string, body: (context: Parameters<typeof cloudFor>[0], cloud: CloudName) => Promise<void>): void {
	for (const cloud of CLOUDS) test(`${cloud}: ${name}`, (context) => body(context, cloud));
}

/** What the error of a refused call must say. */
function told(code: string, ...patterns: readonly RegExp[]): (error: unknown) => boolean {
	return (error) => {
		assert.ok(error instanceof CollectorError, String(error));
		assert.equal(error.code, code, error.message);
		for (const pattern of [
			/source "prod", scope "123456789012\//,
			/audit-bucket\/kube audit\/prod\/prod\/123456789012%2Feu/,
			...patterns,
		]) {
			assert.match(error.message, pattern);
		}
		assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /planted/);
		return true;
	};
}

testEach("an object is named by its key, and tells people what it holds", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	await (await open()).save(KEY, { v: 3, watermark: "ü" }, undefined);
	const [[name, object] = []] = simulated.objects;
	assert.equal(name, "kube audit/prod/prod/123456789012%2Feu-central-1%2Faws%2Feks%2Fprod%2Fcluster/fast.json");
	const { v, cursor, writeId, savedAt, ...rest } = JSON.parse(String(object?.body));
	assert.deepEqual({ v, cursor, rest }, { v: 1, cursor: { v: 3, watermark: "ü" }, rest: {} });
	assert.match(writeId, /^[0-9a-f-]{36}$/);
	assert.ok(Math.abs(Date.parse(savedAt) - Date.now()) < 60_000);
	await (await open()).save({ source: "..", scope: ".", tier: "memory" }, { v: 1 }, undefined);
	assert.ok(simulated.objects.has("kube audit/prod/%2E%2E/%2E/memory.json"));
});

/** Faults after which waiting helps, of a call that was not done. */
const PASSING: readonly (readonly [fault: ObjectFault, says: RegExp])[] = [
	["throttle", /the service is busy \((503 SlowDown|429 rateLimitExceeded|503 ServerBusy)\)/],
	["unavailable", /InternalError|backendError/],
	["bad-gateway", /502/],
	["reset", /ECONNRESET|socket hang up|aborted/i],
	["expired", /ExpiredToken|authError|InvalidAuthenticationInfo/],
	["busy-object", /nothing changed|ExpiredToken/],
];

testEach("what may pass is said to be unavailable, after one attempt, and nothing is changed by it", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	const version = await store.save(KEY, { v: 1, at: 1 }, undefined);
	for (const [fault, says] of PASSING) {
		const before = simulated.requests();
		simulated.plan.push(fault);
		await assert.rejects(store.save(KEY, { v: 1, at: 2 }, version), told("CHECKPOINT_UNAVAILABLE", says));
		assert.equal(simulated.requests() - before, fault === "busy-object" ? 2 : 1, fault);
		if (fault === "busy-object") continue;
		simulated.plan.push(fault);
		await assert.rejects(store.load(KEY), told("CHECKPOINT_UNAVAILABLE", says));
	}
	assert.deepEqual(await store.load(KEY), { cursor: { v: 1, at: 1 }, version });
	const next = await store.save(KEY, { v: 1, at: 2 }, version);
	assert.deepEqual(await (await open()).load(KEY), { cursor: { v: 1, at: 2 }, version: next });
});

testEach("the service's own word on how long to wait is handed on", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	for (const call of [() => store.load(KEY), () => store.save(KEY, { v: 1 }, undefined)]) {
		simulated.plan.push("throttle");
		await assert.rejects(call, { code: "CHECKPOINT_UNAVAILABLE", retryAfterMs: 7_000 });
	}
});

/** The permission that each cloud calls for, by its exact name. */
const PERMISSIONS: Readonly<Record<CloudName, readonly [get: RegExp, put: RegExp]>> = {
	s3: [/s3:GetObject.*s3:ListBucket/, /s3:PutObject/],
	gs: [/storage\.objects\.get\b/, /storage\.objects\.create\b.*storage\.objects\.delete\b/],
	azblob: [/containers\/blobs\/read .*Storage Blob Data Contributor/, /containers\/blobs\/write .*Storage Blob Data Contributor/],
};

testEach("a denial is a matter of settings, and names the permission", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	const [get, put] = PERMISSIONS[cloud];
	simulated.plan.push("denied", "denied");
	await assert.rejects(store.load(KEY), told("CONFIG_INVALID", /cannot load/, /permission denied/, get));
	await assert.rejects(store.save(KEY, { v: 1 }, undefined), told("CONFIG_INVALID", /cannot save/, /permission denied/, put));
});

testEach("a bucket that does not exist is no missing checkpoint", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	simulated.plan.push("no-bucket", "no-bucket");
	await assert.rejects(store.load(KEY), told("CONFIG_INVALID", /(bucket|container) .*audit-bucket does not exist/));
	await assert.rejects(store.save(KEY, { v: 1 }, undefined), told("CONFIG_INVALID", /does not exist, make it/));
});

testEach("a save whose answer never comes ends in time, and is known as ours when it is tried again", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open({ timeoutMs: 250 });
	let version = await store.save(KEY, { v: 1, at: 0 }, undefined);
	for (const fault of ["unanswered", "lost"] as const) {
		const cursor = { v: 1, at: fault };
		simulated.plan.push(fault);
		await assert.rejects(store.save(KEY, cursor, version), told("CHECKPOINT_UNAVAILABLE"));
		const written = [...simulated.objects.values()][0]?.version;
		assert.notEqual(written, version, "the service had done it");
		assert.equal(await store.save(KEY, cursor, version), written, "and it is not done twice");
		version = written as string;
	}
	await store.save(KEY, { v: 1, at: 9 }, version);
});

testEach("a first save whose answer was lost may be followed by another cursor", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	// The answer to the second is lost as well, and that of the look at what is stored.
	simulated.plan.push("lost", undefined, undefined, "lost", undefined, "cut");
	await assert.rejects(store.save(KEY, { v: 1, at: 1 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
	await assert.rejects(store.save(KEY, { v: 1, at: 2 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
	await assert.rejects(store.save(KEY, { v: 1, at: 3 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
	const version = await store.save(KEY, { v: 1, at: 4 }, undefined);
	assert.deepEqual(await store.load(KEY), { cursor: { v: 1, at: 4 }, version });
});

testEach("a save whose answer was lost, and that somebody built on, is a conflict", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const [store, other] = [await open(), await open()];
	simulated.plan.push("lost");
	await assert.rejects(store.save(KEY, { v: 1, at: 1 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
	const seen = await other.load(KEY);
	const version = await other.save(KEY, { v: 1, at: 1 }, seen?.version);
	await assert.rejects(store.save(KEY, { v: 1, at: 1 }, undefined), { code: "CHECKPOINT_CONFLICT" });
	assert.deepEqual(await store.load(KEY), { cursor: { v: 1, at: 1 }, version });
});

testEach("two saves at once of one handle are two writers, also after an answer was lost", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	simulated.plan.push("lost");
	await assert.rejects(store.save(KEY, { v: 1, at: 1 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
	let version: string | undefined;
	for (const round of [1, 2]) {
		const saves = await Promise.allSettled([2, 3].map((at) => store.save(KEY, { v: 1, round, at }, version)));
		const won = saves.flatMap((save, at) => (save.status === "fulfilled" ? [{ version: save.value, at: at + 2 }] : []));
		assert.equal(won.length, 1);
		version = won[0]?.version;
		assert.deepEqual(await store.load(KEY), { cursor: { v: 1, round, at: won[0]?.at }, version });
	}
});

testEach("an object that is removed while in use is a conflict, not a new beginning", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	const version = await store.save(KEY, { v: 1, at: 1 }, undefined);
	simulated.objects.clear();
	await assert.rejects(store.save(KEY, { v: 1, at: 2 }, version), { code: "CHECKPOINT_CONFLICT" });
	assert.equal(simulated.objects.size, 0);
});

testEach("a success that lacks its version, or breaks off, is no success", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open({ timeoutMs: 1_000 });
	const cursor = { v: 1, filler: "x".repeat(5_000) };
	await store.save(KEY, cursor, undefined);
	for (const fault of ["bare", "cut"] as const) {
		simulated.plan.push(fault);
		await assert.rejects(store.load(KEY), told("CHECKPOINT_UNAVAILABLE"));
	}
	const other = { ...KEY, source: "prod", tier: "memory" } as const;
	simulated.plan.push("bare");
	await assert.rejects(store.save(other, cursor, undefined), told("CHECKPOINT_UNAVAILABLE"));
	await store.save(other, cursor, undefined);
});

const GOOD = { v: 1, cursor: { v: 1, at: 5 }, writeId: "w", savedAt: "2026-11-23T10:00:00Z" };
const BROKEN: readonly (string | Buffer)[] = [
	"",
	"{",
	"null",
	"[]",
	'"text"',
	"<html>not found</html>",
	JSON.stringify(GOOD).slice(0, -5),
	JSON.stringify({ ...GOOD, v: undefined }),
	JSON.stringify({ ...GOOD, cursor: undefined }),
	JSON.stringify({ ...GOOD, cursor: [1] }),
	JSON.stringify({ ...GOOD, cursor: { v: "1" } }),
	JSON.stringify({ ...GOOD, writeId: 7 }),
	Buffer.concat([Buffer.from('{"v":1,"cursor":{"v":1,"at":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"},"writeId":"w"}')]),
];

testEach("a damaged object is refused with the way out, and written over only when started anew", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	const first = await store.save(KEY, { v: 1 }, undefined);
	const object = [...simulated.objects.values()][0] as { body: Buffer; version: string };
	for (const body of BROKEN) {
		object.body = Buffer.from(body);
		await assert.rejects(store.load(KEY), told("CONFIG_INVALID", /is damaged/, /kube-audit run --start-from TIME/));
	}
	object.version = cloud === "gs" ? "1800000000000000" : '"0x8DFFFFFFFFFFFFF"';
	for (const expected of [first, undefined]) await assert.rejects(store.save(KEY, { v: 1 }, expected), { code: "CHECKPOINT_CONFLICT" });

	const [anew, late] = [await open({ startAnew: true }), await open({ startAnew: true })];
	for (const handle of [anew, late]) assert.equal(await handle.load(KEY), undefined);
	const version = await anew.save(KEY, { v: 1, at: 9 }, undefined);
	await assert.rejects(late.save(KEY, { v: 1, at: 8 }, undefined), { code: "CHECKPOINT_CONFLICT" });
	assert.deepEqual(await store.load(KEY), { cursor: { v: 1, at: 9 }, version });
});

testEach("an object of a newer release is refused, and named as such", async (context, cloud) => {
	const { simulated, open } = await cloudFor(context, cloud);
	const store = await open();
	await store.save(KEY, { v: 1 }, undefined);
	for (const object of simulated.objects.values()) object.body = Buffer.from(JSON.stringify({ ...GOOD, v: 2 }));
	await assert.rejects(store.load(KEY), { code: "CONFIG_INVALID", message: /newer kube-audit: update this one.*--start-from TIME/ });
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { folderFor } from "../../test/temp-folder.ts";
import { CollectorError } from "../contract/errors.ts";
import { serveObjects } from "../simulation/object-store.ts";
import { openCheckpoints } from "./stores.ts";
import { createClouds } from "./test-clouds.ts";
import { KEY, testCheckpoints } from "./test-contract.ts";

const cloudFor = await createClouds(serveObjects);

testCheckpoints(
	"memory",
	async () => {
		const store = await openCheckpoints("memory:");
		return { open: async () => store };
	},
	50,
);

test("what is kept in memory is its own store's", async () => {
	await using one = await openCheckpoints("memory:");
	await using other = await openCheckpoints("memory:");
	await one.save(KEY, { v: 1 }, undefined);
	assert.equal(await other.load(KEY), undefined);
});

test("a file is named by its path, or by its address", async (context) => {
	const path = join(folderFor(context), "checkpoints 1.db");
	for (const spec of [`file:${path}`, pathToFileURL(path).href]) {
		await using store = await openCheckpoints(spec);
		const loaded = await store.load(KEY);
		await store.save(KEY, { v: 1, spec }, loaded?.version);
		assert.equal(loaded?.cursor["spec"], spec.startsWith("file://") ? `file:${path}` : undefined);
	}
	assert.ok(existsSync(path));
});

test("what names no store is refused with the forms that there are", async () => {
	const specs = [
		"",
		"checkpoints.db",
		"/var/lib/checkpoints.db",
		"memory",
		"memory:x",
		"file:",
		"file://host/checkpoints.db",
		"redis://host/1",
		"S3://bucket",
		"s3:bucket/prefix",
		"s3://",
		"s3:///prefix",
		"s3://buc ket/prefix",
		"s3://bucket//prefix",
		"s3://bucket/a/../b",
		"gs://bucket/./a",
		"gs://bucket/a?b",
		"gs://bucket/a\nb",
		`gs://bucket/${"x".repeat(501)}`,
		"azblob://account",
		"azblob://account/",
		"azblob://user:planted@account/container",
		"https://account.blob.core.windows.net",
		"https://account.blob.core.windows.net/?sig=planted",
		"https://account.blob.core.windows.net/container/%zz?sig=planted",
		"https://user:planted@account.blob.core.windows.net/container",
		"https://storage.example.com/container?sig=planted",
		"http://account.blob.core.windows.net/container?sig=planted",
		"__proto__:x",
	];
	for (const spec of specs) {
		await assert.rejects(
			openCheckpoints(spec),
			(error) => {
				assert.ok(error instanceof CollectorError, spec);
				assert.equal(error.code, "CONFIG_INVALID");
				for (const form of ["memory:", "file:PATH", "s3://", "gs://", "azblob://", "https://"])
					assert.ok(error.message.includes(form), spec);
				assert.doesNotMatch(error.message, /planted/);
				return true;
			},
			JSON.stringify(spec),
		);
	}
});

test("a bucket alone, and a slash at the end, are as good as a prefix", async (context) => {
	const { simulated, options } = await cloudFor(context, "s3");
	for (const [spec, name] of [
		["s3://audit-bucket", "prod/"],
		["s3://audit-bucket/a/", "a/prod/"],
		["s3://audit-bucket/ä b/c", "ä b/c/prod/"],
	] as const) {
		simulated.objects.clear();
		await using store = await openCheckpoints(spec, options);
		await store.save(KEY, { v: 1 }, undefined);
		assert.ok([...simulated.objects.keys()][0]?.startsWith(name), spec);
	}
});

test("an address with a shared access signature needs no other credentials, and no error repeats it", async (context) => {
	const { simulated, options } = await cloudFor(context, "azblob");
	const { credential: _, ...azblob } = options.azblob ?? {};
	const spec = "https://account.blob.core.chinacloudapi.cn/audit-bucket/a%20b?sv=2026-02-06&sr=c&sp=rw&sig=planted%2Fsignature%3D";
	await using store = await openCheckpoints(spec, { azblob: { ...azblob, timeoutMs: 300 } });
	const version = await store.save(KEY, { v: 1 }, undefined);
	assert.ok([...simulated.objects.keys()][0]?.startsWith("a b/prod/"));
	for (const fault of ["denied", "no-bucket", "reset", "silence", "throttle", "cut"] as const) {
		simulated.plan.push(fault, fault);
		for (const call of [store.load(KEY), store.save(KEY, { v: 1 }, version)]) {
			const error = await call.then(
				() => undefined,
				(reason: unknown) => reason,
			);
			// Half of the answer to a save is a whole one, if it has no body.
			if (error === undefined) assert.equal(fault, "cut");
			else assert.ok(error instanceof CollectorError && !`${error.stack}${error.message}`.includes("planted"), String(error));
		}
	}
});

test("nothing is asked of a cloud before the first load", async (context) => {
	const { simulated, open } = await cloudFor(context, "gs");
	await open();
	assert.equal(simulated.requests(), 0);
});

test("with no AWS Region anywhere the settings are at fault", async () => {
	const names = ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] as const;
	const before = names.map((name) => process.env[name]);
	for (const name of names) delete process.env[name];
	for (const name of names.slice(2)) process.env[name] = "/nonexistent";
	try {
		await assert.rejects(openCheckpoints("s3://audit-bucket/p"), { code: "CONFIG_INVALID", message: /no AWS Region is known/ });
	} finally {
		for (const [at, name] of names.entries()) {
			const value = before[at];
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	}
});

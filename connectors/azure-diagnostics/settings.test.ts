import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { quotaOf, settings } from "./settings.ts";
import { targetOf } from "./target.ts";

const ID = "11111111-2222-3333-4444-555555555555";
const CLUSTER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/shop";
const parse = (changes: object = {}): ReturnType<typeof settings.parse> => settings.parse({ workspaces: [ID], ...changes });

test("a workspace is enough", () => {
	const { identity, quota, limits, cloud } = parse();
	assert.deepEqual(identity, { kind: "default" });
	assert.deepEqual(quota, { share: 0.4, per30Seconds: 200 });
	assert.equal(cloud, "public");
	assert.equal(limits.answerBytesMax, 4 * 1024 * 1024);
});

test("unknown keys and impossible values are refused", () => {
	const cases: readonly object[] = [
		{ workspaces: [] },
		{ workspaces: ["my-workspace"] },
		{ worksapces: [ID] },
		{ tables: ["Heartbeat"] },
		{ resourceIds: ['/subscriptions/x") | union Secrets //'] },
		{ resourceIds: ["shop"] },
		{ cloud: "germany" },
		{ identity: { kind: "managed", secret: "x" } },
		{ identity: { kind: "service-principal", tenantId: ID, clientId: ID } },
		{ quota: { share: 1.1 } },
		{ limits: { answerBytesMax: 100_000_000 } },
		{ limits: { queryTimeoutSeconds: 601 } },
	];
	for (const changes of cases) assert.equal(settings.safeParse({ workspaces: [ID], ...changes }).success, false, JSON.stringify(changes));
	assert.equal(settings.safeParse({}).success, false);
	assert.deepEqual(parse({ resourceIds: [CLUSTER] }).resourceIds, [CLUSTER]);
});

test("every key explains itself in the JSON Schema", () => {
	const schema = z.toJSONSchema(settings, { io: "input" }) as { properties: Record<string, { description?: string }> };
	for (const [key, { description }] of Object.entries(schema.properties)) assert.ok(description, key);
});

test("the quota's share is what is used", () => {
	assert.deepEqual(quotaOf(parse()), { perSecond: (0.4 * 200) / 30, burst: 2 });
	assert.deepEqual(quotaOf(parse({ quota: { share: 0.1, per30Seconds: 30 } })), { perSecond: 0.1, burst: 1 });
});

test("each cloud has its own endpoint, audience and authority", () => {
	const { endpoint, audience, authorityHost, isInsecure } = targetOf(parse({ cloud: "usgovernment" }), false);
	assert.equal(endpoint, "https://api.loganalytics.us/v1");
	assert.equal(audience, "https://api.loganalytics.us");
	assert.equal(authorityHost, "https://login.microsoftonline.us");
	assert.equal(isInsecure, false);
	assert.equal(targetOf(parse({ cloud: "china" }), false).endpoint, "https://api.loganalytics.azure.cn/v1");
	const own = parse({ endpoint: "https://logs.example/v1/", audience: "https://logs.example/", authorityHost: "https://login.example" });
	assert.deepEqual(targetOf(own, false), {
		endpoint: "https://logs.example/v1",
		audience: "https://logs.example",
		authorityHost: "https://login.example",
		isInsecure: false,
	});
});

test("tokens go over plain http to loopback only, unless it is asked for", () => {
	for (const endpoint of ["http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]:1/v1"])
		assert.equal(targetOf(parse({ endpoint }), false).isInsecure, true);
	const far = parse({ endpoint: "http://logs.example/v1" });
	assert.throws(() => targetOf(far, false), { code: "CONFIG_INVALID" });
	assert.deepEqual([targetOf(far, true).endpoint, targetOf(far, true).isInsecure], ["https://logs.example/v1", true]);
	assert.throws(() => targetOf(parse({ endpoint: "http://127.0.0.1.example/v1" }), false), { code: "CONFIG_INVALID" });
});

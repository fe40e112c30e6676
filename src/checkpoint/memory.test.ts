import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckpointKey } from "../contract/checkpoint.ts";
import { createMemoryCheckpoints } from "./memory.ts";

const key: CheckpointKey = { source: "s", scope: "p", tier: "fast" };

test("a cursor is loaded as it was saved, and only with the version that was seen last it is replaced", async () => {
	const store = createMemoryCheckpoints();
	assert.equal(await store.load(key), undefined);
	const first = await store.save(key, { v: 1, at: [1] }, undefined);
	assert.deepEqual(await store.load(key), { cursor: { v: 1, at: [1] }, version: first });
	const second = await store.save(key, { v: 1, at: [2] }, first);
	assert.notEqual(second, first);
	for (const stale of [undefined, first, "other"])
		await assert.rejects(store.save(key, { v: 1 }, stale), { code: "CHECKPOINT_CONFLICT", action: "stop-source" });
	assert.deepEqual(await store.load(key), { cursor: { v: 1, at: [2] }, version: second });
});

test("what was never saved has no version that could be expected", async () => {
	await assert.rejects(createMemoryCheckpoints().save(key, { v: 1 }, "1"), { code: "CHECKPOINT_CONFLICT" });
});

test("keys differ in each of their parts, however these are put together", async () => {
	const store = createMemoryCheckpoints();
	const keys: readonly CheckpointKey[] = [
		key,
		{ ...key, source: "t" },
		{ ...key, scope: "q" },
		{ ...key, tier: "memory" },
		{ source: "s p", scope: "", tier: "fast" },
		{ source: 's","p', scope: "x", tier: "fast" },
	];
	for (const [at, each] of keys.entries()) await store.save(each, { v: 1, at }, undefined);
	for (const [at, each] of keys.entries()) assert.deepEqual((await store.load(each))?.cursor, { v: 1, at });
});

test("a cursor that its owner changes later is kept as it was saved", async () => {
	const store = createMemoryCheckpoints();
	const at = [1];
	await store.save(key, { v: 1, at }, undefined);
	at.push(2);
	assert.deepEqual((await store.load(key))?.cursor, { v: 1, at: [1] });
});

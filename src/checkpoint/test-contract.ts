/** What every checkpoint store promises, as tests that each store's own test runs. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import type { Cursor } from "../contract/record.ts";

/** One empty place where checkpoints are kept. */
export interface Place {
	/** Another handle on it, as another program would have. */
	open(): Promise<CheckpointStore>;
	/** The next save of any handle is done, but its answer is lost. Absent: a store that has no answers to lose. */
	loseNextAnswer?(): void;
}

export const KEY: CheckpointKey = { source: "prod", scope: "123456789012/eu-central-1/aws/eks/prod/cluster", tier: "fast" };

/** `create` makes a place for one test. */
export function testCheckpoints(name: string, create: (context: TestContext) => Promise<Place>, runs: number): void {
	test(`${name}: what was never saved is not there, and has no version that could be expected`, async (context) => {
		const store = await (await create(context)).open();
		assert.equal(await store.load(KEY), undefined);
		await assert.rejects(store.save(KEY, { v: 1 }, "1"), { code: "CHECKPOINT_CONFLICT", action: "stop-source" });
		assert.equal(await store.load(KEY), undefined);
	});

	test(`${name}: cursors come back as they were saved, to every handle, whatever their version and shape`, async (context) => {
		const place = await create(context);
		const [store, other] = [await place.open(), await place.open()];
		let version: Version | undefined;
		for (const cursor of CURSORS) {
			version = await store.save(KEY, cursor, version);
			assert.deepEqual(await store.load(KEY), { cursor, version });
			assert.deepEqual(await other.load(KEY), { cursor, version });
		}
	});

	test(`${name}: each save has a version of its own, and only the last of them may be replaced`, async (context) => {
		const place = await create(context);
		const [store, other] = [await place.open(), await place.open()];
		const first = await store.save(KEY, { v: 1, at: 1 }, undefined);
		const second = await other.save(KEY, { v: 1, at: 1 }, first);
		const third = await store.save(KEY, { v: 1, at: 1 }, second);
		assert.equal(new Set([first, second, third]).size, 3);
		for (const stale of [undefined, first, second, "another"]) {
			for (const handle of [store, other]) {
				await assert.rejects(handle.save(KEY, { v: 1, at: 2 }, stale), (error: Error) => {
					assert.match(error.message, /somebody else saved .*"prod".*one collector/);
					return (error as { code?: string }).code === "CHECKPOINT_CONFLICT";
				});
			}
		}
		assert.deepEqual(await other.load(KEY), { cursor: { v: 1, at: 1 }, version: third });
	});

	test(`${name}: keys differ in each of their parts, however these are put together`, async (context) => {
		const store = await (await create(context)).open();
		for (const [at, key] of KEYS.entries()) await store.save(key, { v: 1, at }, undefined);
		for (const [at, key] of KEYS.entries()) assert.deepEqual((await store.load(key))?.cursor, { v: 1, at });
	});

	test(`${name}: of two that save at the same moment, one wins`, async (context) => {
		const place = await create(context);
		const handles = [await place.open(), await place.open()];
		let version: Version | undefined;
		for (let round = 0; round < 5; round++) {
			const saves = await Promise.allSettled(handles.map((handle, at) => handle.save(KEY, { v: 1, round, at }, version)));
			const winners = saves.flatMap((save, at) => (save.status === "fulfilled" ? [{ at, version: save.value }] : []));
			assert.equal(winners.length, 1);
			const loser = saves.find(({ status }) => status === "rejected") as PromiseRejectedResult;
			assert.equal(loser.reason.code, "CHECKPOINT_CONFLICT");
			version = winners[0]?.version;
			assert.deepEqual(await handles[0]?.load(KEY), { cursor: { v: 1, round, at: winners[0]?.at }, version });
		}
	});

	test(`${name}: however two writers take turns, no version is won twice, and nobody is refused for ever`, async (context) => {
		await fc.assert(
			fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 16 }), async (steps) => takeTurns(await create(context), steps)),
			{ numRuns: runs, seed: 7, endOnFailure: true },
		);
	});
}

const CURSORS: readonly Cursor[] = [
	{ v: 1 },
	{ v: 0, old: "shape" },
	{ v: 99, from: "a later release", watermark: "2026-11-23T10:00:00.1234567Z" },
	{ v: 2, text: 'Größe 日本語 \u{1f980} \u2028 \ud800 \0 " \\ </script> %2F', "": "empty", ключ: [null, true, -0.5, 1e-7] },
	{ v: 2, big: "9223372036854775807", bigger: "18446744073709551616" },
	JSON.parse('{ "v": 3, "__proto__": { "polluted": true }, "constructor": 1 }') as Cursor,
	{ v: 3, deep: JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) as unknown },
	{ v: 3, ids: Array.from({ length: 5_000 }, (_, at) => `id-${at}-${"x".repeat(40)}`) },
];

const KEYS: readonly CheckpointKey[] = [
	KEY,
	{ ...KEY, source: "PROD" },
	{ ...KEY, source: "prod/123456789012", scope: "eu-central-1/aws/eks/prod/cluster" },
	{ ...KEY, scope: `${KEY.scope}/` },
	{ ...KEY, tier: "memory" },
	{ source: "a/b", scope: "c", tier: "fast" },
	{ source: "a", scope: "b/c", tier: "fast" },
	{ source: "a%2Fb", scope: "c", tier: "fast" },
	{ source: "", scope: "", tier: "fast" },
	{ source: "~", scope: "~", tier: "fast" },
	{ source: "..", scope: ".", tier: "fast" },
	{ source: "%2E%2E", scope: ".", tier: "fast" },
	{ source: "s", scope: "ü \u{1f980}?#&=+'", tier: "fast" },
	{ source: "s", scope: "a\nb\0", tier: "fast" },
	{ source: "s", scope: "\ud800", tier: "fast" },
	{ source: "s", scope: "\ufffd", tier: "fast" },
	{ source: "s", scope: "x".repeat(3_000), tier: "fast" },
	{ source: "s", scope: `${"x".repeat(2_999)}y`, tier: "fast" },
];

type Step = { readonly writer: 0 | 1; readonly does: "load" | "save" | "save-unanswered" };

const STEP: fc.Arbitrary<Step> = fc.record({
	writer: fc.constantFrom(0 as const, 1 as const),
	does: fc.constantFrom("load", "save", "save", "save-unanswered"),
});

/** A writer and what it knows: the save it saw last, and one it made from there and never heard of. Saves are numbered. */
interface Writer {
	readonly store: CheckpointStore;
	version: Version | undefined;
	seen: number;
	unheard: number | undefined;
}

/** The plain model: what is stored is the number of the last save that was done, 0 for none. */
async function takeTurns(place: Place, steps: readonly Step[]): Promise<void> {
	const writers = [await newWriter(place), await newWriter(place)] as const;
	let stored = 0;
	for (const [at, { writer: index, does }] of steps.entries()) {
		const writer = writers[index];
		const serial = at + 1;
		const isOwn = writer.unheard !== undefined && writer.unheard === stored;
		if (does === "load") {
			const loaded = await writer.store.load(KEY);
			assert.equal(loaded?.cursor["serial"] ?? 0, stored);
			Object.assign(writer, { version: loaded?.version, seen: stored, unheard: undefined });
		} else if (does === "save-unanswered" && place.loseNextAnswer !== undefined) {
			place.loseNextAnswer();
			await assert.rejects(writer.store.save(KEY, { v: 1, serial }, writer.version), { code: "CHECKPOINT_UNAVAILABLE" });
			if (writer.seen === stored) stored = writer.unheard = serial;
		} else if (writer.seen === stored || isOwn) {
			writer.version = await writer.store.save(KEY, { v: 1, serial }, writer.version);
			Object.assign(writer, { seen: serial, unheard: undefined });
			stored = serial;
		} else {
			await assert.rejects(writer.store.save(KEY, { v: 1, serial }, writer.version), { code: "CHECKPOINT_CONFLICT" });
			writer.unheard = undefined;
		}
	}
	assert.equal((await writers[0].store.load(KEY))?.cursor["serial"] ?? 0, stored);
}

async function newWriter(place: Place): Promise<Writer> {
	return { store: await place.open(), version: undefined, seen: 0, unheard: undefined };
}

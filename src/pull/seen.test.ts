import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addKeys, digestOf as digestOfSet, emptyDigest, packDigest, sameDigest, unpackDigest } from "./digest.ts";
import { createKeySet, type KeySet } from "./key-set.ts";
import { createSeen, minuteOf, type Seen } from "./seen.ts";

const MINUTE = 60_000;

function setOf(ids: Iterable<string>): KeySet {
	const set = createKeySet();
	for (const id of ids) set.add(id);
	return set;
}

const digestOf = (ids: Iterable<string>) => digestOfSet(setOf(ids));

function restored(seen: Seen): Seen {
	return createSeen(0, JSON.parse(JSON.stringify(seen.save())));
}

test("a record is new once", () => {
	const seen = createSeen(0);
	assert.deepEqual([seen.add("a", 5, 0), seen.add("a", 5, 1), seen.add("b", 5, 1)], [true, false, true]);
});

test("only what is settled is saved", () => {
	const seen = createSeen(0);
	seen.add("a", 5, 0);
	seen.add("b", 5, 1);
	seen.settled(0);
	const again = restored(seen);
	assert.deepEqual([again.add("a", 5, 0), again.add("b", 5, 0)], [false, true]);
});

test("what is forgotten leaves a digest of its minute, and that outlasts a restart", () => {
	const seen = createSeen(0);
	seen.add("a", 10, 0);
	seen.add("b", MINUTE + 1, 0);
	seen.settled(0);
	seen.forget(MINUTE + 30_000);
	const again = restored(seen);
	assert.equal(again.forgottenMs(), MINUTE);
	assert.ok(sameDigest(again.digestOf(0), digestOf(["a"])));
	assert.equal(again.add("b", MINUTE + 1, 0), false, "its minute is not over");
	again.drop(5 * MINUTE);
	assert.ok(sameDigest(again.digestOf(0), emptyDigest()));
});

test("digests of different sets differ, in whatever order a set comes, and survive packing", () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.string()), fc.uniqueArray(fc.string()), (a, b) => {
			const isSame = a.length === b.length && new Set([...a, ...b]).size === a.length;
			assert.equal(sameDigest(digestOf(a), digestOf(b)), isSame);
			assert.ok(sameDigest(digestOf(a), digestOf([...a].reverse())));
			assert.ok(sameDigest(unpackDigest(packDigest(digestOf(a))), digestOf(a)));
		}),
	);
});

test("the sum carries from word to word", () => {
	const digest = emptyDigest();
	digest.sum.fill(0xffff_ffff);
	addKeys(digest, setOf(["a"]));
	const alone = digestOf(["a"]);
	// 2^256 - 1 + x = x - 1 (mod 2^256)
	const asNumber = (sum: Uint32Array): bigint => sum.reduce((all, word) => (all << 32n) | BigInt(word), 0n);
	assert.equal(asNumber(digest.sum), asNumber(alone.sum) - 1n);
});

test("whatever is added, settled and forgotten, memory tells as a plain set would", () => {
	const step = fc.record({ id: fc.nat(30), timeMs: fc.nat(10 * MINUTE), settle: fc.boolean(), forget: fc.option(fc.nat(10 * MINUTE)) });
	fc.assert(
		fc.property(fc.array(step), (steps) => {
			let seen = createSeen(0);
			const known = new Map<string, number>();
			for (const [seq, { id, timeMs, settle, forget }] of steps.entries()) {
				const name = `${id}@${timeMs}`;
				if (timeMs < seen.forgottenMs()) continue;
				assert.equal(seen.add(name, timeMs, seq), !known.has(name));
				known.set(name, timeMs);
				if (!settle) continue;
				seen.settled(seq);
				if (forget !== null) seen.forget(forget);
				seen = restored(seen);
			}
			seen.settled(steps.length);
			seen.forget(11 * MINUTE);
			for (let minuteMs = 0; minuteMs < 11 * MINUTE; minuteMs += MINUTE) {
				const ids = [...known].filter(([, timeMs]) => minuteOf(timeMs) === minuteMs).map(([id]) => id);
				const { count } = seen.digestOf(minuteMs);
				assert.ok(count <= ids.length);
			}
		}),
	);
});

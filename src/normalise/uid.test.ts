import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { auditText } from "./test-arbitrary.ts";
import { decodedOf, EVENT } from "./test-events.ts";
import { uidOf } from "./uid.ts";

const uid = (source: object | string, clusterKey = "c", key?: string): string => uidOf(clusterKey, decodedOf(source).identity, key);

test("it is a UUID of version 8, of the hash of cluster and identity", () => {
	const identity = Buffer.from('"auditID":"é"}');
	const input = Buffer.concat([Buffer.from("clüster"), Buffer.from([0]), identity]);
	const digits = (digest: string): string =>
		digest
			.slice(0, 32)
			.replace(/^(.{12})./, "$18")
			.replace(/^(.{17})/, "$1");
	for (const [made, digest] of [
		[uidOf("clüster", identity), createHash("sha256").update(input).digest("hex")],
		[uidOf("clüster", identity, "key"), createHmac("sha256", "key").update(input).digest("hex")],
	] as const) {
		assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		const plain = made.replaceAll("-", "");
		const expected = digits(digest);
		assert.equal(plain.slice(0, 16) + plain.slice(17), expected.slice(0, 16) + expected.slice(17));
	}
});

test("nothing is left over of events before, however large, and of whatever cluster", () => {
	const sizes = [0, 1, 2_000, 65_535, 65_536, 70_000, 3];
	for (const size of [...sizes, ...sizes.toReversed()]) {
		for (const clusterKey of ["c", "", "clüster", "x".repeat(70_000), "c"]) {
			const identity = Buffer.alloc(size, clusterKey.slice(0, 1) || "y");
			const digest = createHash("sha256").update(clusterKey).update("\0").update(identity).digest("hex");
			assert.equal(uidOf(clusterKey, identity).slice(-12), digest.slice(20, 32), `${clusterKey.slice(0, 9)} ${size}`);
		}
	}
});

test("a log line and the item of an EventList are the same event", () => {
	const { kind: _, apiVersion: __, ...item } = EVENT;
	assert.equal(uid(EVENT), uid(item));
	assert.equal(uid(` ${JSON.stringify(EVENT)}\n`), uid(item));
});

test("another cluster, another key, another event: another uid", () => {
	const others = [
		uid(EVENT, "d"),
		uid(EVENT, ""),
		uid(EVENT, "c", "key"),
		uid(EVENT, "c", "other"),
		uid(EVENT, "c", ""),
		uid({ ...EVENT, stage: "Panic" }),
		uid({ ...EVENT, kind: undefined, level: "Metadata" }),
		uid({ ...EVENT, hostname: "n" }),
		uid({ ...EVENT, apiVersion: "audit.k8s.io/v1", auditID: "other" }),
	];
	assert.equal(new Set([uid(EVENT), ...others]).size, others.length + 1);
});

test("what stands in the cluster's key cannot pass for the event's", () => {
	assert.notEqual(uidOf("a", Buffer.from("b")), uidOf("ab", Buffer.from("")));
	assert.notEqual(uidOf("a", Buffer.from("\u0000b")), uidOf("a", Buffer.from("b")));
});

test("equal for the same text, different for any other", () => {
	fc.assert(
		fc.property(auditText, auditText, (one, other) => {
			assert.equal(uid(one), uid(one));
			if (one !== other) assert.notEqual(uid(one), uid(other));
		}),
		{ numRuns: 200 },
	);
});

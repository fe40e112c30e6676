import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecodedEvent } from "../../contract/decode.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Origin } from "../../contract/record.ts";
import type { Prepared } from "../../contract/route.ts";
import { share } from "../../json/remember.ts";
import { createSummary } from "./summary.ts";

const DECODED: DecodedEvent = {
	kind: "event",
	event: { verb: "get", user: { username: "jane" }, responseStatus: { code: 200 } },
	envelope: {},
	identity: new Uint8Array(0),
	inferred: [],
};

function encodedAt(timeMs: number): Prepared {
	const event = { uid: "", timeMs, clusterKey: "", bytes: new Uint8Array(0) };
	return { kind: "encoded", event, marks: { redacted: new Map([["secrets", 2]]), truncated: false, inferred: false } };
}

test("a cluster is one row, by however many origins its events come, shared or not", () => {
	const { observer, clusters } = createSummary();
	const shop: Origin = { connector: "kubernetes", clusterName: "shop" };
	const origins = [share({ ...shop }), { ...shop }, share({ ...shop, logSource: "node-1" })];
	for (const [i, origin] of [...origins, ...origins].entries()) observer.event(DECODED, origin, encodedAt(i));
	observer.event(DECODED, share({ ...shop, region: "r" }), encodedAt(7));
	observer.skipped(shop, "other-log");
	observer.bad(share({ ...shop }), new CollectorError("RECORD_MALFORMED", "bad"));
	const [row, other, ...more] = clusters();
	assert.deepEqual(more, []);
	assert.deepEqual([row?.events, row?.firstMs, row?.lastMs, other?.events, other?.region], [6, 0, 5, 1, "r"]);
	assert.deepEqual(
		[row?.actors, row?.verbs, row?.outcomes].map((counts) => [...(counts ?? [])]),
		[[["jane", 6]], [["get", 6]], [["Success", 6]]],
	);
	assert.deepEqual(
		[row?.skipped, row?.quarantined, row?.redacted].map((counts) => [...(counts ?? [])]),
		[[["other-log", 1]], [["RECORD_MALFORMED", 1]], [["secrets", 12]]],
	);
});

test("bug: forged verbs and actors grew the summary without bound", () => {
	const { observer, clusters } = createSummary();
	const origin: Origin = { connector: "kubernetes", clusterName: "shop" };
	for (let i = 0; i < 11_000; i++) {
		observer.event({ ...DECODED, event: { verb: `v${i}`, user: { username: `u${i}` } } }, origin, encodedAt(i));
	}
	const [row] = clusters();
	assert.deepEqual([row?.events, row?.verbs.size, row?.verbs.get("(others)"), row?.actors.get("(others)")], [11_000, 101, 10_900, 1_000]);
});

/** A log event that was pulled decodes to exactly what the same event in a stored page decodes to. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Decoded } from "../../src/contract/decode.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { eventText } from "../../src/simulation/planted-event.ts";
import type { LogEvent } from "./client.ts";
import { decode } from "./decode.ts";
import { frame } from "./frame.ts";
import { liveRecord } from "./live-record.ts";

const FOLDER = new URL("../../fixtures/aws-cloudwatch/", import.meta.url).pathname;
const BYTES_MAX = DEFAULT_LIMITS.recordBytesMax;
const GROUP = "/aws/eks/prod/cluster";
const STREAM = "kube-apiserver-audit-0f1e2d3c4b5a69788796a5b4c3d2e1f0";

async function replayed(bytes: Uint8Array): Promise<readonly RawRecord[]> {
	const pages = await Array.fromAsync(
		frame(
			(async function* () {
				yield bytes;
			})(),
			"log-events",
			DEFAULT_LIMITS,
		),
	);
	return pages.flat();
}

/** What decoding gives of it, of both: pulled, and replayed from the text of its page. */
function both(event: LogEvent, stored: RawRecord): { readonly live: Decoded; readonly replay: Decoded } {
	const origin = { logName: GROUP, logSource: event.logStreamName };
	return { live: decode(liveRecord(event, origin, BYTES_MAX)), replay: decode({ ...stored, origin: { logName: GROUP } }) };
}

test("every stored page of FilterLogEvents gives the same events as if it had been pulled", async () => {
	let events = 0;
	for (const name of readdirSync(FOLDER).filter((file) => /^filter-.*\.raw\./.test(file))) {
		for (const stored of await replayed(readFileSync(join(FOLDER, name)))) {
			const event = JSON.parse(Buffer.from(stored.body).toString("utf8")) as LogEvent;
			const { live, replay } = both(event, stored);
			assert.deepEqual(live, replay, name);
			if (live.kind !== "event") continue;
			events++;
			assert.equal(live.envelope.recordId, event.eventId);
			assert.equal(live.origin?.logSource, event.logStreamName);
		}
	}
	assert.ok(events > 10, `${events} events were compared`);
});

const event = eventText("a-1", 1_795_446_516_744);
const messages = fc.oneof(
	fc.constantFrom(
		event,
		` ${event}\n`,
		`${event.slice(0, -30)}[Truncated...]`,
		event.replace("planter", "\ud800"),
		event.replace("planter", "\\ud800"),
	),
	fc.string({ unit: "binary" }),
	fc.string({ unit: "grapheme" }).map((text) => event.replace("planter", JSON.stringify(text).slice(1, -1))),
	fc.json(),
	fc.string().map((text) => `${event.slice(0, 60)}\udc00${text}`),
);

test("whatever the message is, both ways give the same", async () => {
	await fc.assert(
		fc.asyncProperty(messages, fc.nat(), fc.nat({ max: 2 ** 52 }), async (message, ingestionTime, timestamp) => {
			const known: LogEvent = { logStreamName: STREAM, timestamp, message, ingestionTime, eventId: "3".repeat(56) };
			const [stored] = await replayed(Buffer.from(JSON.stringify({ events: [known], searchedLogStreams: [] })));
			assert.ok(stored);
			const { live, replay } = both(known, stored);
			assert.deepEqual(live, replay);
		}),
		{ numRuns: 300 },
	);
});

test("the body is the message, and a record has the service's id and times", () => {
	const known = { logStreamName: STREAM, timestamp: 5, message: event, ingestionTime: 7, eventId: "36" };
	const { id, timeMs, loggedTimeMs, body } = liveRecord(known, {}, BYTES_MAX);
	assert.deepEqual(
		{ id, timeMs, loggedTimeMs, text: Buffer.from(body).toString("utf8") },
		{ id: "36", timeMs: 5, loggedTimeMs: 7, text: event },
	);
});

test("one over the limit keeps its place, and goes to quarantine", () => {
	const record = liveRecord({ logStreamName: STREAM, timestamp: 5, message: event, ingestionTime: 7, eventId: "36" }, {}, event.length - 1);
	assert.equal(record.error?.code, "RECORD_TOO_LARGE");
	assert.equal(record.whole?.sizeBytes, event.length);
	assert.deepEqual([record.id, record.timeMs, decode(record).kind], ["36", 5, "bad"]);
	assert.equal(
		liveRecord({ logStreamName: STREAM, timestamp: 5, message: event, ingestionTime: 7, eventId: "36" }, {}, event.length).error,
		undefined,
	);
});

test("an envelope that is none of ours is no fault: the body is judged by itself", () => {
	const decoded = decode({ id: "1", body: Buffer.from(event), envelope: { shape: "live" } });
	assert.equal(decoded.kind, "event");
});

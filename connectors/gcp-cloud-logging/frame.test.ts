import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RawRecord } from "../../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { chunksOf, recordsOf } from "../../src/framing/test-chunks.ts";
import { textOf } from "../../src/json/scan.ts";
import { decode } from "./decode.ts";
import { frame } from "./frame.ts";
import { type Members, plainOf, sampleEntry } from "./sample-entry.ts";

const ENTRIES = ["a", "b", "c"].map((insertId) => sampleEntry({ insertId }));
const [FIRST = {}] = ENTRIES;

async function framed(form: string, text: string | Uint8Array, chunkBytes = 64): Promise<readonly RawRecord[]> {
	return recordsOf(frame(chunksOf(text, [chunkBytes]), form, DEFAULT_LIMITS));
}

/** The insertIds of the entries in a text, in order. */
async function idsIn(form: string, text: string): Promise<readonly unknown[]> {
	const records = await framed(form, text);
	return records.map(({ body, error }) => (error === undefined ? (JSON.parse(textOf(body)) as Members)["insertId"] : error.code));
}

const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64");
const TIME = "2026-05-04T09:30:32.109Z";
const message = (entry: object): Members => ({ data: base64(entry), attributes: { a: "b" }, messageId: "17", publishTime: TIME });
const push = (entry: object): Members => ({
	message: { ...message(entry), message_id: "17", publish_time: TIME },
	subscription: "projects/example-prj/subscriptions/audit",
});
const pull = (entries: readonly object[]): Members => ({
	receivedMessages: entries.map((entry) => ({ ackId: "ack", message: message(entry) })),
});
const cloudEvent = (data: unknown): Members => ({
	specversion: "1.0",
	id: "e1",
	type: "google.cloud.audit.log.v1.written",
	source: "//x",
	data,
});

const TEXTS: readonly (readonly [form: string, what: string, text: string])[] = [
	["log-entries", "lines", lines(ENTRIES)],
	["log-entries", "an array", JSON.stringify(ENTRIES, null, 2)],
	["log-entries", "a page", JSON.stringify({ entries: ENTRIES, nextPageToken: "t" })],
	[
		"log-entries",
		"pages, some of them empty",
		lines([{ nextPageToken: "t" }, { entries: ENTRIES.slice(0, 1) }, {}, { entries: [] }, { entries: ENTRIES.slice(1) }]),
	],
	["log-entries", "an array of pages", JSON.stringify([{}, { entries: ENTRIES }, { nextPageToken: "t" }])],
	["pubsub", "a pull response", JSON.stringify(pull(ENTRIES), null, 2)],
	["pubsub", "pull responses, one of them empty", lines([pull(ENTRIES.slice(0, 2)), {}, pull(ENTRIES.slice(2))])],
	["pubsub", "pulled messages in an array", JSON.stringify(pull(ENTRIES)["receivedMessages"])],
	["pubsub", "pushes", lines(ENTRIES.map(push))],
	["pubsub", "messages alone", lines(ENTRIES.map(message))],
	["pubsub", "unwrapped pushes", lines(ENTRIES)],
	["eventarc", "structured events", lines(ENTRIES.map(cloudEvent))],
	["eventarc", "a batch of events", JSON.stringify(ENTRIES.map(cloudEvent))],
	["eventarc", "data in base64", lines(ENTRIES.map((entry) => ({ ...cloudEvent(undefined), data_base64: base64(entry) })))],
	["eventarc", "data as text", lines(ENTRIES.map((entry) => cloudEvent(JSON.stringify(entry))))],
	["eventarc", "bare entries", lines(ENTRIES)],
	["bigquery", "rows", lines(ENTRIES)],
	["bigquery", "an array of rows", JSON.stringify(ENTRIES)],
];

for (const [form, what, text] of TEXTS) {
	test(`${form}: ${what}`, async () => assert.deepEqual(await idsIn(form, text), ["a", "b", "c"]));
}

test("chunks of any size give the same records", async () => {
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...TEXTS), fc.integer({ min: 1, max: 900 }), async ([form, , text], chunkBytes) => {
			assert.deepEqual(await framed(form, text, chunkBytes), await framed(form, text, text.length));
		}),
		{ numRuns: 60 },
	);
});

test("nothing comes of empty pages", async () => {
	assert.deepEqual(await framed("log-entries", '{"nextPageToken":"t"}\n'), []);
	assert.deepEqual(await framed("pubsub", "{}\n"), []);
	assert.deepEqual(await framed("pubsub", '{"receivedMessages":[]}'), []);
});

test("what a message says around the entry is kept, but for what acknowledges it", async () => {
	const [record] = await framed(
		"pubsub",
		JSON.stringify({ receivedMessages: [{ ackId: "secret", message: message(FIRST), deliveryAttempt: 2 }] }),
	);
	assert.equal(record?.loggedTimeMs, Date.parse(TIME));
	const decoded = decode(record as RawRecord);
	assert.ok(decoded.kind === "event");
	assert.deepEqual(plainOf(decoded.envelope.rest?.["delivery"] ?? {}), {
		pubsub: { deliveryAttempt: 2, message: { attributes: { a: "b" }, messageId: "17", publishTime: TIME } },
	});
});

test("what a CloudEvent says around the entry is kept", async () => {
	const [record] = await framed("eventarc", JSON.stringify(cloudEvent(FIRST)));
	const decoded = decode(record as RawRecord);
	assert.ok(decoded.kind === "event");
	const { data: _, ...around } = cloudEvent(FIRST);
	assert.deepEqual(plainOf(decoded.envelope.rest?.["delivery"] ?? {}), { cloudEvent: around });
});

test("messages that hold no entry are skipped, those that hold no base64 are broken", async () => {
	const outcome = async (data: unknown): Promise<string> => {
		const [record] = await framed("pubsub", JSON.stringify({ message: { data, messageId: "1" }, subscription: "s" }));
		return decode(record as RawRecord).kind;
	};
	assert.equal(await outcome(Buffer.from("hello").toString("base64")), "skip");
	assert.equal(await outcome("AQIDBA=="), "skip");
	assert.equal(await outcome(undefined), "skip");
	assert.equal(await outcome("not base64!"), "bad");
	assert.equal(await outcome(5), "bad");
});

test("another type of CloudEvent is skipped", async () => {
	const [record] = await framed("eventarc", JSON.stringify({ ...cloudEvent(FIRST), type: "google.cloud.storage.object.v1.finalized" }));
	assert.deepEqual(decode(record as RawRecord), { kind: "skip", reason: "not-an-audit-event" });
});

test("of a delivery that is cut, the entry's beginning is salvaged", async () => {
	const entry = sampleEntry({ insertId: "a" }, { request: { text: "x".repeat(3_000) } });
	for (const [form, text] of [
		["pubsub", JSON.stringify(push(entry))],
		["eventarc", JSON.stringify(cloudEvent(entry))],
		["log-entries", JSON.stringify({ entries: [entry] })],
	] as const) {
		const [record] = await framed(form, text.slice(0, 3_000));
		const decoded = decode(record as RawRecord);
		assert.ok(decoded.kind === "event", form);
		assert.equal(decoded.truncated?.cutIn, "requestObject", form);
		assert.equal(decoded.event.user?.username, "dev@example.com", form);
	}
});

test("text between entries goes to quarantine, and so does an entry that is too large", async () => {
	assert.deepEqual(await idsIn("log-entries", `oops\n${lines(ENTRIES)}`), ["RECORD_MALFORMED", "a", "b", "c"]);
	const small = { ...DEFAULT_LIMITS, recordBytesMax: 100 };
	async function* bytes(): AsyncGenerator<Uint8Array> {
		yield Buffer.from(lines(ENTRIES.map(push)));
	}
	const records = (await Array.fromAsync(frame(bytes(), "pubsub", small))).flat();
	assert.deepEqual(
		records.map(({ error }) => error?.code),
		["RECORD_TOO_LARGE", "RECORD_TOO_LARGE", "RECORD_TOO_LARGE"],
	);
});

test("no bytes are too odd for any form", async () => {
	const whole = Buffer.from(TEXTS.map(([, , text]) => text).join("\n"));
	const edit = fc.record({ at: fc.nat(whole.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
	await fc.assert(
		fc.asyncProperty(fc.constantFrom("bigquery", "eventarc", "pubsub", "log-entries", "?"), fc.array(edit), async (form, edits) => {
			const bytes = Uint8Array.from(whole);
			for (const { at, byte } of edits) bytes[at] = byte;
			for (const record of await framed(form, bytes, 4_096)) decode(record);
		}),
		{ numRuns: 60 },
	);
});

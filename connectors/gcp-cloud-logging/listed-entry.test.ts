import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { RawRecord } from "../../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { textOf } from "../../src/json/scan.ts";
import { decode } from "./decode.ts";
import { FORMS } from "./forms.ts";
import { frame } from "./frame.ts";
import { listedEntry, readPage } from "./listed-entry.ts";
import { sampleEntry } from "./sample-entry.ts";
import { pageBody } from "./simulator.ts";

const FOLDER = new URL("../../fixtures/gcp-cloud-logging/", import.meta.url);
const [LOG_ENTRIES] = FORMS.filter(({ name }) => name === "log-entries").map(({ name }) => name);

async function framed(bytes: Uint8Array): Promise<readonly RawRecord[]> {
	async function* whole(): AsyncGenerator<Uint8Array> {
		yield bytes;
	}
	return (await Array.fromAsync(frame(whole(), LOG_ENTRIES ?? "", DEFAULT_LIMITS))).flat();
}

/** Files of single entries, of pages and of arrays: whatever is no delivery that wraps its entries. */
const FILES = readdirSync(FOLDER).filter(
	(name) => name.includes(".raw.") && !/^(?:bigquery|eventarc-structured|pubsub-(?:pull|push))/.test(name),
);

test("a record that is pulled decodes to exactly what the same record in a file does", async () => {
	let events = 0;
	for (const name of FILES) {
		const stored = await framed(readFileSync(new URL(name, FOLDER)));
		const page = readPage(pageBody({ entries: stored.map(({ body }) => listedEntry(body)), nextPageToken: "t" }));
		assert.equal(page?.nextPageToken, "t", name);
		assert.equal(page.entries.length, stored.length, name);
		page.entries.forEach((record, i) => {
			const decoded = decode(record);
			assert.deepEqual(decoded, decode(stored[i] as RawRecord), name);
			if (decoded.kind === "event") events++;
		});
	}
	assert.ok(events > 50, String(events));
});

test("an answer that is stored as it came is cut as the frame cuts it", async () => {
	for (const name of ["entries-list.raw.json", "entries-list-empty.raw.json"]) {
		const bytes = readFileSync(new URL(name, FOLDER));
		const stored = await framed(bytes);
		assert.deepEqual(
			readPage(bytes)?.entries.map(({ body }) => textOf(body)),
			stored.map(({ body }) => textOf(body)),
		);
	}
});

test("the id is the log, the time in nanoseconds and insertId; the place is the time of arrival", () => {
	const record = listedEntry(Buffer.from(JSON.stringify(sampleEntry())));
	assert.equal(
		record.id,
		"projects/example-prj/logs/cloudaudit.googleapis.com%2Factivity\n1777887000897797000\n3f1c0a52-54c4-4d3e-9d53-5a6c2bb30004",
	);
	assert.equal(record.timeMs, Date.parse("2026-05-04T09:30:31.017Z"));
	assert.equal(record.loggedTimeMs, record.timeMs);
	for (const key of ["logName", "timestamp", "insertId"]) {
		const odd = listedEntry(Buffer.from(JSON.stringify(sampleEntry({ [key]: undefined }))));
		assert.match(odd.id, /^[0-9a-f]{64}$/);
		assert.equal(odd.timeMs, record.timeMs);
	}
	assert.equal(listedEntry(Buffer.from("5")).timeMs, 0);
});

const NO_PAGES = [
	"",
	" ",
	"null",
	"[]",
	'"x"',
	'{"entries":5}',
	'{"entries":[{}',
	'{"entries":[{}]',
	'{"nextPageToken":5}',
	"{} {}",
	"<html>",
	'{"entries":{}}',
];

test("what is no page is told", () => {
	for (const text of NO_PAGES) assert.equal(readPage(Buffer.from(text)), undefined, text);
	assert.deepEqual(readPage(Buffer.from(" {} ")), { entries: [] });
	assert.deepEqual(readPage(Buffer.from('{"nextPageToken":""}')), { entries: [] });
	assert.deepEqual(readPage(Buffer.from('{"nextPageToken":"a\\u0062"}')), { entries: [], nextPageToken: "ab" });
});

test("pages of any JSON are cut where they were put together, and no bytes are too odd", () => {
	fc.assert(
		fc.property(fc.array(fc.jsonValue()), fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (values, token) => {
			const texts = values.map((value) => JSON.stringify(value));
			const entries = texts.map((text) => listedEntry(Buffer.from(text)));
			const page = readPage(pageBody({ entries, ...(token === undefined ? {} : { nextPageToken: token }) }));
			assert.equal(page?.nextPageToken, token);
			assert.deepEqual(
				page?.entries.map(({ body }) => textOf(body)),
				texts,
			);
		}),
	);
	const whole = pageBody({ entries: [listedEntry(Buffer.from(JSON.stringify(sampleEntry())))], nextPageToken: "t" });
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))), fc.nat(whole.length), (edits, end) => {
			const bytes = Uint8Array.from(whole);
			for (const [at, byte] of edits) bytes[at] = byte;
			readPage(bytes.subarray(0, end));
			readPage(bytes);
		}),
	);
});

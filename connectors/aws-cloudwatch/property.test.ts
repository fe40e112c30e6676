/** Hostile bytes: nothing throws, every record has an outcome, and the chunks in which bytes come never matter. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { comparable, eventsOf, formsOf, readStored } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { awsCloudwatch } from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(join(ROOT, "fixtures/aws-cloudwatch", name)).subarray(0, 8_000);
const FILES = [
	"filter-log-events.raw.json",
	"get-log-events-end.raw.json",
	"insights-results.raw.json",
	"insights-console-object.raw.json",
	"subscription-documents.raw.jsonl",
	"subscription-base64.raw.txt",
	"lambda-event.raw.json",
	"kinesis-event.raw.json",
	"firehose-request.raw.json",
	"export.raw.txt",
	"messages.raw.jsonl",
].map(fixture);

const WORDS = [
	'{"events":[',
	'{"results":[[',
	'{"logEvents":[',
	'{"awslogs":{"data":"',
	'{"Records":[{"kinesis":{"data":"',
	"H4sI",
	"]}",
	'"',
	"\\",
	"\n",
	'{"message":"',
	"{",
	"}{",
	"[",
	"null,",
	"2026-11-23T15:08:35.123Z ",
];
const form = fc.constantFrom(...awsCloudwatch.forms.map(({ name }) => name));
const limits = fc.constantFrom({}, { recordBytesMax: 300, documentBytesMax: 2_000, depthMax: 5 });

/** A fixture in which a few stretches were replaced by something else. */
const mutated = fc
	.tuple(
		fc.constantFrom(...FILES),
		fc.array(fc.tuple(fc.nat(8_000), fc.nat(40), fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: "binary" }))), { maxLength: 6 }),
	)
	.map(([file, edits]) => {
		let bytes: Buffer = file;
		for (const [at, length, text] of edits) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + length)]);
		return bytes;
	});
const anything = fc.oneof(
	mutated,
	fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => Buffer.from(words.join(""))),
	fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
);

test("any bytes in any chunks: the same outcomes, and none throws", async () => {
	await fc.assert(
		fc.asyncProperty(anything, form, limits, fc.array(fc.nat(8_500), { maxLength: 12 }), async (bytes, name, bounds, cuts) => {
			const whole = await readStored(awsCloudwatch, name, bytes, { limits: bounds });
			const parts = await readStored(awsCloudwatch, name, bytes, { limits: bounds, cuts });
			assert.equal(comparable(parts), comparable(whole));
			formsOf(awsCloudwatch, bytes);
		}),
		{ numRuns: 400 },
	);
});

test("any bytes inside a delivery", async () => {
	await fc.assert(
		fc.asyncProperty(anything, fc.constantFrom("lambda", "kinesis", "firehose", "subscription"), async (bytes, name) => {
			const data = gzipSync(bytes).toString("base64");
			const events = {
				lambda: { awslogs: { data } },
				kinesis: { Records: [{ kinesis: { data } }] },
				firehose: { records: [{ data }] },
				subscription: undefined,
			};
			const event = events[name as keyof typeof events];
			await readStored(awsCloudwatch, name, event === undefined ? data : JSON.stringify(event));
		}),
		{ numRuns: 150 },
	);
});

test("a message comes back byte for byte, whatever is in it, by every way in", async () => {
	await fc.assert(
		fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 60 }), fc.json({ maxDepth: 2 }), async (agent, body) => {
			const message = `{"level":"Request","auditID":"a-1","stage":"ResponseComplete","verb":"create","userAgent":${JSON.stringify(agent.toWellFormed())},"requestObject":${body}}`;
			const data = gzipSync(JSON.stringify({ logEvents: [{ message }], messageType: "DATA_MESSAGE" })).toString("base64");
			const ways: readonly (readonly [string, string])[] = [
				["log-events", JSON.stringify({ events: [{ message, timestamp: 1 }] }, null, 2)],
				["insights", JSON.stringify({ results: [[{ value: message, field: "@message" }]] })],
				["insights", `[{"@message":${message}}]`],
				["subscription", data],
				["lambda", JSON.stringify({ awslogs: { data } })],
				["kinesis", JSON.stringify({ Records: [{ kinesis: { data } }] })],
				["firehose", JSON.stringify({ records: [{ data }] })],
				["export", `2026-11-23T15:08:34.000Z ${message}\n`],
				["messages", message],
			];
			for (const [name, text] of ways) {
				const [found] = eventsOf(await readStored(awsCloudwatch, name, text));
				assert.equal(Buffer.from(found?.identity ?? []).toString(), message.slice(1), name);
			}
		}),
		{ numRuns: 60 },
	);
});

test("byte by byte is the same as at once", async () => {
	for (const file of FILES) {
		for (const { name } of awsCloudwatch.forms) {
			const bytes = file.subarray(0, 2_500);
			const cuts = Array.from(bytes.keys());
			assert.equal(
				comparable(await readStored(awsCloudwatch, name, bytes, { cuts })),
				comparable(await readStored(awsCloudwatch, name, bytes)),
				name,
			);
		}
	}
});

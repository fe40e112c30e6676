/** Hostile bytes: nothing throws, every record has an outcome, and the chunks in which bytes come never matter. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { assertByteByByte, assertChunksNeverMatter, fixtures, hostileBytes, type Ingredients } from "../../test/hostile-bytes.ts";
import { eventsOf, readStored } from "../../test/read-stored.ts";
import { awsCloudwatch } from "./index.ts";

const BYTES_MAX = 8_000;
const NAMES = [
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
];
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
const INGREDIENTS: Ingredients = { files: fixtures("aws-cloudwatch", NAMES, BYTES_MAX), words: WORDS, bytesMax: BYTES_MAX };

test("any bytes in any chunks: the same outcomes, and none throws", async () => {
	await assertChunksNeverMatter(awsCloudwatch, INGREDIENTS, { recordBytesMax: 300, documentBytesMax: 2_000, depthMax: 5 });
});

test("any bytes inside a delivery", async () => {
	await fc.assert(
		fc.asyncProperty(hostileBytes(INGREDIENTS), fc.constantFrom("lambda", "kinesis", "firehose", "subscription"), async (bytes, name) => {
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
	await assertByteByByte(awsCloudwatch, INGREDIENTS.files, 2_500);
});

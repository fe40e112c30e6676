/** Hostile bytes: nothing throws, every record has an outcome, and the chunks in which bytes come never matter. */

import { test } from "node:test";
import { assertByteByByte, assertChunksNeverMatter, fixtures } from "../../test/hostile-bytes.ts";
import { kubernetes } from "./index.ts";

const BYTES_MAX = 6_000;
const NAMES = [
	"bom-crlf.raw.jsonl",
	"legacy.raw.log",
	"event-list-pretty.raw.json",
	"event-list-bodies.raw.jsonl",
	"shipper-envelope.raw.jsonl",
	"cri.raw.log",
	"garbage-between.raw.log",
	"node-name-prefix.raw.log",
	"array-pretty.raw.json",
	"proto-keys.raw.jsonl",
];
const FILES = fixtures("kubernetes", NAMES, BYTES_MAX);
const WORDS = [
	'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[',
	"]}",
	'"',
	"\\",
	"\n",
	'{"log":"',
	"{",
	"[",
	"null,",
	"2026-11-23T15:08:35.1Z stdout P ",
	"2026-11-23T15:08:35.1Z stdout F x",
	" AUDIT: id=",
	"\ud800",
];

test("any bytes in any chunks: the same outcomes, and none throws", async () => {
	await assertChunksNeverMatter(kubernetes, { files: FILES, words: WORDS, bytesMax: BYTES_MAX }, { recordBytesMax: 300, depthMax: 5 });
});

test("byte by byte is the same as at once", async () => {
	await assertByteByByte(kubernetes, FILES, 3_000);
});

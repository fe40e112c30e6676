/** What is remembered of earlier events never shows: any mixture of what real and arbitrary events say gives the line that it gives alone. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { DecodedEvent } from "../contract/decode.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Origin } from "../contract/record.ts";
import { writeLine } from "../encode/line.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { writeJson } from "../encode/write-json.ts";
import { plainOf } from "../json/pieces.ts";
import { share } from "../json/remember.ts";
import { auditText } from "./test-arbitrary.ts";
import { decodedOf, ORIGINS, piecesOf } from "./test-events.ts";

const RECORDED = join(import.meta.dirname, "../../fixtures/recorded");

/** Of each member, the values that real events have. */
const values = new Map<string, Set<string>>();
for (const name of readdirSync(RECORDED).filter((file) => file.startsWith("variety-"))) {
	for (const line of readFileSync(join(RECORDED, name), "utf8").split("\n")) {
		for (const [key, value] of Object.entries(line === "" ? {} : (JSON.parse(line) as Record<string, unknown>))) {
			if (!values.has(key)) values.set(key, new Set());
			values.get(key)?.add(JSON.stringify(value));
		}
	}
}

/** An event whose members are those of many. */
const mixedText = fc
	.tuple(...[...values].map(([key, known]) => fc.constantFrom("", ...known).map((value) => (value === "" ? "" : `,"${key}":${value}`))))
	.map((members) => `{"odd":1${members.join("")}}`)
	.filter((text) => text.includes('"auditID":') && text.includes('"verb":'));

const origin = fc.constantFrom<Origin>(...Object.values(ORIGINS).map((known) => share({ ...known })));

const lineOf = (decoded: DecodedEvent, from: Origin): string => Buffer.from(encodeOcsf(piecesOf(decoded, from))).toString();

test("any event: the same line when it is seen again, and when nothing can be remembered of it", () => {
	fc.assert(
		fc.property(fc.oneof(mixedText, auditText), origin, (text, from) => {
			const first = lineOf(decodedOf(text), from);
			assert.equal(lineOf(decodedOf(text), from), first);
			assert.equal(lineOf(decodedOf(text), from), first);
			assert.equal(lineOf(structuredClone(decodedOf(text)), { ...from }), first);
		}),
		{ numRuns: 1_000 },
	);
});

test("any event: its line is the JSON of the plain event", () => {
	fc.assert(
		fc.property(fc.oneof(mixedText, auditText), origin, (text, from) => {
			const event = piecesOf(decodedOf(text), from);
			assert.equal(
				Buffer.from(encodeOcsf(event)).toString(),
				Buffer.from(writeLine(plainOf(event) as unknown as JsonObject, writeJson)).toString(),
			);
		}),
		{ numRuns: 500 },
	);
});

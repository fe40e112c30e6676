/** Redaction of what a real API server wrote: it hits what is secret, and nothing that is ordinary. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DecodedEvent } from "../contract/decode.ts";
import { createRedactor } from "./redact.ts";
import { decodedText, textOfDecoded } from "./test-events.ts";

const redact = createRedactor({ enabled: true });

/** Lines as bytes: some are no valid UTF-8. */
function recorded(file: string): readonly DecodedEvent[] {
	const bytes = readFileSync(join(import.meta.dirname, "../../fixtures/recorded", file));
	const events: DecodedEvent[] = [];
	for (let at = 0, end = 0; at < bytes.length; at = end + 1) {
		end = bytes.indexOf(0x0a, at);
		if (end < 0) end = bytes.length;
		if (end > at) events.push(decodedText(bytes.subarray(at, end)));
	}
	return events;
}

function totals(file: string): Record<string, number> {
	const sum: Record<string, number> = {};
	for (const event of recorded(file)) for (const [rule, count] of redact(event).redacted) sum[rule] = (sum[rule] ?? 0) + count;
	return sum;
}

/** Values that each rule replaces; of "patterns" and "env" there are none. */
const EXPECTED: Record<string, Record<string, number>> = {
	"aggregated.jsonl": {},
	"odd-bodies.jsonl": { "config-maps": 43 },
	"sensitive.jsonl": { secrets: 11, "certificate-requests": 8, tokens: 3, "config-maps": 7 },
	"stories.jsonl": { uri: 2, tokens: 1, "last-applied": 1 },
	"truncated.jsonl": {},
	"variety-all-stages.jsonl": {},
	"variety-mixed.jsonl": { "last-applied": 8, uri: 2 },
	"variety-request-response.jsonl": { "last-applied": 7, "config-maps": 3 },
};

test("the sensitive events", () => {
	const text = recorded("sensitive.jsonl")
		.map((event) => textOfDecoded(redact(event).decoded))
		.join("\n");
	const planted = [
		"throwaway",
		Buffer.from("throwaway-not-a-secret").toString("base64"),
		"rotated-not-a-secret",
		"eyJhbGciOiJSUzI1NiI",
		"CERTIFICATE REQUEST",
		Buffer.from("-----BEGIN CERT").toString("base64").slice(0, 18),
	];
	for (const secret of planted) assert.ok(!text.includes(secret), secret);
});

for (const [file, expected] of Object.entries(EXPECTED))
	test(`${file}: nothing ordinary is hit`, () => assert.deepEqual(totals(file), expected));

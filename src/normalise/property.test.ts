/** Arbitrary events: valid against the schema, nothing lost, bodies byte for byte, whatever their members are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ocsfFaults } from "../../test/ocsf-schema.ts";
import { decodeAuditText } from "../audit/decode-text.ts";
import type { RawJson } from "../contract/json.ts";
import type { Origin } from "../contract/record.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { plainOf } from "../json/pieces.ts";
import { restoreAuditEvent } from "./restore.ts";
import { auditText } from "./test-arbitrary.ts";
import { decodedOf, EVENT, normaliseOnly, ORIGINS, piecesOf } from "./test-events.ts";

const origin = fc.constantFrom<Origin>(...Object.values(ORIGINS));

test("any event: one line of valid OCSF from which the event can be restored", () => {
	fc.assert(
		fc.property(auditText, origin, (text, from) => {
			const decoded = decodedOf(text);
			const bytes = Buffer.from(encodeOcsf(piecesOf(decoded, from)));
			const ocsf = JSON.parse(bytes.toString()) as Record<string, unknown>;
			assert.deepEqual(ocsfFaults(ocsf), []);
			assert.deepEqual(restoreAuditEvent(ocsf), JSON.parse(text));
			assert.ok(!/[\n\r]/.test(bytes.toString("latin1")));
			for (const body of [decoded.event.requestObject, decoded.event.responseObject]) {
				if (body !== undefined) assert.ok(bytes.includes(onOneLine(body)));
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("any event: observables name real places, and say what stands there", () => {
	fc.assert(
		fc.property(auditText, origin, (text, from) => {
			const event = normaliseOnly(decodedOf(text), from);
			for (const { name, value } of event.observables ?? []) assert.equal(at(event, name), value);
		}),
		{ numRuns: 300 },
	);
});

/** A lone surrogate as it is written in JSON: half of a pair, or in the wrong order. */
const broken = fc.constantFrom("\\ud800", "\\uDFFF", "\\udc00\\ud800", "a\\ud83d", "\\ud83d\\ud83d\\ude00");
const member = fc.constantFrom("userAgent", "requestObject", "hostname", "annotations", "user");

function withBroken(name: string, text: string): string {
	const value = name === "annotations" ? `{"a${text}":"${text}"}` : name === "user" ? `{"username":"${text}","x${text}":1}` : `"${text}"`;
	return JSON.stringify({ ...EVENT, [name]: "HERE" }).replace('"HERE"', () => value);
}

test("lone surrogates: no reader refuses the line, and the original is kept", () => {
	fc.assert(
		fc.property(member, broken, (name, escaped) => {
			const text = withBroken(name, escaped);
			const decoded = decodedOf(text);
			const line = Buffer.from(encodeOcsf(piecesOf(decoded))).toString();
			const ocsf = JSON.parse(line) as Record<string, unknown>;
			assert.deepEqual(ocsfFaults(ocsf), []);
			assert.ok(JSON.stringify(ocsf).isWellFormed() && !/\\u[dD][89a-fA-F]/.test(JSON.stringify(ocsf)));
			assert.equal(Buffer.from(ocsf["raw_data"] as string, "base64").toString(), text);
			assert.deepEqual(restoreAuditEvent(ocsf), JSON.parse(text));
			assert.deepEqual((ocsf["unmapped"] as { collector: unknown }).collector, { repaired: ["lone-surrogate"] });
		}),
	);
});

test("invalid UTF-8: the line is valid, and the original bytes are kept", () => {
	const bad = fc.constantFrom([0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0x80]);
	fc.assert(
		fc.property(member, bad, (name, bytes) => {
			const [before, after] = withBroken(name, "SPLIT").replace("SPLIT", "\u0000").split("\u0000") as [string, string];
			const text = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
			const line = encodeOcsf(piecesOf(decodedOf(text)));
			const ocsf = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line)) as Record<string, unknown>;
			assert.deepEqual(ocsfFaults(ocsf), []);
			assert.deepEqual(Buffer.from(ocsf["raw_data"] as string, "base64"), text);
			assert.deepEqual(restoreAuditEvent(ocsf), JSON.parse(text.toString()));
		}),
	);
});

test("an event cut anywhere is valid, marked as truncated, and holds a part of what the whole one says", () => {
	const whole = Buffer.from(JSON.stringify(EVENT));
	fc.assert(
		fc.property(fc.nat(whole.length - 1), (length) => {
			const decoded = decodeAuditText(whole.subarray(0, length));
			if (decoded.kind !== "event") return;
			const pieces = piecesOf({ envelope: {}, inferred: [], ...decoded });
			const event = plainOf(pieces);
			const ocsf = JSON.parse(Buffer.from(encodeOcsf(pieces)).toString()) as Record<string, unknown>;
			assert.deepEqual(ocsfFaults(ocsf), []);
			assert.equal(event.metadata.is_truncated, true);
			assert.partialDeepStrictEqual(EVENT, restoreAuditEvent(ocsf));
		}),
	);
});

function onOneLine({ raw }: RawJson): Buffer {
	return Buffer.from(
		Buffer.from(raw)
			.toString("latin1")
			.replaceAll(/[\n\r]/g, " "),
		"latin1",
	);
}

/** "resources[1].owner.name" */
function at(event: object, path: string): unknown {
	return path.match(/\w+/g)?.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], event);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { auditText } from "../normalise/test-arbitrary.ts";
import { decodedOf, EVENT } from "../normalise/test-events.ts";
import { encodeAudit } from "./audit.ts";

const textOf = (source: object | string): string => Buffer.from(encodeAudit(decodedOf(source).event)).toString();

test("the text of an event of the API server comes out as it went in", () => {
	const { metadata: _, ...responseStatus } = EVENT.responseStatus;
	const event = { ...EVENT, responseStatus, requestObject: { a: [1, null] } };
	assert.equal(textOf(event), JSON.stringify(event));
});

test("kind and apiVersion are filled in where the source lacks them, and nothing else", () => {
	const { kind: _, apiVersion: __, ...item } = EVENT;
	assert.deepEqual(JSON.parse(textOf(item)), EVENT);
});

test("any event: the same event", () => {
	fc.assert(
		fc.property(auditText, (text) => {
			const line = textOf(text);
			assert.ok(!/[\n\r]/.test(line));
			assert.deepEqual(JSON.parse(line), { kind: "Event", apiVersion: "audit.k8s.io/v1", ...JSON.parse(text) });
		}),
		{ numRuns: 500 },
	);
});

test("an object of fifty thousand unknown members does not take fifty thousand copies", () => {
	const members = Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]);
	const event = { ...EVENT, user: { username: "jane", ...Object.fromEntries(members) } };
	assert.deepEqual(JSON.parse(textOf(event)), event);
});

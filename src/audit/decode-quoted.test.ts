import assert from "node:assert/strict";
import { test } from "node:test";
import { unquote } from "../json/quoted.ts";
import { textOf } from "../json/scan.ts";
import { decodeQuotedAudit } from "./decode-quoted.ts";

const decodeQuoted = (quoted: Buffer) => decodeQuotedAudit(unquote(quoted) as NonNullable<ReturnType<typeof unquote>>, quoted);

test("an event in a string is the event, and what the string could not carry is reported once, with the string", () => {
	const event = '{"auditID":"a","verb":"get","userAgent":"é"}';
	const plain = decodeQuoted(Buffer.from(JSON.stringify(event)));
	assert.deepEqual(plain.kind === "event" && [plain.event.userAgent, plain.repaired, textOf(plain.identity)], [
		"é",
		undefined,
		event.slice(1),
	]);
	const quoted = Buffer.from('"{\\"auditID\\":\\"a\\",\\"verb\\":\\"get\\",\\"verb\\":\\"put\\",\\"userAgent\\":\\"\\ud800 \\\\ud800\\"}"');
	const repaired = decodeQuoted(quoted);
	assert.deepEqual(repaired.kind === "event" && [repaired.event.userAgent, repaired.event.verb, repaired.repaired], [
		"\ufffd \ufffd",
		"put",
		{ what: ["lone-surrogate", "repeated-key"], original: quoted },
	]);
	assert.equal(decodeQuoted(Buffer.from('"{}"')).kind, "skip");
	assert.equal(decodeQuoted(Buffer.from('"\\ud800"')).kind, "bad");
});

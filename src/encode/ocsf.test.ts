import assert from "node:assert/strict";
import { test } from "node:test";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import { type Piece, plainOf } from "../json/pieces.ts";
import { decodedOf, EVENT, ORIGINS, piecesOf } from "../normalise/test-events.ts";
import { encodeOcsf } from "./ocsf.ts";

const textOf = (event: Piece<OcsfEvent>): string => Buffer.from(encodeOcsf(event)).toString();

/** The event of EVENT with this body as exact text. */
function withBody(member: string, body: string): Piece<OcsfEvent> {
	return piecesOf(decodedOf(JSON.stringify({ ...EVENT, [member]: 0 }).replace(`"${member}":0`, () => `"${member}":${body}`)));
}

test("an event without exact text is what JSON.stringify makes of it, member for member", () => {
	const { responseStatus: _, ...rest } = EVENT;
	const event = piecesOf(decodedOf({ ...rest, impersonatedUser: { username: "bob", extra: { a: ["b"] } } }), ORIGINS.eks);
	assert.deepEqual(JSON.parse(textOf(event)), JSON.parse(JSON.stringify(plainOf(event))));
});

test("bodies are spliced in byte for byte, whatever they are", () => {
	for (const body of ["[]", "{}", '""', "0", "false", "1.0", "9007199254740993", "1e400", '{"a":1,"a":2}', '"\\u00e9\\ud83d\\ude00é😀"']) {
		assert.ok(textOf(withBody("requestObject", body)).includes(`"data":${body}}`), body);
		assert.ok(textOf(withBody("responseObject", body)).includes(`"data":${body}}`), body);
	}
});

test("a body alone makes a response", () => {
	const { responseStatus: _, ...rest } = EVENT;
	const text = textOf(piecesOf(decodedOf({ ...rest, responseObject: { a: 1 } })));
	assert.ok(text.includes('"response":{"data":{"a":1}}'));
});

test("a pretty-printed event is one line", () => {
	const body = { metadata: { name: "a\nb" }, list: [1, { c: null }] };
	const text = textOf(piecesOf(decodedOf(JSON.stringify({ ...EVENT, requestObject: body, more: body }, null, "\t"))));
	assert.ok(!/[\n\r]/.test(text));
	const { api, unmapped } = JSON.parse(text) as { api: { request: { data: unknown } }; unmapped: { audit: { more: unknown } } };
	assert.deepEqual([api.request.data, unmapped.audit.more], [body, body]);
});

test("a body as deep as decoders let through is written", () => {
	const body = `${"[".repeat(999)}${"]".repeat(999)}`;
	assert.ok(textOf(withBody("requestObject", body)).includes(body));
});

test("nothing but bodies and leftovers is ever null", () => {
	const {
		api: _,
		unmapped: __,
		...rest
	} = JSON.parse(textOf(piecesOf(decodedOf({ ...EVENT, user: undefined, objectRef: undefined })))) as Record<string, unknown>;
	assert.ok(!JSON.stringify(rest).includes("null"));
});

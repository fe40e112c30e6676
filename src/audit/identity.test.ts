import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../json/scan.ts";
import { identityOf } from "./identity.ts";

test("any bytes have an identity, which is their end", () => {
	const text = fc
		.array(fc.constantFrom("{", '"kind"', '"apiVersion"', ":", '"Event"', ",", " ", "}", '"', "\\"))
		.map((parts) => Buffer.from(parts.join("")));
	fc.assert(
		fc.property(fc.oneof(text, fc.uint8Array({ maxLength: 30 })), (bytes) => {
			const identity = identityOf(bytes);
			assert.ok(textOf(bytes).trimEnd().endsWith(textOf(identity).trimEnd()) || textOf(identity).includes("\ufffd"));
		}),
		{ numRuns: 1000 },
	);
});

test("bug: of a text that ends in its first byte the identity threw", () => {
	for (const text of ["", "{", " { "]) assert.equal(textOf(identityOf(Buffer.from(text))), "");
	assert.equal(identityOf(new Uint8Array(0)).length, 0);
});

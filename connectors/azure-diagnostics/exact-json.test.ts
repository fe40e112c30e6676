import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonValue } from "../../src/contract/json.ts";
import { canonicalText, parseExact } from "./exact-json.ts";

const parse = (text: string): JsonValue => parseExact(Buffer.from(text));

test("numbers that JavaScript would change stay text, the others become numbers", () => {
	for (const kept of ["9007199254740993", "1e400", "1.0", "-0", "1E2", "0.10"]) {
		assert.deepEqual(parse(`[${kept}]`), [{ raw: Buffer.from(kept) }]);
		assert.equal(canonicalText(parse(`{"a":${kept}}`)), `{"a":${kept}}`);
	}
	assert.deepEqual(parse("[1,-2.5,0,9007199254740991]"), [1, -2.5, 0, 9007199254740991]);
});

test("a member named __proto__ is a member", () => {
	const value = parse('{"__proto__":{"a":1.0},"b":2}') as Record<string, unknown>;
	assert.deepEqual(Object.keys(value), ["__proto__", "b"]);
	assert.equal(canonicalText(value as JsonValue), '{"__proto__":{"a":1.0},"b":2}');
});

test("the canonical text is one for all orders and spaces", () => {
	assert.equal(canonicalText(parse('{"b":[1, {"d":null,"c":true}],\n"a":"x"}')), '{"a":"x","b":[1,{"c":true,"d":null}]}');
});

test("canonical text means the same", () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 4 }), (value) =>
			assert.deepEqual(JSON.parse(canonicalText(parse(JSON.stringify(value)))), JSON.parse(JSON.stringify(value))),
		),
	);
});

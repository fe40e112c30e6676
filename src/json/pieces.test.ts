import assert from "node:assert/strict";
import { test } from "node:test";
import { arrayAt, elements, exactAt, members, objectAt, plainOf, tree, whole } from "./pieces.ts";

const RAW = { raw: Buffer.from("1e400") };

test("a whole is the object that its pieces make, in their order", () => {
	const event = whole(
		members({ a: 1, b: "x" }),
		undefined,
		objectAt("c", members({ d: [1, { e: 2 }] }), objectAt("f"), exactAt("g", RAW)),
		arrayAt("h", [elements([{ i: 1 }]), undefined, elements([]), elements([{ i: 2 }, { i: 3 }])]),
		tree({ j: RAW }),
	);
	const plain = plainOf(event);
	assert.deepEqual(plain, { a: 1, b: "x", c: { d: [1, { e: 2 }], f: {}, g: RAW }, h: [{ i: 1 }, { i: 2 }, { i: 3 }], j: RAW });
	assert.deepEqual(Object.keys(plain), ["a", "b", "c", "h", "j"]);
});

test("keys are anybody's", () => {
	const odd = JSON.parse('{"__proto__":{"a":1}}') as { readonly ["__proto__"]: string };
	assert.equal(JSON.stringify(plainOf(whole(tree(odd), members({ b: 1 })))), '{"__proto__":{"a":1},"b":1}');
});

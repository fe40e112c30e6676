/** Elements of whole, cut and broken arrays: nothing of the text is lost. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scanElements } from "./elements.ts";

function elements(text: string, depthMax = 100): readonly string[] {
	const bytes = Buffer.from(text);
	return Array.from(scanElements(bytes, 0, bytes.length, depthMax), ([start, end]) => bytes.toString("utf8", start, end));
}

test("whole arrays", () => {
	fc.assert(
		fc.property(fc.array(fc.json({ maxDepth: 2 }), { maxLength: 8 }), fc.constantFrom("", " ", "\n\t"), (values, space) => {
			const trimmed = values.map((value) => value.trim());
			assert.deepEqual(elements(`[${space}${trimmed.join(`${space},${space}`)}${space}]`), trimmed);
		}),
	);
});

test("cut, broken and deep arrays end with what is left", () => {
	assert.deepEqual(elements('[{"a":1},{"b'), ['{"a":1}', '{"b']);
	assert.deepEqual(elements('[{"a":1}, '), ['{"a":1}']);
	assert.deepEqual(elements('[{"a":1}'), ['{"a":1}']);
	assert.deepEqual(elements('[{"a":1} {"b":2}, 3]'), ['{"a":1} {"b":2}, 3]']);
	assert.deepEqual(elements("[1,,2]"), ["1", ",2]"]);
	assert.deepEqual(elements("[1,[[2]],3]", 1), ["1", "[[2]],3]"]);
	for (const text of ["", "[", "[ ", "[]", "{}", "5"]) assert.deepEqual(elements(text), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectorError } from "../contract/errors.ts";
import { compilePaths } from "./path-pattern.ts";

const cases: readonly (readonly [string, readonly (string | number)[], boolean])[] = [
	["requestObject.spec.foo", ["requestObject", "spec", "foo"], true],
	["requestObject.spec.foo", ["requestObject", "spec"], false],
	["requestObject.spec.foo", ["requestObject", "spec", "foo", "bar"], false],
	["requestObject.items.0.x", ["requestObject", "items", 0, "x"], true],
	["requestObject.items.*.x", ["requestObject", "items", 12, "x"], true],
	["*.spec", ["responseObject", "spec"], true],
	["**.token", ["requestObject", "spec", "token"], true],
	["**.token", ["token"], true],
	["requestObject.**.env.**.value", ["requestObject", "spec", "env", 3, "value"], true],
	["requestObject.**.env.**.value", ["requestObject", "spec", "env", 3, "name"], false],
	["a.**", ["a"], true],
	["a.**.**.b", ["a", "b"], true],
	['annotations."my.key/x"', ["annotations", "my.key/x"], true],
	["annotations.my-key/x", ["annotations", "my-key/x"], true],
	['a."*"', ["a", "b"], false],
	['a."*"', ["a", "*"], true],
	['a."say \\"x\\" \\\\"', ["a", 'say "x" \\'], true],
	['a.""', ["a", ""], true],
	["a.__proto__", ["a", "__proto__"], true],
];
for (const [pattern, path, expected] of cases)
	test(`${pattern} ${expected ? "means" : "does not mean"} ${path.join(" ")}`, () => {
		assert.equal(compilePaths(["never.so", pattern])?.(path), expected);
	});

for (const pattern of ["", ".a", "a.", "a..b", 'a"b', '"a', '"a"b', '"a\\x"'])
	test(`${JSON.stringify(pattern)} has no meaning`, () => {
		assert.throws(
			() => compilePaths([pattern]),
			(error) => error instanceof CollectorError && error.code === "CONFIG_INVALID",
		);
	});

test("no patterns, nothing to ask", () => assert.equal(compilePaths([]), undefined));

test("many stars do not make it slow", () => {
	const match = compilePaths([`${"**.a.".repeat(30)}z`]);
	assert.equal(match?.(Array.from({ length: 2_000 }, () => "a")), false);
});

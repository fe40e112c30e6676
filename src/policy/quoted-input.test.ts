import assert from "node:assert/strict";
import { test } from "node:test";
import { findQuotedInput } from "./quoted-input.ts";

const marked = (text: string): string =>
	findQuotedInput(text)
		.toReversed()
		.reduce((sum, { start, end }) => `${sum.slice(0, start)}«${sum.slice(start, end)}»${sum.slice(end)}`, text);

const finds: readonly (readonly [string, string])[] = [
	["strings", 'Secret "db" is invalid: data[a b]: Invalid value: «"a b"»: a valid key must consist of alphanumeric characters'],
	["several", '[a: Invalid value: «"x \\" y"»: no, b: Unsupported value: «"z"»: supported values: "q", c: Duplicate value: «"d"»]'],
	["numbers and words", "spec.replicas: Invalid value: «99»: too many, x: Invalid value: «true»: no"],
	["objects, to the end", 'data: Invalid value: «{"password":"x: y"}: field is immutable»'],
	["Go's maps and structs, to the end", "x: Invalid value: «map[password:a b]: no»"],
	["structs with a name", 'x: Invalid value: «core.Secret{Data:map[string][]uint8{"k":[]uint8{0x1}}}: no»'],
	["a string that is cut", 'x: Invalid value: «"abc»'],
	["what a parser choked on", 'strconv.ParseInt: parsing «"abc"»: invalid syntax'],
	["a body that is no JSON", "json parse error: invalid character 'n' looking for beginning of object key string «({not json)»"],
	[
		"where a parser stopped",
		'v1.Secret.StringData: ReadString: expects, error found in #10 byte of «...|d":123}|..., bigger context ...|{}|...»',
	],
];
for (const [name, text] of finds) test(`finds ${name}`, () => assert.equal(marked(text.replace(/[«»]/g, "")), text));

const ordinary = [
	'secrets "db" not found',
	'secrets "db" already exists',
	'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "payments"',
	'ConfigMap in version "v1" cannot be handled as a ConfigMap: unknown field',
	"metadata.name: Required value: name or generateName is required",
];
for (const text of ordinary) test(`leaves alone: ${text.slice(0, 40)}`, () => assert.equal(marked(text), text));

test("no text makes the search slow", () => {
	const start = performance.now();
	for (const bit of ["Invalid value: ", 'Invalid value: "', "json parse error: ", 'parsing "', "({", "a"])
		findQuotedInput(`value: ${bit.repeat(20_000)}`);
	assert.ok(performance.now() - start < 5_000);
});

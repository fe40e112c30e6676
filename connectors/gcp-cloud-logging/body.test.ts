import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOf } from "../../src/json/scan.ts";
import { bodyOf } from "./body.ts";

function strip(text: string): string {
	const bytes = Buffer.from(`[${text}]`);
	return textOf(bodyOf(bytes, 1, bytes.length - 1));
}

const CASES: readonly (readonly [string, string])[] = [
	['{"@type":"core.k8s.io/v1.Pod","a":1.0,"b":[1e400]}', '{"a":1.0,"b":[1e400]}'],
	['{ "a" : 1 , "@type" : "x" , "b" : 9007199254740993 }', '{ "a" : 1 , "b" : 9007199254740993 }'],
	['{"a":1,\n "@type":"x"}', '{"a":1}'],
	['{"@type":"x"}', "{}"],
	['{ "@type" : "x" }', "{  }"],
	['{"\\u0040type":"x","a":{"@type":"stays"}}', '{"a":{"@type":"stays"}}'],
	['{"@type":"x","@type":"y","a":1,"@type":"z","@type":{}}', '{"a":1}'],
	['{"a":"\\u0026"}', '{"a":"\\u0026"}'],
	['[{"op":"add","@type":"x"}]', '[{"op":"add","@type":"x"}]'],
	["null", "null"],
	["{}", "{}"],
];

test("only the type is cut out of a body", () => {
	for (const [text, expected] of CASES) assert.equal(strip(text), expected);
});

test("any object keeps all its other members", () => {
	const members = fc.array(fc.tuple(fc.oneof(fc.constant("@type"), fc.string()), fc.jsonValue()));
	fc.assert(
		fc.property(members, fc.constantFrom("", " ", "\n"), (entries, space) => {
			const text = (kept: readonly (readonly [string, unknown])[]): string =>
				`{${kept.map(([key, value]) => `${space}${JSON.stringify(key)}:${space}${JSON.stringify(value)}`).join(`${space},`)}}`;
			const without = entries.filter(([key]) => key !== "@type");
			assert.deepEqual(JSON.parse(strip(text(entries))), JSON.parse(text(without)));
		}),
	);
});

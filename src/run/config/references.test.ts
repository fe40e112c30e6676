// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of settings look like template strings

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { folderFor } from "../../../test/temp-folder.ts";
import { expandReferences } from "./references.ts";
import { redactSecrets } from "./secrets.ts";

const env = { TOKEN: "token-of-the-test", OTHER: "other-of-the-test", EMPTY: "", SHORT: "abc", NESTED: "${env:TOKEN}" };
const scope = { env, folder: "/nowhere" };

async function faultOf(text: string, folder = scope.folder): Promise<string> {
	const expanded = await expandReferences(text, { env, folder });
	assert.ok("fault" in expanded, JSON.stringify(expanded));
	return expanded.fault;
}

test("references are replaced where they stand, and remembered as secrets", async () => {
	assert.deepEqual(await expandReferences("https://${env:TOKEN}@host/${env:OTHER}", scope), {
		text: "https://token-of-the-test@host/other-of-the-test",
	});
	assert.equal(redactSecrets("it said token-of-the-test"), "it said ***");
});

test("a file's text is taken without the line break at its end, from beside the settings", async (context) => {
	const folder = folderFor(context);
	writeFileSync(join(folder, "token"), "file-of-the-test \r\n");
	assert.deepEqual(await expandReferences("${file:token}", { env, folder }), { text: "file-of-the-test " });
});

test("what a value says is not followed, and an escape stays text", async () => {
	assert.deepEqual(await expandReferences("${env:NESTED}", scope), { text: "${env:TOKEN}" });
	assert.deepEqual(await expandReferences("$${env:TOKEN} $x {env:TOKEN}", scope), { text: "${env:TOKEN} $x {env:TOKEN}" });
});

test("what is missing is named, and what is there is not", async (context) => {
	const folder = folderFor(context);
	mkdirSync(join(folder, "sub"));
	writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe, 0x61, 0x61]));
	writeFileSync(join(folder, "long"), "x".repeat(70_000));
	const faults = [
		["${env:NONE}", /environment variable NONE is not set/],
		["${env:EMPTY}", /EMPTY is empty/],
		["${env:SHORT}", /SHORT has fewer than 4 characters/],
		["${env:__proto__}", /is not set/],
		["${env:a b}", /no name of an environment variable/],
		["${file:none}", /there is no file none/],
		["${file:sub}", /no regular file/],
		["${file:binary}", /not UTF-8/],
		["${file:long}", /longer than/],
		["${file:}", /no path/],
		["${evn:TOKEN}", /did you mean \$\{env:...\}/],
		["${TOKEN}", /write \$\{env:NAME\}/],
		["${env:TOKEN", /not closed/],
	] as const;
	for (const [text, fault] of faults) {
		const said = await faultOf(text, folder);
		assert.match(said, fault);
		assert.ok(!said.includes("abc") && !said.includes("of-the-test"), said);
	}
});

test("text without a reference stays as it is, and no text makes it fail", async () => {
	await fc.assert(
		fc.asyncProperty(fc.string({ unit: fc.constantFrom(..."${}:envfileTOKEN ".split("")) }), async (text) => {
			const expanded = await expandReferences(text, scope);
			if (!text.includes("${")) assert.deepEqual(expanded, { text });
		}),
	);
});

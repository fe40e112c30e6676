/** What the mapping makes of every fixture is under review: a change shows as a difference in a golden file. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { eventsOf, goldens } from "./goldens.ts";
import { parseLines } from "./replay-kit.ts";

for (const pair of goldens()) {
	test(`golden ${pair.raw}`, async () => {
		const { text, events } = await eventsOf(pair);
		assert.deepEqual(events, parseLines(readFileSync(pair.golden, "utf8")), "if the change is meant: npm run goldens");
		assert.ok(text === readFileSync(pair.golden, "utf8"), "the same values in other words: npm run goldens");
	});
}

test("no golden file is left over", () => {
	const wanted = new Set(goldens().map(({ golden }) => golden));
	for (const folder of new Set([...wanted].map(dirname))) {
		for (const name of readdirSync(folder)) if (name.endsWith(".ocsf.jsonl")) assert.ok(wanted.has(`${folder}/${name}`), name);
	}
});

test("every raw file has a golden file of its own", () => {
	const files = goldens().map(({ golden }) => golden);
	assert.deepEqual(
		files.filter((file, i) => files.indexOf(file) !== i),
		[],
	);
});

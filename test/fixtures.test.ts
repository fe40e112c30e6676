/** Every fixture, by the product, against what the script that planted its records expects. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import type { Expected } from "../fixtures/make/case.ts";
import { total } from "../src/pipeline/tally.ts";
import { ocsfFaults } from "./ocsf-schema.ts";
import { replayInTest, tempFolder } from "./replay-kit.ts";
import { ROOT } from "./source-files.ts";

const FIXTURES = join(ROOT, "fixtures");

const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf8")) as Record<string, Expected>;

for (const [path, outcome] of Object.entries(expected)) {
	test(`fixture ${path}`, async () => {
		const { result, events, quarantine } = await replayInTest([join(FIXTURES, path)], isRecognisable(path) ? {} : { as: outcome.form });
		const { tally, files } = result;
		const found = {
			form: files[0]?.isRead === true ? files[0].form : outcome.form,
			framed: tally.framed - tally.joined,
			forwarded: tally.forwarded,
			skipped: total(tally.skipped),
			quarantined: total(tally.quarantined),
		};
		assert.deepEqual(found, outcome);
		assert.equal(events.length, outcome.forwarded);
		assert.equal(quarantine.length, outcome.quarantined);
		for (const event of events) assert.deepEqual(ocsfFaults(event), [], JSON.stringify(event).slice(0, 400));
	});
}

/** Hostile files that look like nothing are read only where the user names their form. */
function isRecognisable(path: string): boolean {
	return !path.startsWith("malformed/");
}

test("the fixtures are what their script makes", () => {
	using folder = tempFolder();
	execFileSync(process.execPath, [join(FIXTURES, "make.ts"), folder.path], { stdio: "pipe" });
	const listed = (root: string): string[] =>
		readdirSync(root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => relative(root, join(entry.parentPath, entry.name)))
			.sort();
	const made = listed(folder.path);
	assert.ok(made.length > 100);
	for (const path of made)
		assert.ok(readFileSync(join(folder.path, path)).equals(readFileSync(join(FIXTURES, path))), `${path} is stale: run npm run fixtures`);
	const stale = listed(FIXTURES).filter((path) => path.includes(".raw.") && !made.includes(path));
	assert.deepEqual(stale, [], "nothing makes these files any more");
});

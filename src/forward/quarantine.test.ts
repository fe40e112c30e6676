import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import { CollectorError } from "../contract/errors.ts";
import type { QuarantineEntry } from "../contract/sink.ts";
import { openQuarantineFile } from "./quarantine.ts";

function entryOf(body: Uint8Array | string, more: Partial<QuarantineEntry> = {}): QuarantineEntry {
	return {
		error: new CollectorError("RECORD_MALFORMED", "not JSON"),
		source: "audit.log",
		position: "17",
		body: Buffer.from(body),
		...more,
	};
}

const pathFor = (context: TestContext): string => join(folderFor(context), "quarantine.ndjson");
const linesOf = (path: string): unknown[] =>
	readFileSync(path, "utf8")
		.split("\n")
		.slice(0, -1)
		.map((line) => JSON.parse(line));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("entries say why, where from and what, and the file is for its owner only", async (context) => {
	const path = pathFor(context);
	const quarantine = openQuarantineFile(path);
	assert.equal(existsSync(path), false, "no file without an entry");
	const whole = { sizeBytes: 99, sha256: "abc" };
	await Promise.all([
		quarantine.add(entryOf('é "\n')),
		quarantine.add(entryOf(Uint8Array.of(0x61, 0xff))),
		quarantine.add(entryOf("be", { whole, salvaged: { who: "jane" } })),
	]);
	assert.equal(modeOf(path), 0o600);
	await quarantine[Symbol.asyncDispose]();
	const base = { code: "RECORD_MALFORMED", reason: "not JSON", source: "audit.log", position: "17" };
	assert.deepEqual(linesOf(path), [
		{ ...base, size: 5, encoding: "utf-8", body: 'é "\n' },
		{ ...base, size: 2, encoding: "base64", body: "Yf8=" },
		{ ...base, size: 99, sha256: "abc", salvaged: { who: "jane" }, encoding: "utf-8", body: "be" },
	]);
});

test("later runs add to the file, and take it back for its owner", async (context) => {
	const path = pathFor(context);
	for (const body of ["first", "second"]) {
		await using quarantine = openQuarantineFile(path);
		await quarantine.add(entryOf(body));
		chmodSync(path, 0o666);
	}
	await using quarantine = openQuarantineFile(path);
	await quarantine.add(entryOf("third"));
	assert.equal(modeOf(path), 0o600);
	assert.deepEqual(
		linesOf(path).map((line) => (line as { body: string }).body),
		["first", "second", "third"],
	);
});

test("a file that cannot be written is told, with its path and what to do", async (context) => {
	const folder = folderFor(context);
	await using quarantine = openQuarantineFile(join(folder, "missing", "q.ndjson"));
	await assert.rejects(quarantine.add(entryOf("x")), {
		code: "SINK_UNAVAILABLE",
		message: /q\.ndjson: its folder does not exist; create it first$/,
	});
});

test("bug: after one failure every entry failed, though the cause was gone", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, "q.ndjson");
	await using quarantine = openQuarantineFile(path);
	mkdirSync(path);
	await assert.rejects(quarantine.add(entryOf("x")), /it is a folder/);
	rmdirSync(path);
	await quarantine.add(entryOf("y"));
	assert.deepEqual(linesOf(path).length, 1);
});

test("bug: an entry after a line that a crash or a full disk had cut was joined to it", async (context) => {
	const path = pathFor(context);
	writeFileSync(path, '{"code":"RECORD_MALFORMED","body":"cu');
	await using quarantine = openQuarantineFile(path);
	await quarantine.add(entryOf("x"));
	const lines = readFileSync(path, "utf8").split("\n");
	assert.deepEqual([lines.length, (JSON.parse(lines[1] as string) as { body: string }).body], [3, "x"]);
});

test("bug: a device given as quarantine was taken from everybody else", { skip: !existsSync("/dev/full") }, async () => {
	const before = modeOf("/dev/full");
	await using quarantine = openQuarantineFile("/dev/full");
	await assert.rejects(quarantine.add(entryOf("x")), { code: "SINK_UNAVAILABLE", message: /no space left on the disk/ });
	assert.equal(modeOf("/dev/full"), before);
});

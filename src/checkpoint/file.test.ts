import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import type { CheckpointStore } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import { randomOf } from "../simulation/random.ts";
import { type FileCheckpointOptions, openFileCheckpoints } from "./file.ts";
import { KEY, testCheckpoints } from "./test-contract.ts";

function fileFor(context: TestContext): string {
	return join(folderFor(context), "checkpoints.db");
}

/** Closed with the test, before its folder goes. */
function openFor(context: TestContext, path: string, options?: FileCheckpointOptions): CheckpointStore {
	const store = openFileCheckpoints(path, options);
	context.after(() => store[Symbol.asyncDispose]());
	return store;
}

testCheckpoints(
	"file",
	async (context) => {
		const path = fileFor(context);
		return { open: async () => openFor(context, path) };
	},
	25,
);

/** One file with one checkpoint, closed. */
async function savedFile(context: TestContext): Promise<string> {
	const path = fileFor(context);
	await using store = openFileCheckpoints(path);
	await store.save(KEY, { v: 1, watermark: "2026-11-23T10:00:00Z" }, undefined);
	return path;
}

function assertRefuses(path: string, ...patterns: readonly RegExp[]): void {
	assert.throws(
		() => openFileCheckpoints(path),
		(error) => {
			assert.ok(error instanceof CollectorError);
			assert.equal(error.code, "CONFIG_INVALID");
			for (const pattern of [...patterns, new RegExp(RegExp.escape(path))]) assert.match(error.message, pattern);
			return true;
		},
	);
}

const WAY_OUT = /kube-audit run --start-from TIME/;

test("the file, its log and its index are their owner's only", async (context) => {
	const path = fileFor(context);
	const store = openFor(context, path);
	await store.save(KEY, { v: 1 }, undefined);
	const names = readdirSync(join(path, ".."));
	assert.deepEqual(names.sort(), ["checkpoints.db", "checkpoints.db-shm", "checkpoints.db-wal"]);
	for (const name of names) assert.equal(statSync(join(path, "..", name)).mode & 0o777, 0o600, name);
});

test("a file that others could read is shut", async (context) => {
	const path = await savedFile(context);
	chmodSync(path, 0o664);
	const store = openFor(context, path);
	assert.deepEqual((await store.load(KEY))?.cursor, { v: 1, watermark: "2026-11-23T10:00:00Z" });
	assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a file is made only in a folder that exists", async (context) => {
	const path = join(folderFor(context), "missing", "checkpoints.db");
	assertRefuses(path, /its folder does not exist, make it/);
	assert.equal(existsSync(join(path, "..")), false);
	mkdirSync(join(path, ".."));
	assert.equal(await openFor(context, path).load(KEY), undefined);
	assertRefuses(join(path, ".."), /it is no file/);
	assertRefuses(join(path, "below.db"), /folder/);
});

test("what is no database, of another program, or empty is refused with the way out, and stays as it is", async (context) => {
	const path = fileFor(context);
	const foreign = new DatabaseSync(join(path, "..", "foreign"));
	foreign.exec("CREATE TABLE notes (text TEXT)");
	foreign.close();
	for (const bytes of [
		Buffer.from("# my notes\n".repeat(500)),
		Buffer.alloc(0),
		Buffer.alloc(8192),
		readFileSync(join(path, "..", "foreign")),
	]) {
		writeFileSync(path, bytes);
		assertRefuses(path, WAY_OUT);
		assert.deepEqual(readFileSync(path), bytes);
	}
});

test("a file of a newer release is refused, and named as such", async (context) => {
	const path = await savedFile(context);
	const database = new DatabaseSync(path);
	database.exec("PRAGMA user_version = 2");
	database.close();
	assertRefuses(path, /written by a newer kube-audit: update this one/, WAY_OUT);
});

test("wherever a file is cut, it is refused, or its checkpoint is not taken for good", async (context) => {
	const path = await savedFile(context);
	const whole = readFileSync(path);
	for (const bytes of [1, 16, 99, 100, 511, 4095, 4096, 4097, 8192, whole.length - 4096, whole.length - 1]) {
		writeFileSync(path, whole.subarray(0, bytes));
		await assert.rejects(
			async () => {
				await using store = openFileCheckpoints(path);
				await store.load(KEY);
			},
			(error) =>
				error instanceof CollectorError && error.code === "CONFIG_INVALID" && WAY_OUT.test(error.message) && error.message.includes(path),
			`cut to ${bytes} of ${whole.length}`,
		);
	}
	writeFileSync(path, whole);
	assert.ok(await openFor(context, path).load(KEY));
});

/** Changes the stored row behind the store's back. */
function tamper(path: string, set: string): void {
	const database = new DatabaseSync(path);
	database.exec(`UPDATE checkpoint SET ${set} WHERE name LIKE '%prod/cluster%'`);
	database.close();
}

const DAMAGES = [
	"cursor = substr(cursor, 1, 9)",
	"cursor = replace(cursor, '10:00', '20:00')",
	"cursor = 'null'",
	"cursor = ''",
	"checksum = 0",
];

test("a damaged row is refused by its source and scope, and the others load", async (context) => {
	for (const damage of DAMAGES) {
		const path = await savedFile(context);
		const store = openFor(context, path);
		const other = { ...KEY, scope: "other" };
		await store.save(other, { v: 1, at: 7 }, undefined);
		tamper(path, damage);
		await assert.rejects(store.load(KEY), (error) => {
			assert.ok(error instanceof CollectorError);
			assert.equal(error.code, "CONFIG_INVALID");
			for (const part of ['"prod"', JSON.stringify(KEY.scope), path, "damaged", "--start-from TIME"])
				assert.ok(error.message.includes(part), part);
			assert.ok(!error.message.includes("2026-11-23"), "a cursor is not told");
			return true;
		});
		await assert.rejects(store.save(KEY, { v: 1 }, undefined), { code: "CHECKPOINT_CONFLICT" });
		assert.deepEqual((await store.load(other))?.cursor, { v: 1, at: 7 });
	}
});

test("started anew, a damaged row is written over, but only once", async (context) => {
	const path = await savedFile(context);
	tamper(path, DAMAGES[0] as string);
	const [store, other] = [openFor(context, path, { startAnew: true }), openFor(context, path, { startAnew: true })];
	for (const handle of [store, other]) assert.equal(await handle.load(KEY), undefined);
	const version = await store.save(KEY, { v: 1, at: 1 }, undefined);
	await assert.rejects(other.save(KEY, { v: 1, at: 2 }, undefined), { code: "CHECKPOINT_CONFLICT" });
	assert.deepEqual(await other.load(KEY), { cursor: { v: 1, at: 1 }, version });
});

test("started anew, an unfit file is kept beside, and a sound one is used", async (context) => {
	const path = fileFor(context);
	for (const text of ["no database", "neither"]) {
		writeFileSync(path, text);
		await using store = openFileCheckpoints(path, { startAnew: true });
		assert.equal(await store.load(KEY), undefined);
		await store.save(KEY, { v: 1 }, undefined);
	}
	assert.equal(readFileSync(`${path}.damaged-1`, "utf8"), "no database");
	assert.equal(readFileSync(`${path}.damaged-2`, "utf8"), "neither");
	assert.ok(await openFor(context, path, { startAnew: true }).load(KEY));
	assert.equal(existsSync(`${path}.damaged-3`), false);
});

test("while another process writes, a save says that it is tried again, and then succeeds", async (context) => {
	const path = fileFor(context);
	const store = openFor(context, path, { busyTimeoutMs: 5 });
	const version = await store.save(KEY, { v: 1, at: 1 }, undefined);
	const other = new DatabaseSync(path);
	other.exec("BEGIN IMMEDIATE");
	await assert.rejects(store.save(KEY, { v: 1, at: 2 }, version), {
		code: "CHECKPOINT_UNAVAILABLE",
		message: /another process holds it locked/,
	});
	assert.deepEqual((await store.load(KEY))?.cursor, { v: 1, at: 1 });
	other.exec("ROLLBACK");
	other.close();
	await store.save(KEY, { v: 1, at: 2 }, version);
});

test("a file that was moved away, replaced or removed while in use takes no more saves", async (context) => {
	const path = await savedFile(context);
	const store = openFor(context, path);
	const version = (await store.load(KEY))?.version;
	renameSync(path, `${path}.moved`);
	await assert.rejects(store.save(KEY, { v: 1 }, version), { code: "CHECKPOINT_CONFLICT", message: /moved away or replaced/ });
	copyFileSync(`${path}.moved`, path);
	await assert.rejects(store.save(KEY, { v: 1 }, version), { code: "CHECKPOINT_CONFLICT" });
});

test("a closed store says so, and is closed twice without harm", async (context) => {
	const store = openFileCheckpoints(fileFor(context));
	await store[Symbol.asyncDispose]();
	await store[Symbol.asyncDispose]();
	await assert.rejects(store.load(KEY), { code: "CHECKPOINT_UNAVAILABLE" });
	await assert.rejects(store.save(KEY, { v: 1 }, undefined), { code: "CHECKPOINT_UNAVAILABLE" });
});

test("names with signs that a URL would read, and a shortened one, are one file", async (context) => {
	const path = join(folderFor(context), "a b%20?mode=memory#ü.db");
	await openFor(context, path).save(KEY, { v: 1 }, undefined);
	assert.ok(readdirSync(join(path, "..")).includes("a b%20?mode=memory#ü.db"));
	truncateSync(path, 0);
	assertRefuses(path, /empty/);
});

/** Prints 0, then saves 1, 2, 3, ... from what is stored on, and prints each once it is saved. Tries again as the error table says. */
const SAVER = `
	const { openFileCheckpoints } = await import(${JSON.stringify(new URL("./file.ts", import.meta.url).href)});
	const { writeSync } = await import("node:fs");
	async function tried(call) {
		for (;;) {
			try {
				return await call();
			} catch (error) {
				if (error.action !== "retry") throw error;
			}
		}
	}
	writeSync(1, "0\\n");
	const store = await tried(() => openFileCheckpoints(process.argv[1]));
	const key = ${JSON.stringify(KEY)};
	const loaded = await tried(() => store.load(key));
	let version = loaded?.version;
	for (let at = (loaded?.cursor.at ?? 0) + 1; ; at++) {
		version = await tried(() => store.save(key, { v: 1, at, filler: "x".repeat(at % 9000) }, version));
		writeSync(1, at + "\\n");
	}
`;

function startSaver(path: string) {
	const child = spawn(process.execPath, ["--input-type=module", "--eval", SAVER, path], { stdio: ["ignore", "pipe", "pipe"] });
	const said = { out: "", error: "" };
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		said.out += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		said.error += text;
	});
	const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once("close", (_, signal) => resolve(signal)));
	return { child, said, ended };
}

/** Kills a saver so many milliseconds after its output matches; gives the last number that it printed. */
async function killedSaver(path: string, begun: RegExp, afterMs: number): Promise<number> {
	const { child, said, ended } = startSaver(path);
	let isBegun = false;
	child.stdout.on("data", () => {
		if (!isBegun && begun.test(said.out)) {
			isBegun = true;
			setTimeout(() => child.kill("SIGKILL"), afterMs);
		}
	});
	assert.equal(await ended, "SIGKILL", said.error);
	// The last line may be cut: what was printed in full counts.
	return Number(said.out.slice(0, said.out.lastIndexOf("\n")).split("\n").at(-1));
}

test("killed at any moment, the store holds what it said it saved, and is sound", { timeout: 60_000 }, async (context) => {
	const path = fileFor(context);
	const random = randomOf(20261123);
	let before = 0;
	for (let round = 0; round < 12; round++) {
		const printed = await killedSaver(path, /\n[1-9]/, random() * 60);
		await using store = openFileCheckpoints(path);
		const at = (await store.load(KEY))?.cursor["at"] as number;
		// One more may have been saved than was printed.
		assert.ok(at === printed || at === printed + 1, `printed ${printed}, stored ${at}`);
		assert.ok(at > before);
		before = at;
	}
});

test("killed while it makes its file, the store leaves a sound one or none", { timeout: 60_000 }, async (context) => {
	const folder = folderFor(context);
	const random = randomOf(7);
	for (let round = 0; round < 6; round++) {
		const path = join(folder, `${round}.db`);
		const printed = await killedSaver(path, /^0/, random() * 12);
		await using store = openFileCheckpoints(path);
		const at = ((await store.load(KEY))?.cursor["at"] ?? 0) as number;
		assert.ok(at === printed || at === printed + 1, `printed ${printed}, stored ${at}`);
	}
});

test("of two processes that save one key, one is told that the other did", { timeout: 60_000 }, async (context) => {
	const path = fileFor(context);
	const savers = [startSaver(path), startSaver(path)];
	await Promise.race(savers.map(({ ended }) => ended));
	const conflicts = savers.filter(({ child }) => child.exitCode !== null);
	for (const { child } of savers) child.kill("SIGKILL");
	await Promise.all(savers.map(({ ended }) => ended));
	assert.equal(conflicts.length, 1);
	assert.match(conflicts[0]?.said.error ?? "", /CHECKPOINT_CONFLICT/);
	const printed = savers.map(({ said }) => said.out.trimEnd().split("\n").map(Number));
	const twice = (printed[0] ?? []).filter((at) => at > 0 && printed[1]?.includes(at));
	assert.deepEqual(twice, [], "no number was saved by both");
});

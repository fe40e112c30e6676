import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { folderFor } from "../../test/temp-folder.ts";
import type { CollectorError } from "../contract/errors.ts";
import { inflateWhole } from "../framing/inflate.ts";
import { openFileSink } from "./file.ts";
import { deliveryOf } from "./test-events.ts";

const { signal } = new AbortController();

const READERS = [
	["events.ndjson", (bytes: Buffer) => bytes.toString()],
	["events.ndjson.gz", (bytes: Buffer) => gunzipSync(bytes).toString()],
	["events.ndjson.zst", (bytes: Buffer) => Buffer.from(inflateWhole(bytes, 1 << 20)).toString()],
] as const;

test("each delivery is written, in the order of the calls, however the path says to compress", async (context) => {
	const folder = folderFor(context);
	for (const [name, read] of READERS) {
		const path = join(folder, name);
		const sink = await openFileSink(path);
		assert.equal(sink.name, `file:${path}`);
		// The first is the largest, so that it is compressed last if they are not kept in order.
		const texts = Array.from({ length: 20 }, (_, i) => [`{"n":${i},"pad":"${"é".repeat(i === 0 ? 50_000 : 1)}"}`, `{"m":${i}}`]);
		const results = await Promise.all([...texts.map((both) => sink.send(deliveryOf(...both), signal)), sink.send(deliveryOf(), signal)]);
		for (const result of results) assert.deepEqual(result, { status: "settled", rejected: [] });
		assert.equal(
			read(readFileSync(path)),
			texts
				.flat()
				.map((text) => `${text}\n`)
				.join(""),
			"readable before it is closed",
		);
		await sink[Symbol.asyncDispose]();
	}
});

test("what waits when the sink is closed is written", async (context) => {
	const path = join(folderFor(context), "events.ndjson.gz");
	const sink = await openFileSink(path);
	const sent = [sink.send(deliveryOf("1"), signal), sink.send(deliveryOf("2"), signal)];
	await sink[Symbol.asyncDispose]();
	await Promise.all(sent);
	assert.equal(gunzipSync(readFileSync(path)).toString(), "1\n2\n");
});

test("the file is written anew, and empty if nothing was sent", async (context) => {
	const path = join(folderFor(context), "events.ndjson");
	writeFileSync(path, "what was there before, and longer\n");
	const sink = await openFileSink(path);
	await sink.send(deliveryOf("1"), signal);
	await sink[Symbol.asyncDispose]();
	assert.equal(readFileSync(path, "utf8"), "1\n");
	await (await openFileSink(path))[Symbol.asyncDispose]();
	assert.equal(readFileSync(path, "utf8"), "");
});

test("a full disk is a retry, with a reason of one line that says what to do", { skip: !existsSync("/dev/full") }, async () => {
	const sink = await openFileSink("/dev/full");
	for (let attempt = 1; attempt <= 2; attempt++) {
		const result = await sink.send(deliveryOf("1"), signal);
		assert.equal(result.status, "retry");
		const { error } = result as { error: CollectorError };
		assert.deepEqual([error.code, error.action], ["SINK_UNAVAILABLE", "retry"]);
		assert.equal(error.message, "cannot write /dev/full: no space left on the disk; free some and run again");
	}
	await sink[Symbol.asyncDispose]();
});

test("a path that cannot be written is told at the start", async (context) => {
	const folder = folderFor(context);
	mkdirSync(join(folder, "folder"));
	writeFileSync(join(folder, "file"), "");
	const cases = [
		["missing/events.ndjson", /: its folder does not exist; create it first$/],
		["folder", /: it is a folder; name a file$/],
		["file/events.ndjson", /: a part of its path is a file, not a folder; choose another path$/],
	] as const;
	for (const [name, message] of cases) await assert.rejects(openFileSink(join(folder, name)), { code: "CONFIG_INVALID", message });
});

/** Root may write everywhere: become nobody for a moment. */
async function asNobody(act: () => Promise<void>): Promise<void> {
	const isRoot = process.geteuid?.() === 0;
	if (isRoot) process.seteuid?.(65_534);
	try {
		await act();
	} finally {
		if (isRoot) process.seteuid?.(0);
	}
}

test("a folder without permission is told at the start", { skip: process.geteuid === undefined }, async (context) => {
	const folder = folderFor(context);
	chmodSync(folder, 0o555);
	await asNobody(() =>
		assert.rejects(openFileSink(join(folder, "events.ndjson")), {
			code: "CONFIG_INVALID",
			message: /permission denied; choose another path or change its permissions$/,
		}),
	);
	chmodSync(folder, 0o755);
});

test("a delivery that was written in part is taken back, and written whole by the retry", {
	skip: process.platform !== "linux",
}, (context) => {
	const path = join(folderFor(context), "events.ndjson");
	// A limit on the size of files fails as a full disk does: the bytes up to there are written.
	const script = `
		process.on("SIGXFSZ", () => {});
		const { openFileSink } = await import(${JSON.stringify(new URL("./file.ts", import.meta.url).href)});
		const sink = await openFileSink(${JSON.stringify(path)});
		const send = async (text) => (await sink.send({ events: [{ uid: "", timeMs: 0, clusterKey: "", bytes: Buffer.from(text) }], source: "", partition: "", firstSeq: 0, attempt: 1 })).status;
		console.log(await send("first"), await send("x".repeat(5000)), await send("second"));
		await sink[Symbol.asyncDispose]();
	`;
	const { stdout, stderr } = spawnSync("bash", ["-c", 'ulimit -f 2; exec "$0" --input-type=module -e "$1"', process.execPath, script], {
		encoding: "utf8",
	});
	assert.equal(stdout, "settled retry settled\n", stderr);
	assert.equal(readFileSync(path, "utf8"), "first\nsecond\n");
});

test("a collector that goes on appends, and cuts a line that a killed one left half written", async (context) => {
	const path = join(folderFor(context), "events.ndjson");
	for (const torn of ["", '{"half":', `{"half":"${"x".repeat(200_000)}`]) {
		writeFileSync(path, `{"old":1}\n${torn}`);
		const sink = await openFileSink(path, "append");
		await sink.send(deliveryOf('{"new":1}'), signal);
		await sink[Symbol.asyncDispose]();
		assert.equal(readFileSync(path, "utf8"), '{"old":1}\n{"new":1}\n');
	}
	writeFileSync(path, "no line at all");
	const sink = await openFileSink(path, "append");
	await sink.send(deliveryOf('{"new":1}'), signal);
	await sink[Symbol.asyncDispose]();
	assert.equal(readFileSync(path, "utf8"), '{"new":1}\n');
});

test("a compressed file of an earlier start stays as it is: the next start has its own", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, "events.ndjson.gz");
	for (const text of ['{"n":1}', '{"n":2}']) {
		const sink = await openFileSink(path, "append", Date.UTC(2026, 10, 23, 12));
		await sink.send(deliveryOf(text), signal);
		await sink[Symbol.asyncDispose]();
	}
	assert.equal(gunzipSync(readFileSync(path)).toString(), '{"n":1}\n');
	assert.equal(gunzipSync(readFileSync(join(folder, "events-20261123T120000Z.ndjson.gz"))).toString(), '{"n":2}\n');
});

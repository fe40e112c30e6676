import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type LogOptions } from "./log.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");

async function written(options: Partial<LogOptions>, write: (log: Awaited<ReturnType<typeof createLog>>) => void): Promise<string> {
	let text = "";
	const log = await createLog({
		level: "info",
		format: "json",
		write: (lines) => {
			text += lines;
		},
		redact: (words) => words.replaceAll("hunter2", "***"),
		now: () => NOW_MS,
		...options,
	});
	write(log);
	return text;
}

test("an entry is one line of JSON with level, time, what it is about and the text", async () => {
	const text = await written({}, (log) => log.warn("late by 3 s", { source: "eks", cluster: "prod" }));
	assert.equal(text, '{"level":"warn","time":"2026-11-23T12:00:00.000Z","source":"eks","cluster":"prod","msg":"late by 3 s"}\n');
});

test("what a log is about stands in each of its entries", async () => {
	const text = await written({}, (log) => {
		const about = log.about({ source: "eks" });
		about.info("one");
		about.error("two", { code: "ACCESS_DENIED" });
		log.info("three");
	});
	const entries = text
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
	assert.deepEqual(
		entries.map(({ source, code, msg }) => [source, code, msg]),
		[
			["eks", undefined, "one"],
			["eks", "ACCESS_DENIED", "two"],
			[undefined, undefined, "three"],
		],
	);
});

test("what is below the level is not written", async () => {
	const text = await written({ level: "warn" }, (log) => {
		log.debug("a");
		log.info("b");
		log.warn("c");
		log.error("d");
	});
	assert.equal(text.match(/"msg"/g)?.length, 2);
});

test("secrets are taken out of texts and of what they are about, in either format", async () => {
	for (const format of ["json", "pretty"] as const) {
		const text = await written({ format }, (log) => log.error("refused: hunter2", { source: "a-hunter2", code: "hunter2" }));
		assert.ok(!text.includes("hunter2") && text.includes("***"), text);
	}
});

test("a text is a text: it neither formats nor breaks a line, nor takes a member's place", async () => {
	const text = await written({}, (log) => log.info('%s %j \n{"level":"error"} \u001b[31m'));
	assert.equal(text.trimEnd().split("\n").length, 1);
	assert.equal(JSON.parse(text).msg, '%s %j \n{"level":"error"} \u001b[31m');
});

test("pretty entries are one line each that a terminal cannot be tricked by", async () => {
	const hostile = "renamed to \u001b]0;x\u0007\nINFO all is well";
	const text = await written({ format: "pretty" }, (log) => log.warn(hostile, { source: "eks", cluster: "prod" }));
	assert.match(text, /^\[\d\d:\d\d:\d\d\] WARN: eks: prod: renamed to �\]0;x��INFO all is well\n$/);
});

test("auto is pretty on a terminal, with colours, and JSON elsewhere", async () => {
	const say = (isTerminal: boolean) => written({ format: "auto", isTerminal }, (log) => log.info("hello"));
	assert.equal(JSON.parse(await say(false)).msg, "hello");
	const pretty = await say(true);
	assert.ok(pretty.includes("\u001b[32mINFO") && pretty.includes("hello"), pretty);
});

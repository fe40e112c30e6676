/** Inputs that are out to hurt: each ends soon, in bounded memory, with every record accounted for. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { test } from "node:test";
import { createGzip, createZstdCompress } from "node:zlib";
import { kubeAudit } from "./program.ts";
import { type Json, parseLines, tempFolder } from "./replay-kit.ts";

const MIB = 1024 * 1024;
const RSS_MAX_BYTES = 320 * MIB;
const [LINE] = readFileSync("fixtures/kubernetes/plain.raw.jsonl", "utf8").split("\n") as [string];

interface Outcome {
	readonly framed: number;
	readonly accountedFor: number;
	readonly forwarded: number;
	readonly quarantine: readonly Json[];
}

/** Replays the file, and holds what must hold of any. */
async function survive(input: string, folder: string, ...args: string[]): Promise<Outcome> {
	const quarantine = join(folder, "quarantine.ndjson");
	writeFileSync(quarantine, "");
	const { code, stdout, stderr } = await kubeAudit([
		"replay",
		input,
		...args,
		"--to",
		`file:${join(folder, "out")}`,
		"--quarantine",
		quarantine,
		"--json",
	]);
	assert.equal(code, 0, stderr);
	const summary = JSON.parse(stdout) as Outcome & { peakRssBytes: number };
	assert.equal(summary.framed, summary.accountedFor);
	assert.ok(summary.peakRssBytes < RSS_MAX_BYTES, `${Math.round(summary.peakRssBytes / MIB)} MiB`);
	return { ...summary, quarantine: parseLines(readFileSync(quarantine, "utf8")) };
}

/** Writes piece by piece, so that the test itself stays small. */
async function writePieces(path: string, pieces: Iterable<string>): Promise<void> {
	const file = createWriteStream(path);
	for (const piece of pieces) if (!file.write(piece)) await once(file, "drain");
	file.end();
	await finished(file);
}

function* repeat(piece: string, times: number): Generator<string> {
	for (let i = 0; i < times; i++) yield piece;
}

test("a line of 200 MB goes to quarantine with its beginning, its size, its hash and who did what", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "huge.log");
	const head = `${LINE.slice(0, -1)},"requestObject":"`;
	await writePieces(path, [`${LINE}\n`, head, ...repeat("x".repeat(MIB), 200), `"}\n${LINE}\n`]);
	const { forwarded, quarantine } = await survive(path, folder.path);
	assert.equal(forwarded, 2);
	const [entry] = quarantine as [Json];
	assert.equal(entry["code"], "RECORD_TOO_LARGE");
	assert.equal(entry["size"], head.length + 200 * MIB + 2);
	assert.match(entry["sha256"] as string, /^[0-9a-f]{64}$/);
	assert.equal((entry["salvaged"] as Json)["auditID"], (JSON.parse(LINE) as Json)["auditID"]);
});

test("a JSON array of 150 MB needs no more memory than a small one", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "array.json");
	const times = Math.ceil((150 * MIB) / 64_000);
	const event = `${LINE.slice(0, -1)},"requestObject":${JSON.stringify({ spec: "y".repeat(64_000 - LINE.length) })}}`;
	await writePieces(path, ["[", ...repeat(`${event},`, times - 1), `${event}]`]);
	assert.equal((await survive(path, folder.path)).forwarded, times);
});

for (const [kind, createCompress] of [["gzip", createGzip] as const, ["zstd", createZstdCompress] as const]) {
	test(`a ${kind} bomb is refused, what came before it is read`, async () => {
		using folder = tempFolder();
		const path = join(folder.path, "bomb");
		const zeros = "\0".repeat(MIB);
		await pipeline(Readable.from([`${LINE}\n`, ...Array.from({ length: 600 }, () => zeros)]), createCompress(), createWriteStream(path));
		const { forwarded, quarantine } = await survive(path, folder.path);
		assert.equal(forwarded, 1);
		assert.ok(quarantine.some(({ reason }) => /looks like a bomb/.test(reason as string)));
	});
}

test("brackets without end are quarantined, their neighbours forwarded", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "deep.log");
	writeFileSync(
		path,
		[
			LINE,
			"[".repeat(1_000_000),
			`{"a":`.repeat(100_000),
			`${LINE.slice(0, -1)},"requestObject":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
			LINE,
		].join("\n"),
	);
	const { forwarded, quarantine } = await survive(path, folder.path, "--as", "kubernetes/audit-log");
	assert.equal(forwarded, 2);
	assert.equal(quarantine.length, 3);
});

test("a million members in one object", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "members.log");
	const members = Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":0`).join(",");
	writeFileSync(path, `${LINE.slice(0, -1)},${members}}\n${LINE}\n`);
	const { framed } = await survive(path, folder.path);
	assert.equal(framed, 2);
});

test("an annotation that is JSON in JSON in JSON", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "nested.log");
	let text = '{"token":"abcdefghijklmnopqrstuvwxyz"}';
	for (let i = 0; i < 12; i++) text = JSON.stringify({ inner: text });
	writeFileSync(path, `${LINE.slice(0, -1)},"annotations":${JSON.stringify({ a: text })}}\n`);
	assert.equal((await survive(path, folder.path)).forwarded, 1);
});

test("a flood of events that have nothing in common: what is remembered stays bounded", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "flood.jsonl");
	const events = 20_000;
	await writePieces(path, distinctEvents(events));
	const { forwarded } = await survive(path, folder.path);
	assert.equal(forwarded, events);
});

function* distinctEvents(count: number): Generator<string> {
	for (let i = 0; i < count; i++) {
		const text = (name: string): string => `${name}-${i}`.padEnd(480, name);
		const event = {
			kind: "Event",
			apiVersion: `audit.k8s.io/${text("v")}`,
			level: text("level"),
			auditID: `a-${i}`,
			stage: text("stage"),
			requestURI: `/${text("uri")}`,
			verb: text("verb"),
			user: { username: text("name"), groups: [text("group")], extra: { "authentication.kubernetes.io/credential-id": [text("id")] } },
			sourceIPs: [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`],
			userAgent: text("agent"),
			objectRef: { resource: "pods", name: text("pod") },
			responseStatus: { code: 200, message: text("why") },
			annotations: { a: text("note") },
		};
		yield `${JSON.stringify(event)}\n`;
	}
}

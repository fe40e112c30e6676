/** The command line as its users meet it: what it prints, where, and what it ends with. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import packageJson from "../package.json" with { type: "json" };
import { runCli } from "../src/run/cli.ts";
import { type Ended, kubeAudit } from "./program.ts";
import { parseLines, tempFolder } from "./replay-kit.ts";

const AUDIT_LOG = "fixtures/kubernetes/plain.raw.jsonl";
const EVENTS = 14;

/** One line that says what is wrong (and maybe what was meant), and no stack. */
function assertOneLine({ stderr }: Pick<Ended, "stderr">): void {
	assert.match(stderr, /^(kube-audit|error): [^\n]+\n(\(Did you mean [^\n]+\n)?$/);
	assert.doesNotMatch(stderr, /\n\s+at /);
}

/** The command line without a process of its own, for what ends before anything is read. */
async function runHere(args: readonly string[]): Promise<Ended> {
	let [stdout, stderr] = ["", ""];
	const code = await runCli(args, {
		stdin: (async function* () {})(),
		out: (text) => {
			stdout += text;
		},
		err: (text) => {
			stderr += text;
		},
		isTerminal: false,
		command: "kube-audit",
		signal: new AbortController().signal,
		onHangup() {},
	});
	return { code, stdout, stderr };
}

test("events go to standard output, the summary to standard error", async () => {
	using folder = tempFolder();
	const { code, stdout, stderr } = await kubeAudit(["replay", AUDIT_LOG, "--cluster", "prod", "--quarantine", join(folder.path, "q")]);
	assert.equal(code, 0);
	assert.equal(parseLines(stdout).length, EVENTS);
	assert.match(stderr, /14 records in 1 file/);
	assert.ok(!stderr.includes("\u001b"), "no colours in a pipe");
	assert.match(stderr, /kubernetes\s+prod/);
	assert.ok(!existsSync(join(folder.path, "q")), "nothing to quarantine, no file");
});

test("standard input is a source", async () => {
	const { code, stdout } = await kubeAudit(["replay", "-", "--quiet"], { stdin: readFileSync(AUDIT_LOG) });
	assert.equal(code, 0);
	assert.equal(parseLines(stdout).length, EVENTS);
});

test("several sinks get the same events, compressed by suffix", async () => {
	using folder = tempFolder();
	const [plain, gz, zst] = ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst"].map((name) => join(folder.path, name)) as [string, string, string];
	const { code } = await kubeAudit(["replay", AUDIT_LOG, "--to", `file:${plain}`, "--to", `file:${gz}`, "--to", `file:${zst}`]);
	assert.equal(code, 0);
	assert.ok(readFileSync(plain).equals(gunzipSync(readFileSync(gz))));
	assert.ok(readFileSync(plain).equals(zstdDecompressSync(readFileSync(zst))));
});

test("--json gives the summary to programs", async () => {
	using folder = tempFolder();
	const { stdout } = await kubeAudit(["replay", AUDIT_LOG, "--to", `file:${join(folder.path, "a")}`, "--json"]);
	const summary = JSON.parse(stdout) as { framed: number; accountedFor: number; forwarded: number };
	assert.deepEqual([summary.framed, summary.accountedFor, summary.forwarded], [EVENTS, EVENTS, EVENTS]);
});

test("--schema writes the same events in other schemas", async () => {
	const audit = await kubeAudit(["replay", AUDIT_LOG, "--schema", "audit", "--no-redact", "-q"]);
	assert.deepEqual(parseLines(audit.stdout), parseLines(readFileSync(AUDIT_LOG, "utf8")));
	const ecs = await kubeAudit(["replay", AUDIT_LOG, "--schema", "ecs", "-q"]);
	assert.ok(parseLines(ecs.stdout).every((event) => "@timestamp" in event));
});

test("restore is the way back", async () => {
	const { stdout } = await kubeAudit(["replay", AUDIT_LOG, "--no-redact", "-q"]);
	const restored = await kubeAudit(["restore", "-"], { stdin: stdout });
	assert.deepEqual(parseLines(restored.stdout), parseLines(readFileSync(AUDIT_LOG, "utf8")));
});

test("--from and --until bound the events by their time", async () => {
	const all = parseLines((await kubeAudit(["replay", AUDIT_LOG, "-q"])).stdout).map(({ time }) => time as number);
	const middle = all.toSorted((a, b) => a - b)[EVENTS / 2] as number;
	const at = new Date(middle).toISOString();
	const before = await kubeAudit(["replay", AUDIT_LOG, "-q", "--until", at]);
	const after = await kubeAudit(["replay", AUDIT_LOG, "-q", "--from", at]);
	assert.equal(parseLines(before.stdout).length, all.filter((time) => time < middle).length);
	assert.equal(parseLines(after.stdout).length, all.filter((time) => time >= middle).length);
});

test("help has examples everywhere, and version is the package's", async () => {
	for (const args of [["--help"], ["replay", "--help"], ["query", "--help"], ["connectors", "--help"], ["restore", "--help"]]) {
		const { code, stdout, stderr } = await runHere(args);
		assert.equal(code, 0);
		assert.match(stdout, /Example/);
		assert.equal(stderr, "");
	}
	assert.equal((await runHere(["--version"])).stdout, `${packageJson.version}\n`);
});

test("connectors lists every form", async () => {
	const { stdout } = await runHere(["connectors"]);
	for (const name of ["aws-cloudwatch/subscription", "gcp-cloud-logging/pubsub", "azure-diagnostics/records", "kubernetes/audit-log"])
		assert.ok(stdout.includes(name));
});

const WRONG_USAGE: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
	["a missing path", ["replay", "no/such/file"], /no\/such\/file: no such file/],
	["no path", ["replay"], /missing required argument/],
	["an unknown option", ["replay", AUDIT_LOG, "--frob"], /unknown option/],
	["an unknown command", ["frob"], /unknown command/],
	["an unknown sink", ["replay", AUDIT_LOG, "--to", "carrier-pigeon:"], /no such sink; one of stdout:/],
	["an unknown form", ["replay", AUDIT_LOG, "--as", "frob"], /no such form; one of/],
	["a schema that does not exist", ["replay", AUDIT_LOG, "--schema", "xml"], /Allowed choices are ocsf/],
	["a time that is none", ["replay", AUDIT_LOG, "--from", "yesterday"], /yesterday is no time/],
	["a filter that does not exist", ["replay", AUDIT_LOG, "--filter", "frob"], /frob: no such file \(presets: /],
	["settings that do not exist", ["replay", AUDIT_LOG, "--settings", "no.yaml"], /no\.yaml: no such file/],
	["an output folder that does not exist", ["replay", AUDIT_LOG, "--to", "file:no/such/folder/x"], /its folder does not exist/],
	["a folder as output", ["replay", AUDIT_LOG, "--to", "file:src"], /it is a folder/],
	["a file that is no log", ["replay", "package.json"], /package\.json: no audit log of a known form/],
	["a binary file", ["replay", process.execPath], /a binary file/],
	["a folder without files", ["replay", ".git/refs/tags"], /holds no files|no such file/],
	["duckdb with another schema", ["replay", AUDIT_LOG, "--to", "duckdb:x.duckdb", "--schema", "ecs"], /stores OCSF only/],
];

for (const [what, args, says] of WRONG_USAGE) {
	test(`wrong usage: ${what} gives one line and ends with 2`, async () => {
		const ended = await runHere(args);
		assert.match(ended.stderr, says);
		assertOneLine(ended);
		assert.equal(ended.code, 2);
	});
}

test("wrong settings name the place", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "settings.yaml");
	writeFileSync(path, "redaction:\n  presets:\n    frobs: false\nlimits:\n  recordBytesMax: -1\n");
	const ended = await runHere(["replay", AUDIT_LOG, "--settings", path]);
	assert.match(ended.stderr, /redaction\.presets.*limits\.recordBytesMax/s);
	assertOneLine(ended);
	assert.equal(ended.code, 2);
});

test("--strict ends with 1 if a record went to quarantine", async () => {
	using folder = tempFolder();
	const quarantine = join(folder.path, "q.ndjson");
	const args = ["replay", "fixtures/kubernetes/last-line-cut-in-uri.raw.jsonl", "--quarantine", quarantine, "-q"];
	assert.equal((await kubeAudit(args)).code, 0);
	assert.equal((await kubeAudit([...args, "--strict"])).code, 1);
	const [entry] = parseLines(readFileSync(quarantine, "utf8"));
	assert.equal(entry?.["code"], "RECORD_MALFORMED");
	assert.equal(statSync(quarantine).mode & 0o777, 0o600);
});

test("an empty file is told, and is no error", async () => {
	using folder = tempFolder();
	const path = join(folder.path, "empty.log");
	writeFileSync(path, "");
	const ended = await kubeAudit(["replay", path]);
	assert.match(ended.stderr, /the file is empty/);
	assert.equal(ended.code, 0);
});

test("a full disk is one line and ends with 3", { skip: existsSync("/dev/full") ? false : "no /dev/full on this system" }, async () => {
	const ended = await kubeAudit(["replay", AUDIT_LOG, "--to", "file:/dev/full", "-q"]);
	assert.match(ended.stderr, /no space left/);
	assertOneLine(ended);
	assert.equal(ended.code, 3);
});

test("a reader that goes away ends the run without noise", async () => {
	const ended = await kubeAudit(["replay", "fixtures/recorded", "-q"], { closeStdout: true });
	assert.equal(ended.stderr, "");
	assert.equal(ended.code, 0);
});

test("Ctrl-C stops cleanly", async () => {
	using folder = tempFolder();
	const big = join(folder.path, "big.jsonl");
	writeFileSync(big, Buffer.concat(Array.from({ length: 2_000 }, () => readFileSync(AUDIT_LOG))));
	let killed = false;
	const ended = await kubeAudit(["replay", big, "-q"], {
		onStdout(kill) {
			if (!killed) kill("SIGINT");
			killed = true;
		},
	});
	assert.equal(ended.code, 130);
	assert.doesNotMatch(ended.stderr, /\n\s+at /);
	assert.ok(parseLines(ended.stdout.slice(0, ended.stdout.lastIndexOf("\n"))).length > 0);
});

test("the summary tells what the filter saved, by rule", async () => {
	using folder = tempFolder();
	const args = ["replay", "fixtures/recorded", "--to", `file:${join(folder.path, "out")}`, "--filter", "controller-watch-noise"];
	const { stderr } = await kubeAudit(args);
	assert.match(stderr, /filtered events: controller-watch-noise \d+/);
	assert.match(stderr, /filter saved: +\d+ kB: controller-watch-noise \d+ kB/);
});

test("bug: a log that was named as the output, too, was emptied", async () => {
	using folder = tempFolder();
	const log = join(folder.path, "audit.log");
	writeFileSync(log, readFileSync(AUDIT_LOG));
	symlinkSync(log, join(folder.path, "link.log"));
	for (const args of [
		["--to", `file:${log}`],
		["--to", `file:${join(folder.path, "link.log")}`],
		["--quarantine", log],
	]) {
		const ended = await runHere(["replay", log, ...args]);
		assert.match(ended.stderr, /is among the files to read and would be lost/);
		assertOneLine(ended);
		assert.equal(ended.code, 2);
		assert.ok(readFileSync(log).equals(readFileSync(AUDIT_LOG)));
	}
});

test("bug: one damaged file of a folder kept the others from being read", async () => {
	using folder = tempFolder();
	writeFileSync(join(folder.path, "a.log.gz"), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
	writeFileSync(join(folder.path, "b.log"), readFileSync(AUDIT_LOG));
	const ended = await kubeAudit(["replay", folder.path]);
	assert.equal(parseLines(ended.stdout).length, EVENTS);
	assert.match(ended.stderr, /not read: 1 file .*a\.log\.gz.*: gzip data is cut or damaged/);
	assert.equal(ended.code, 0);
	const named = await runHere(["replay", join(folder.path, "a.log.gz")]);
	assert.match(named.stderr, /a\.log\.gz: gzip data is cut or damaged/);
	assertOneLine(named);
});

test("a store and a quarantine of an earlier run may lie in the folder that is read", async () => {
	using folder = tempFolder();
	writeFileSync(join(folder.path, "a.log"), `${readFileSync(AUDIT_LOG)}{"kind":"Event","auditID":"cut`);
	const args = [
		"replay",
		folder.path,
		"--to",
		`duckdb:${join(folder.path, "store.duckdb")}`,
		"--quarantine",
		join(folder.path, "q.ndjson"),
		"-q",
	];
	assert.equal((await kubeAudit(args)).code, 0);
	const again = await kubeAudit(args);
	assert.deepEqual([again.code, again.stderr], [0, ""]);
});

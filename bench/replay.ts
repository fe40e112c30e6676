/**
 * Measures `kube-audit replay` to a file: the bulk slice ten times over, in a process of its own, on one core if
 * `taskset` is there. Run it with `npm run bench`; it prints what it measured and on what machine.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const BULK = join(ROOT, "..", "shared", "audit-logs", "bulk", "audit-bulk.jsonl.gz");
const ROUNDS = 10;
const RSS_MAX_BYTES = 250 * 1024 * 1024;
const FALLBACK_BYTES = 32 * 1024 * 1024;

interface Measured {
	readonly framed: number;
	readonly forwarded: number;
	readonly elapsedMs: number;
	readonly cpuMs: number;
	readonly peakRssBytes: number;
}

/** The recorded slices, repeated up to the size of the bulk slice: for machines that lack it. */
function fallbackInput(folder: string): string {
	const recorded = join(ROOT, "fixtures", "recorded");
	const lines = readdirSync(recorded)
		.filter((name) => name.startsWith("variety-"))
		.map((name) => readFileSync(join(recorded, name)));
	const once = Buffer.concat(lines);
	const path = join(folder, "audit.jsonl");
	writeFileSync(path, Buffer.concat(Array.from({ length: Math.ceil(FALLBACK_BYTES / once.length) }, () => once)));
	return path;
}

function onOneCore(command: readonly string[]): readonly string[] {
	return spawnSync("taskset", ["-V"]).status === 0 ? ["taskset", "-c", "0", ...command] : command;
}

function measure(input: string, out: string): Measured {
	const inputs = Array.from({ length: ROUNDS }, () => input);
	const command = onOneCore([
		process.execPath,
		...process.execArgv,
		join(ROOT, "src", "main.ts"),
		"replay",
		...inputs,
		"--cluster",
		"bench",
		"--to",
		`file:${out}`,
		"--quarantine",
		`${out}.quarantine`,
		"--json",
	]);
	return JSON.parse(execFileSync(command[0] as string, command.slice(1), { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })) as Measured;
}

const folder = mkdtempSync(join(tmpdir(), "kube-audit-bench-"));
try {
	const input = existsSync(BULK) ? BULK : fallbackInput(folder);
	const out = join(folder, "events.ndjson");
	const { forwarded, elapsedMs, cpuMs, peakRssBytes } = measure(input, out);
	const print = (line: string): void => void process.stdout.write(`${line}\n`);
	print(`machine        ${cpus()[0]?.model ?? "unknown"}, Node.js ${process.versions.node}, one core`);
	print(`input          ${input === BULK ? "bulk slice" : "recorded slices, repeated"}, ${ROUNDS} times; redaction on, to file:`);
	print(`events         ${forwarded}, ${(statSync(out).size / 1e6).toFixed(0)} MB written`);
	print(
		`rate           ${Math.round(forwarded / (elapsedMs / 1000))} events/s (${((cpuMs / forwarded) * 1000).toFixed(1)} µs CPU per event)`,
	);
	print(`peak RSS       ${Math.round(peakRssBytes / 1024 / 1024)} MiB (limit ${RSS_MAX_BYTES / 1024 / 1024})`);
	if (peakRssBytes > RSS_MAX_BYTES) process.exitCode = 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}

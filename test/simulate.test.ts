/** `kube-audit simulate` as the README shows it: its settings, its environment, and the collector against it. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { SIMULATED } from "../src/run/simulate/simulate.ts";
import { kubeAudit } from "./program.ts";
import { type Json, parseLines } from "./replay-kit.ts";
import { enter, runHere } from "./simulated.ts";
import { folderFor } from "./temp-folder.ts";

const FIXTURE = "fixtures/kubernetes/plain.raw.jsonl";

interface Printed {
	readonly config: string;
	readonly stderr: string;
}

/** Serves until `use` has ended, in the environment that is printed; then Ctrl-C. Gives the exit code. */
async function whileSimulated(args: readonly string[], use: (printed: Printed) => Promise<void>): Promise<number | null> {
	const stop = new AbortController();
	const { promise: printed, resolve } = Promise.withResolvers<Printed>();
	const ended = runHere(["simulate", ...args], { signal: stop.signal, onStdout: (config, stderr) => resolve({ config, stderr }) });
	const first = await Promise.race([printed, ended]);
	if ("code" in first) throw new Error(first.stderr);
	const leave = enter(Object.fromEntries([...first.stderr.matchAll(/^ {2}export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value])));
	try {
		await use(first);
	} finally {
		leave();
		stop.abort();
	}
	return (await ended).code;
}

/** Watermark events aside. */
const auditEvents = (text: string): readonly Json[] => parseLines(text).filter((event) => event["class_uid"] === 6003);
const idsOf = (events: readonly Json[]): readonly unknown[] => events.map((event) => (event["metadata"] as Json)["correlation_uid"]).sort();

for (const source of SIMULATED) {
	test(`${source}: every event of the fixtures arrives once, with the settings and variables that are printed`, async (context) => {
		const folder = folderFor(context);
		const path = join(folder, "kube-audit.yaml");
		const run = () => kubeAudit(["run", "--config", path, "--once"], { cwd: folder });
		const replayed = await kubeAudit(["replay", FIXTURE, "-q"]);
		let checkpoints = "";
		const code = await whileSimulated(["--source", source, "--fixtures", FIXTURE], async ({ config, stderr }) => {
			assert.match(stderr, new RegExp(`^${source} is simulated on http://127\\.0\\.0\\.1:\\d+\n  14 events out of 1 file, from 20`));
			assert.match(stderr, /\n {2}kube-audit run --config kube-audit\.yaml --once\n/);
			writeFileSync(path, config);
			[, checkpoints = ""] = /checkpoints: "file:(.*)"/.exec(config) ?? [];
			const first = await run();
			assert.equal(first.code, 0, first.stderr);
			assert.deepEqual(idsOf(auditEvents(first.stdout)), idsOf(auditEvents(replayed.stdout)));
			assert.ok(existsSync(checkpoints));
			assert.deepEqual(auditEvents((await run()).stdout), [], "what was read is known");
		});
		assert.equal(code, 0);
		assert.ok(!existsSync(checkpoints), "nothing is left behind");
	});
}

test("fixtures of every source are served, whatever the service; what comes twice is left out", async () => {
	const stories = ["fixtures/stories/read-secret.gcp-cloud-logging.raw.jsonl", "fixtures/stories/read-secret.azure-aksaudit.raw.jsonl"];
	const code = await whileSimulated(["--source", "aws-cloudwatch", "--fixtures", ...stories, FIXTURE, FIXTURE], async ({ stderr }) => {
		assert.match(stderr, /\d+ events out of 4 files/);
		assert.match(stderr, /left out: 16 that came twice/);
	});
	assert.equal(code, 0);
});

test("with a rate, events go on, with audit ids of their own, and with faults none is lost", async (context) => {
	const folder = folderFor(context);
	const path = join(folder, "kube-audit.yaml");
	const args = ["--source", "aws-cloudwatch", "--fixtures", FIXTURE, "--rate", "200", "--faults", "0.2"];
	await whileSimulated(args, async ({ config }) => {
		writeFileSync(path, config);
		const { code, stdout } = await kubeAudit(["run", "--config", path, "--once"], { cwd: folder });
		const events = parseLines(stdout);
		assert.equal(code, 0);
		assert.ok(events.length > 14, String(events.length));
		const known = idsOf(parseLines((await kubeAudit(["replay", FIXTURE, "-q"])).stdout));
		assert.deepEqual(
			idsOf(events).filter((id) => known.includes(id)),
			known,
		);
		assert.equal(new Set(events.map((event) => (event["metadata"] as Json)["uid"])).size, events.length);
	});
});

test("without fixtures there are samples", async () => {
	await whileSimulated(["--source", "aws-cloudwatch"], async ({ stderr }) => assert.match(stderr, /\n {2}60 sample events, from/));
});

test("a port that is in use is told of in one line", async () => {
	await using server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const { code, stdout, stderr } = await runHere(["simulate", "--source", "aws-cloudwatch", "--port", String(port)]);
	assert.deepEqual([code, stdout, stderr], [2, "", `kube-audit: port ${port} is in use: choose another with --port\n`]);
});

const WRONG: readonly (readonly [what: string, args: readonly string[], says: RegExp])[] = [
	["no source", [], /--source <connector>/],
	["a source that is none", ["--source", "frob"], /Allowed choices are aws-cloudwatch, azure-diagnostics, gcp-cloud-logging/],
	["a port that is none", ["--source", "aws-cloudwatch", "--port", "x"], /--port x: expected a whole number from 0 to 65535/],
	["a rate that is none", ["--source", "aws-cloudwatch", "--rate", "-1"], /--rate -1: expected a number from 0/],
	["a fault rate of all", ["--source", "aws-cloudwatch", "--faults", "1"], /--faults 1: expected a number from 0 to 0.9/],
	["fixtures that are not there", ["--source", "aws-cloudwatch", "--fixtures", "no/such"], /no\/such: no such file or folder/],
	["fixtures without an event", ["--source", "aws-cloudwatch", "--fixtures", "fixtures/malformed/blank.raw.jsonl"], /no audit events/],
];

for (const [what, args, says] of WRONG) {
	test(`wrong usage: ${what}`, async () => {
		const { code, stdout, stderr } = await runHere(["simulate", ...args]);
		assert.match(stderr, says);
		assert.deepEqual([code, stdout], [2, ""]);
	});
}

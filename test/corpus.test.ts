/**
 * Real logs: those that we recorded, and those of public projects, when their folder lies beside the checkout.
 * What must become of each file is a committed manifest; every event must validate and find its way back.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { rebuildLogEntry } from "../connectors/gcp-cloud-logging/rebuild.ts";
import { scanObject } from "../src/json/scan.ts";
import { restoreAuditEvent } from "../src/normalise/restore.ts";
import { total } from "../src/pipeline/tally.ts";
import manifest from "./corpus-manifest.json" with { type: "json" };
import { ocsfFaults } from "./ocsf-schema.ts";
import { type Json, parseLines, type Replayed, replayInTest } from "./replay-kit.ts";
import { ROOT } from "./source-files.ts";

const SHARED = join(ROOT, "..", "shared");
const skip = existsSync(SHARED) ? false : "the folder of recorded and public logs is not beside this checkout";

const pathOf = (name: string): string => join(SHARED, name);
const replays = new Map<string, Promise<Replayed>>();

/** Each file is read once, without redaction: what is lost or changed on the way must show. */
function replayed(name: string): Promise<Replayed> {
	const known = replays.get(name) ?? replayInTest([pathOf(name)], { redact: false, cluster: "corpus" });
	replays.set(name, known);
	return known;
}

for (const [name, expected] of Object.entries(manifest)) {
	test(`${name}: what became of its records`, { skip }, async () => {
		const { result } = await replayed(name);
		const { tally, files } = result;
		const found = {
			form: files[0]?.form,
			framed: tally.framed - tally.joined,
			forwarded: tally.forwarded,
			skipped: total(tally.skipped),
			quarantined: total(tally.quarantined),
		};
		assert.deepEqual(found, expected);
	});

	test(`${name}: every event is valid OCSF`, { skip }, async () => {
		for (const event of (await replayed(name)).events) assert.deepEqual(ocsfFaults(event), []);
	});
}

/** The texts of the audit events in a file, taken out without the product's decoders. */
const ORIGINALS: Readonly<Record<string, (bytes: Buffer) => readonly string[]>> = {
	"kubernetes/audit-log": linesOf,
	"aws-cloudwatch/messages": linesOf,
	"kubernetes/event-list": (bytes) =>
		linesOf(bytes).flatMap((line) => (JSON.parse(line) as { items: Json[] }).items.map((item) => JSON.stringify(item))),
	"azure-diagnostics/records": (bytes) =>
		linesOf(bytes).flatMap((line) => recordsOf(JSON.parse(line) as Json).map(({ properties }) => (properties as { log: string }).log)),
};

function recordsOf(document: Json): readonly Json[] {
	return (document["records"] as readonly Json[] | undefined) ?? [document];
}

function linesOf(bytes: Buffer): readonly string[] {
	return bytes
		.toString("utf8")
		.split("\n")
		.filter((line) => line.trim() !== "" && !line.startsWith('{"kind": 0'));
}

function readOriginal(name: string): Buffer {
	const bytes = readFileSync(pathOf(name));
	return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
}

for (const [name, { form, forwarded }] of Object.entries(manifest)) {
	const originalsOf = ORIGINALS[form];
	if (originalsOf === undefined || forwarded === 0) continue;
	test(`${name}: every event finds its way back`, { skip }, async () => {
		const { events } = await replayed(name);
		const originals = originalsOf(readOriginal(name));
		assert.equal(originals.length, events.length);
		for (const [i, event] of events.entries()) assert.deepEqual(restoreAuditEvent(event), JSON.parse(originals[i] as string));
	});
}

const NATIVE = Object.entries(manifest)
	.filter(([, { form }]) => form === "kubernetes/audit-log")
	.map(([name]) => name);

test("bodies come out byte for byte", { skip }, async () => {
	let bodies = 0;
	for (const name of NATIVE.filter((path) => !path.includes("odd-bodies"))) {
		const lines = (await replayed(name)).text.split("\n");
		linesOf(readOriginal(name)).forEach((line, i) => {
			const bytes = Buffer.from(line);
			for (const { key, start, end } of scanObject(bytes).members) {
				if (key !== "requestObject" && key !== "responseObject") continue;
				bodies++;
				assert.ok((lines[i] as string).includes(`"data":${bytes.subarray(start, end).toString()}`), `${name}:${i + 1} ${key}`);
			}
		});
	}
	assert.ok(bodies > 1_000);
});

for (const [name, { form, forwarded }] of Object.entries(manifest)) {
	if (form !== "gcp-cloud-logging/log-entries" || forwarded === 0) continue;
	test(`${name}: every LogEntry can be rebuilt`, { skip }, async () => {
		const { events } = await replayed(name);
		const originals = parseLines(readFileSync(pathOf(name), "utf8"));
		for (const [i, event] of events.entries()) assert.deepEqual(rebuildLogEntry(restoreAuditEvent(event), envelopeOf(event)), originals[i]);
	});
}

function envelopeOf({ metadata, unmapped }: Json): Parameters<typeof rebuildLogEntry>[1] {
	const { original_event_uid, logged_time_dt, log_name } = metadata as Record<string, string>;
	const { envelope } = unmapped as { envelope: Json };
	return { recordId: original_event_uid, loggedTime: logged_time_dt, logName: log_name, rest: envelope } as Parameters<
		typeof rebuildLogEntry
	>[1];
}

test("the same events by file and by webhook have the same uids", { skip }, async () => {
	const uidsOf = async (name: string): Promise<Map<string, string>> => {
		const { events } = await replayed(`audit-logs/kube-apiserver-1.36.2/${name}`);
		return new Map(
			events.map(({ metadata }) => [
				(metadata as Json)["uid"] as string,
				`${(metadata as Json)["correlation_uid"]} ${(metadata as Json)["event_code"]}`,
			]),
		);
	};
	const [byFile, byWebhook] = [await uidsOf("audit-mixed.jsonl"), await uidsOf("webhook-eventlists.jsonl")];
	const told = new Set(byWebhook.values());
	const inBoth = [...byFile].filter(([, deed]) => told.has(deed));
	assert.ok(inBoth.length > 1_000, `${inBoth.length} in both`);
	assert.deepEqual(
		inBoth.filter(([uid]) => !byWebhook.has(uid)),
		[],
	);
});

test("no two events share a uid, but those that are equal", { skip }, async () => {
	const texts = new Map<string, string>();
	for (const name of NATIVE) {
		const originals = linesOf(readOriginal(name));
		(await replayed(name)).events.forEach(({ metadata }, i) => {
			const uid = (metadata as Json)["uid"] as string;
			const text = (originals[i] as string).trim();
			assert.equal(texts.get(uid) ?? text, text);
			texts.set(uid, text);
		});
	}
});

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { DecodedEvent } from "../../src/contract/decode.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import { sniff } from "../../src/framing/sniff.ts";
import { COLUMNS } from "./audit-row.ts";
import { decode } from "./decode.ts";
import { parseExact } from "./exact-json.ts";
import { forms } from "./forms.ts";
import { rebuildRecord } from "./rebuild.ts";
import { auditRow, decodeEvent, diagnosticsRow, EVENT, framed, plainEvent, record } from "./test-records.ts";

const LOGS = ["log", "log_s", "Message"];
const ROOT = join(import.meta.dirname, "..", "..");
/** Public samples, where they lie beside the project. */
const CORPUS = join(ROOT, "..", "shared", "corpus", "aks");

function parsed(text: unknown): unknown {
	try {
		return typeof text === "string" ? JSON.parse(text) : text;
	} catch {
		return text;
	}
}

/** A record with its log line and dynamic cells parsed, and without the empty cells of a row. */
function comparable(whole: JsonObject): Record<string, unknown> {
	const isRow = whole["properties"] === undefined;
	const members = Object.entries(whole).filter(([, value]) => value !== undefined && !(isRow && (value === "" || value === null)));
	return Object.fromEntries(
		members.map(([key, value]) => {
			if (key === "properties") return [key, comparableInner(value as JsonObject)];
			return [key, LOGS.includes(key) || COLUMNS.get(key)?.type === "dynamic" ? parsed(value) : value];
		}),
	);
}

const comparableInner = (inner: JsonObject): object => ({ ...inner, log: parsed(inner["log"]) });

function rebuilt({ event, envelope, origin }: DecodedEvent): JsonObject {
	return rebuildRecord(plainEvent(event) as JsonObject, { ...envelope, ...origin });
}

test("every shape of a record is found again from its event and envelope", () => {
	const bodies = [
		record(EVENT),
		record(`${EVENT}\n`),
		record(JSON.parse(EVENT)),
		record(EVENT, { Cloud: "AzureCloud", Environment: "prod", time: 5, category: null }, { pod: "", more: { deep: [1.5] } }),
		record(EVENT, { category: "", properties: { log: EVENT } }),
		diagnosticsRow(EVENT),
		diagnosticsRow(EVENT, { Type: undefined, pod_s: 5 }),
		{ Category: "kube-apiserver", Message: EVENT, PodName: "p", Stream: "stdout", Type: "AKSControlPlane", Level: "INFO" },
		auditRow(),
		auditRow({ Type: undefined, User: JSON.stringify({ username: "jane" }), _ItemId: "i" }),
		auditRow({ RequestObject: "skipped-too-big-size-object", SourceIps: "10.0.0.1" }),
	].map((body) => JSON.stringify(body));
	bodies.push(`{"properties":{"log":${JSON.stringify(EVENT)}},"n":9007199254740993,"__proto__":1.0}`);
	for (const body of bodies)
		assert.deepEqual(comparable(rebuilt(decodeEvent(body))), comparable(parseExact(Buffer.from(body)) as JsonObject));
});

test("the event may be given as text", () => {
	const { envelope, origin } = decodeEvent(record(EVENT));
	assert.deepEqual(rebuildRecord(EVENT, { ...envelope, ...origin }), record(EVENT));
});

async function checkFile(path: string): Promise<Record<string, number | string | undefined>> {
	const bytes = readFileSync(path);
	const form = forms.find((candidate) => candidate.matches(sniff(bytes)))?.name;
	const counts = { form, framed: 0, forwarded: 0, skipped: 0, quarantined: 0 };
	for (const framedRecord of await framed(bytes, form ?? "rows")) {
		counts.framed++;
		const decoded = decode(framedRecord);
		counts[decoded.kind === "event" ? "forwarded" : decoded.kind === "skip" ? "skipped" : "quarantined"]++;
		if (decoded.kind !== "event" || decoded.truncated !== undefined) continue;
		assert.deepEqual(comparable(rebuilt(decoded)), comparable(parseExact(framedRecord.body) as JsonObject), path);
	}
	return counts;
}

test("every record of the fixtures comes to what was planted, and is found again", async () => {
	const expected = JSON.parse(readFileSync(join(ROOT, "fixtures/expected.json"), "utf8")) as Record<string, { form: string }>;
	const mine = Object.entries(expected).filter(([, { form }]) => form.startsWith("azure-diagnostics/"));
	assert.ok(mine.length > 0);
	for (const [path, counts] of mine) {
		const found = await checkFile(join(ROOT, "fixtures", path));
		assert.deepEqual({ ...found, form: `azure-diagnostics/${found["form"]}` }, counts, path);
	}
});

test("every record of the corpus is an event and is found again", { skip: !existsSync(CORPUS) }, async () => {
	let records = 0;
	for (const file of globSync(join(CORPUS, "*.jsonl"))) {
		const { form, framed: all, forwarded } = await checkFile(file);
		// One file holds a bare event: not ours.
		if (form === undefined) continue;
		assert.equal(forwarded, all, file);
		records += Number(forwarded);
	}
	assert.ok(records > 0);
});

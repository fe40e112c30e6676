/** What the stored forms of native audit logs are cut into, and what becomes of each piece. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CollectorError } from "../../src/contract/errors.ts";
import { textOf } from "../../src/json/scan.ts";
import { eventsOf, outcomesOf, readStored } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { kubernetes } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jane"}}';
const OTHER = EVENT.replace("a-1", "a-2");
const ITEM = EVENT.replace('"kind":"Event","apiVersion":"audit.k8s.io/v1",', "");
const listOf = (...items: string[]): string =>
	`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(",")}]}`;
const KLOG = "E1123 15:19:15.334333    2193 metrics.go:110] Error in audit plugin 'log' affecting 1 audit events";

async function outcomes(form: string, text: string | Uint8Array): Promise<readonly string[]> {
	return outcomesOf(await readStored(kubernetes, form, text));
}

async function auditIds(form: string, text: string): Promise<readonly (string | undefined)[]> {
	return eventsOf(await readStored(kubernetes, form, text)).map(({ event }) => event.auditID);
}

test("event-list: documents alone, on lines, concatenated, indented", async () => {
	const list = listOf(ITEM, ITEM.replace("a-1", "a-2"));
	const indented = JSON.stringify(JSON.parse(list), null, 2);
	for (const text of [list, `${list}\n`, indented]) assert.deepEqual(await auditIds("event-list", text), ["a-1", "a-2"]);
	for (const text of [`${list}\n${list}\n`, `${list}${list}`, `${indented}\n${indented}`])
		assert.deepEqual(await auditIds("event-list", text), ["a-1", "a-2", "a-1", "a-2"]);
});

test("event-list: empty lists are no records, and odd items do not take the others along", async () => {
	assert.deepEqual(await outcomes("event-list", listOf()), []);
	assert.deepEqual(await outcomes("event-list", listOf().replace("[]", "null")), []);
	const odd = listOf("null", ITEM, "5", "{}", '"text"', "[]", ITEM);
	const skipped = "not-an-audit-event";
	assert.deepEqual(await outcomes("event-list", odd), [skipped, "event", skipped, skipped, skipped, skipped, "event"]);
});

test("event-list: what was cut is read as far as it came", async () => {
	assert.deepEqual(await outcomes("event-list", listOf(ITEM, ITEM).slice(0, -30)), ["event", "cut"]);
});

test("an item and the line of the same event have the same identity", async () => {
	const [line] = eventsOf(await readStored(kubernetes, "audit-log", EVENT));
	const [item] = eventsOf(await readStored(kubernetes, "event-list", listOf(ITEM)));
	assert.equal(textOf(item?.identity ?? new Uint8Array()), textOf(line?.identity ?? new Uint8Array(1)));
});

test("json: arrays of events, of lists, indented and concatenated documents", async () => {
	const both = ["a-1", "a-2"];
	assert.deepEqual(await auditIds("json", `[${EVENT},${OTHER}]`), both);
	assert.deepEqual(await auditIds("json", JSON.stringify([JSON.parse(EVENT), JSON.parse(OTHER)], null, 4)), both);
	assert.deepEqual(await auditIds("json", `[${listOf(ITEM)},${listOf()},${listOf(OTHER)}]`), both);
	assert.deepEqual(await auditIds("json", EVENT + OTHER), both);
	assert.deepEqual(
		await auditIds("json", `${JSON.stringify(JSON.parse(EVENT), null, 2)}\n${JSON.stringify(JSON.parse(OTHER), null, 2)}`),
		both,
	);
	assert.deepEqual(await auditIds("json", "[]"), []);
});

test("audit-log: byte order mark, CRLF, blank lines, a last line without its end or its brace", async () => {
	assert.deepEqual(await outcomes("audit-log", `\ufeff${EVENT}\r\n\r\n  \n${OTHER}`), ["event", "event"]);
	assert.deepEqual(await outcomes("audit-log", `${EVENT.slice(0, -1)}\n${OTHER}\n`), ["cut", "event"]);
	assert.deepEqual(await outcomes("audit-log", EVENT.slice(0, 110)), ["bad"]);
});

test("audit-log: klog and stack traces are another log, other text is bad, JSON of another kind is skipped", async () => {
	const lines = [KLOG, "Impacted events:", "goroutine 17 [running]:", "\t/src/audit.go:17 +0x1d", "-- rotated --", EVENT];
	assert.deepEqual(await outcomes("audit-log", lines.join("\n")), ["other-log", "other-log", "other-log", "other-log", "bad", "event"]);
	const json = ['{"kind":0}', "{}", "null", "42", '"text"', "[1]", '{"kind":"Event","apiVersion":"v1","metadata":{}}'];
	assert.deepEqual(new Set(await outcomes("audit-log", json.join("\n"))), new Set(["not-an-audit-event"]));
});

test("audit-log: the node's name before a line is the log's source", async () => {
	const stored = await readStored(kubernetes, "audit-log", `crc ${EVENT}\nip-10-0-1-2.example.com ${OTHER}\n`);
	assert.deepEqual(outcomesOf(stored), ["event", "event"]);
	assert.deepEqual(
		stored.map(({ record }) => record.origin?.logSource),
		["crc", "ip-10-0-1-2.example.com"],
	);
});

test("audit-log: a line that is an EventList is opened, also behind a prefix, also when cut", async () => {
	const list = listOf(ITEM, ITEM.replace("a-1", "a-2"));
	const stored = await readStored(
		kubernetes,
		"audit-log",
		`${EVENT}\n${list}\ncrc ${list}\n${list.slice(0, -30)}\n${listOf().replace("[]", "null")}`,
	);
	assert.deepEqual(outcomesOf(stored), ["event", "event", "event", "event", "event", "event", "cut"]);
	assert.equal(stored[1]?.record.origin?.logProvider, "kube-apiserver audit webhook");
	assert.equal(new Set(stored.map(({ record }) => record.id)).size, stored.length);
});

test("audit-log: a list with `items` twice loses nothing, and lists that share a line go to quarantine", async () => {
	const twice = listOf(ITEM).replace("}]}", `}],"items":[${ITEM}]}`);
	assert.deepEqual(await outcomes("audit-log", twice), ["event", "event"]);
	assert.deepEqual(await outcomes("audit-log", listOf(ITEM).replace('"items":[', '"items":{},"items":[')), ["event"]);
	assert.deepEqual(await outcomes("audit-log", `${listOf(ITEM)}${listOf(ITEM)}`), ["bad"]);
});

test("audit-log: an event about core EventLists is no EventList", async () => {
	const about = `${EVENT.slice(0, -1)},"responseObject":{"kind":"EventList","apiVersion":"v1","items":[{}]}}`;
	const named = `${EVENT.slice(0, -1)},"objectRef":{"name":"my-EventList"}}`;
	assert.deepEqual(await outcomes("audit-log", named), ["event"]);
	assert.deepEqual(await outcomes("audit-log", `${about}\n{"kind":"EventList","apiVersion":"v1","items":[{}]}`), [
		"event",
		"not-an-audit-event",
	]);
});

test("a line over the limit goes to quarantine with its size and hash, and the next is read", async () => {
	const stored = await readStored(kubernetes, "audit-log", `${EVENT}\n${OTHER}\n`, { limits: { recordBytesMax: EVENT.length - 1 } });
	assert.deepEqual(outcomesOf(stored), ["bad", "bad"]);
	assert.equal(stored[0]?.record.whole?.sizeBytes, EVENT.length);
	assert.deepEqual(outcomesOf(await readStored(kubernetes, "audit-log", EVENT, { limits: { recordBytesMax: EVENT.length } })), ["event"]);
});

test("an unknown form is refused", () => {
	assert.throws(() => readForm("yaml"), CollectorError);
});

function readForm(form: string): unknown {
	return kubernetes.frame((async function* () {})(), form, {} as never);
}

const RECORDED = join(ROOT, "../shared/audit-logs/kube-apiserver-1.36.2");
const skip = existsSync(RECORDED) ? false : "the recorded logs are not on this machine";

test("recorded logs are events to the last line", { skip }, async () => {
	const read = (file: string): Buffer => readFileSync(`${RECORDED}/${file}`);
	for (const file of [
		"audit-mixed.jsonl",
		"audit-truncated.jsonl",
		"audit-odd-bodies.jsonl",
		"audit-huge-event.jsonl",
		"audit-aggregated-apiserver.jsonl",
	]) {
		const stored = await readStored(kubernetes, "audit-log", read(file));
		assert.deepEqual(new Set(outcomesOf(stored)), new Set(["event"]), file);
		assert.equal(stored.length, read(file).toString("latin1").trimEnd().split("\n").length, file);
	}
	const bodies = await readStored(kubernetes, "event-list", read("webhook-eventlists.jsonl"));
	assert.equal(eventsOf(bodies).length, 1956);
	const onLines = await readStored(kubernetes, "audit-log", read("webhook-eventlists.jsonl"));
	assert.deepEqual(
		eventsOf(onLines).map(({ identity }) => textOf(identity)),
		eventsOf(bodies).map(({ identity }) => textOf(identity)),
	);
});

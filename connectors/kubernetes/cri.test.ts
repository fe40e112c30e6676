/** Container runtimes' logs: prefixes undone, parts joined for each stream, within bounds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../src/json/scan.ts";
import { eventsOf, outcomesOf, readStored } from "../../test/read-stored.ts";
import { kubernetes } from "./index.ts";

const EVENT =
	'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"ä-1","stage":"ResponseComplete","requestURI":"/readyz","verb":"get","user":{"username":"jürgen"}}';
const KLOG = "I1123 15:08:34.000151       1 trace.go:236] Trace[77]: long";
const at = (nanos: number): string => `2026-11-23T15:08:35.${String(nanos).padStart(9, "0")}Z`;
const line = (nanos: number, stream: string, tag: string, content: string | Buffer): Buffer =>
	Buffer.concat([Buffer.from(`${at(nanos)} ${stream} ${tag} `), Buffer.from(content), Buffer.from("\n")]);

const read = (...lines: Buffer[]): ReturnType<typeof readStored> => readStored(kubernetes, "audit-log", Buffer.concat(lines));

test("the prefix becomes the logged time and the stream", async () => {
	const [event] = eventsOf(await read(line(1, "stdout", "F", EVENT)));
	assert.deepEqual(event?.envelope, { loggedTime: at(1), rest: { stream: "stdout" } });
});

test("parts are joined, also where a character was torn, and the streams take turns", async () => {
	const bytes = Buffer.from(EVENT);
	const torn = bytes.indexOf("ü") + 1;
	const stored = await read(
		line(1, "stdout", "P", bytes.subarray(0, torn)),
		line(2, "stderr", "P", KLOG.slice(0, 30)),
		line(3, "stdout", "P", bytes.subarray(torn, torn + 5)),
		line(4, "stderr", "F", KLOG.slice(30)),
		line(5, "stdout", "F", bytes.subarray(torn + 5)),
	);
	assert.deepEqual(outcomesOf(stored), ["other-log", "event"]);
	const [event] = eventsOf(stored);
	assert.equal(event?.event.user?.username, "jürgen");
	assert.equal(event?.envelope.loggedTime, at(1));
	assert.equal(event?.repaired, undefined);
	assert.equal(stored[0]?.record.body.length, KLOG.length);
});

test("tags may be several, an offset may stand for Z, and empty lines are none", async () => {
	const stored = await read(
		line(1, "stdout", "F:x", EVENT),
		Buffer.from(`2026-11-23T16:08:35+01:00 stdout F ${EVENT}\n`),
		line(3, "stdout", "F", ""),
	);
	assert.deepEqual(outcomesOf(stored), ["event", "event"]);
});

test("a line that never ends is yielded as far as it came", async () => {
	assert.deepEqual(outcomesOf(await read(line(1, "stdout", "P", EVENT.slice(0, -20)))), ["cut"]);
	assert.deepEqual(outcomesOf(await read(line(1, "stderr", "P", KLOG), line(2, "stdout", "P", EVENT))), ["other-log", "event"]);
});

test("an EventList in parts is opened once it is whole", async () => {
	const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${EVENT},${EVENT}]}`;
	assert.deepEqual(outcomesOf(await read(line(1, "stdout", "P", list.slice(0, 99)), line(2, "stdout", "F", list.slice(99)))), [
		"event",
		"event",
	]);
});

test("parts that are too much together are measured, not held", async () => {
	const parts = [
		line(1, "stdout", "P", EVENT),
		line(2, "stdout", "P", EVENT),
		line(3, "stdout", "F", EVENT),
		line(4, "stdout", "F", EVENT),
	];
	const size = Buffer.byteLength(EVENT);
	const stored = await readStored(kubernetes, "audit-log", Buffer.concat(parts), { limits: { recordBytesMax: 2 * size } });
	assert.deepEqual(outcomesOf(stored), ["bad", "event"]);
	assert.equal(stored[0]?.record.whole?.sizeBytes, 3 * size);
	assert.equal(stored[0]?.record.error?.code, "RECORD_TOO_LARGE");
});

test("a line that only begins like a runtime's is left alone", async () => {
	const stored = await read(Buffer.from(`2026-11-23T15:08:35Z stdout X ${EVENT}\n`));
	assert.deepEqual(outcomesOf(stored), ["bad"]);
	assert.ok(textOf(stored[0]?.record.body ?? new Uint8Array()).startsWith("2026-"));
});

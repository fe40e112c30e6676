import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "./decode.ts";
import { auditRow, decodeEvent, diagnosticsRow, EVENT, fateOf, KLOG, plainEvent, raw, record } from "./test-records.ts";

const identityOf = (body: unknown): string => Buffer.from(decodeEvent(body).identity).toString();
const IDENTITY = EVENT.slice(EVENT.indexOf('"level"'));
const JSON_LOG = '{"ts":"2026-05-04T09:30:01Z","level":"info","msg":"user check succeeded"}';
const cutAt = (text: string, mark: string, more = 0): string => text.slice(0, text.indexOf(mark) + more);

test("the event is the log line's, in every shape of a record", () => {
	const bodies = [record(EVENT), record(`${EVENT}\n`), record(JSON.parse(EVENT)), diagnosticsRow(EVENT), diagnosticsRow(`${EVENT}\n`)];
	for (const body of bodies) {
		assert.deepEqual(plainEvent(decodeEvent(body).event), JSON.parse(EVENT));
		assert.equal(identityOf(body), IDENTITY);
	}
	const line = { Category: "kube-apiserver", Message: EVENT, PodName: "p", Stream: "stdout", Type: "AKSControlPlane" };
	assert.equal(identityOf(line), IDENTITY);
});

test("both audit categories carry the same event", () => {
	assert.equal(identityOf(record(EVENT, { category: "kube-audit-admin" })), identityOf(record(`${EVENT}\n`, { category: "kube-audit" })));
});

test("of a log line that is an object the exact text counts", () => {
	const text = EVENT.replace("{", '{ "extra" : 9007199254740993,');
	const body = JSON.stringify(record("@")).replace('"@"', text);
	assert.equal(identityOf(body), text.slice(1).trimStart());
	assert.deepEqual(decodeEvent(body).event.extras?.[0], { path: ["extra"], value: { raw: Buffer.from("9007199254740993") } });
});

test("what becomes of each kind of log line", () => {
	const cases: readonly (readonly [string, unknown])[] = [
		["event", record(EVENT, { category: "kube-apiserver" })],
		["event", record(EVENT, { category: "kube-apiserver" }, { stream: "stderr" })],
		["event", record(EVENT, { category: undefined })],
		["event", record(EVENT.slice(0, 500), { category: "kube-apiserver" })],
		["other-log", record(KLOG, { category: "kube-apiserver" })],
		["other-log", record(`${KLOG}\n`)],
		["other-log", record('Trace[77]: ---"Object stored in database" 581ms')],
		["other-log", record("\tgoroutine 1 [running]:")],
		["other-log", record("\n")],
		["other-log", record("anything", {}, { stream: "stderr" })],
		["other-log", record("time=2026-11-23 level=info msg=checked", { category: "guard" })],
		["other-log", record("{go struct}", { category: "kube-scheduler" })],
		["other-log", diagnosticsRow(KLOG, { Category: "kube-scheduler" })],
		["other-log", diagnosticsRow(undefined, { Category: "AuditEvent", OperationName: "SecretGet" })],
		["other-log", diagnosticsRow("None", { TableName: "PrimaryResult", Category: "AuditEvent" })],
		["other-log", record(undefined, { category: "Administrative" })],
		["other-log", { operationName: "Microsoft.KeyVault/vaults/write" }],
		["other-log", { Category: "kube-apiserver", Message: KLOG, Type: "AKSControlPlane" }],
		["not-an-audit-event", record(JSON_LOG, { category: "guard" })],
		["not-an-audit-event", record('{"kind":0}')],
		["not-an-audit-event", record(undefined)],
		["not-an-audit-event", record(5)],
		["not-an-audit-event", {}],
		["not-an-audit-event", JSON.parse(EVENT)],
		["RECORD_MALFORMED", record("text that nobody knows")],
		["RECORD_MALFORMED", record('"verb":"get","user":{}}')],
		["RECORD_MALFORMED", record(EVENT.slice(0, 100))],
		["RECORD_MALFORMED", record(EVENT.slice(0, 100), { category: "kube-apiserver" })],
		["RECORD_MALFORMED", record(`${EVENT}${EVENT}`)],
		["RECORD_MALFORMED", `${JSON.stringify(record(EVENT))}]`],
		["RECORD_MALFORMED", `[${JSON.stringify(record(EVENT))}]`],
		["RECORD_MALFORMED", KLOG],
		["RECORD_MALFORMED", ""],
		["RECORD_MALFORMED", "null"],
		["RECORD_MALFORMED", `{"category":${"[".repeat(2000)}`],
		["RECORD_MALFORMED", `{"properties":{"log":${JSON.stringify(EVENT)}},"time":tomorrow}`],
	];
	for (const [fate, body] of cases) assert.equal(fateOf(body), fate, JSON.stringify(body).slice(0, 200));
});

test("no fault tells what the record says", () => {
	const decoded = decode(raw(record(EVENT.slice(0, 100))));
	assert.ok(decoded.kind === "bad" && !decoded.error.message.includes("9a2f"));
});

test("an error of framing is passed on", () => {
	const { error } = decode(raw("x")) as { error: Error };
	assert.equal((decode({ ...raw(record(EVENT)), error: error as never }) as { error: Error }).error, error);
});

test("a line cut at 16 KiB or 32,766 bytes is salvaged", () => {
	const long = EVENT.replace("blue", "x".repeat(40_000));
	for (const body of [
		record(long.slice(0, 16 * 1024)),
		diagnosticsRow(long.slice(0, 32_766)),
		record(long.slice(0, 32_000), { category: "kube-apiserver" }),
	]) {
		const decoded = decodeEvent(body);
		assert.equal(decoded.event.user?.username, "aksService");
		assert.equal(decoded.event.requestObject, undefined);
		assert.equal(decoded.truncated?.cutIn, "requestObject");
		assert.ok([16 * 1024, 32_766, 32_000].includes(decoded.truncated?.sizeBytes ?? 0));
		assert.equal(decoded.envelope.loggedTime?.slice(0, 10), "2026-05-04");
	}
});

test("a record cut by the end of its file is salvaged from the line's beginning", () => {
	const body = JSON.stringify(record(EVENT));
	const inBody = decodeEvent(cutAt(body, "blue", 3));
	assert.equal(inBody.truncated?.cutIn, "requestObject");
	assert.equal(inBody.event.objectRef?.name, "catalogue");
	assert.equal(inBody.origin?.clusterName, "shop");
	assert.equal(inBody.envelope.loggedTime, undefined);
	const afterLog = decodeEvent(cutAt(body, '"stream"', 4));
	assert.deepEqual(plainEvent(afterLog.event), JSON.parse(EVENT));
	assert.equal(identityOf(cutAt(body, '"stream"', 4)), IDENTITY);
	assert.deepEqual(afterLog.truncated, { sizeBytes: cutAt(body, '"stream"', 4).length });
	const object = JSON.stringify(record(JSON.parse(EVENT)));
	assert.equal(decodeEvent(cutAt(object, "blue", 3)).truncated?.cutIn, "requestObject");
	assert.equal(decodeEvent(cutAt(JSON.stringify(diagnosticsRow(EVENT)), "blue", 3)).event.verb, "update");
	for (const mark of ["resourceId", "properties", '"log"', "requestURI"])
		assert.equal(fateOf(cutAt(body, mark, 8)), "RECORD_MALFORMED", mark);
});

test("wherever a record is cut, what is read of it is a part of the event", () => {
	const body = Buffer.from(JSON.stringify(record(EVENT.replace("green", "gr\\u00fcn 😀"))));
	for (let length = 0; length < body.length; length++) {
		const decoded = decode(raw(body.subarray(0, length)));
		if (decoded.kind === "bad") continue;
		assert.equal(decoded.kind, "event");
		assert.ok(decoded.truncated !== undefined);
		assert.equal(
			decoded.event.verb ?? decoded.event.requestURI,
			decoded.event.verb === undefined ? JSON.parse(EVENT).requestURI : "update",
		);
		assert.equal(decoded.repaired, undefined);
	}
});

test("a lone surrogate becomes U+FFFD, wherever it is escaped, and the original is kept", () => {
	const outer = JSON.stringify(record(EVENT)).replace("blue", "\\ud800");
	const decoded = decodeEvent(outer);
	assert.deepEqual(decoded.repaired?.what, ["lone-surrogate"]);
	assert.equal(Buffer.from(decoded.repaired?.original ?? []).toString(), outer);
	assert.equal(Buffer.from(decoded.event.requestObject?.raw ?? []).includes("\ufffd, green"), true);
	const inner = EVENT.replace("blue", "\\udc00");
	assert.deepEqual(decodeEvent(record(inner)).repaired, { what: ["lone-surrogate"], original: Buffer.from(inner) });
	const around = JSON.stringify(record(EVENT, { serviceBuild: "@" })).replace('"@"', '"\\ud800"');
	assert.equal(decodeEvent(around).envelope.rest?.["serviceBuild"], "\ufffd");
	assert.deepEqual(decodeEvent(around).repaired?.what, ["lone-surrogate"]);
});

test("bytes that are no UTF-8 are repaired", () => {
	const body = Buffer.from(JSON.stringify(record(EVENT)).replace("blue", "@@"));
	body[body.indexOf("@@")] = 0xff;
	assert.deepEqual(decodeEvent(body).repaired?.what, ["invalid-utf-8"]);
});

test("of a repeated member the last counts, as everywhere, and the original is kept", () => {
	const forged = EVENT.replace("aksService", "somebody");
	const twice = `{"properties":{"log":${JSON.stringify(forged)},"log":${JSON.stringify(EVENT)}},"category":"a","category":"kube-audit"}`;
	const decoded = decodeEvent(twice);
	assert.equal(decoded.event.user?.username, "aksService");
	assert.equal(decoded.origin?.logName, "kube-audit");
	assert.deepEqual(decoded.repaired?.what, ["repeated-key"]);
	const object = `{"properties":{"log":${forged},"log":${EVENT}}}`;
	assert.equal(decodeEvent(object).event.user?.username, "aksService");
});

test("the envelope has what the record says around the event, each thing once", () => {
	assert.deepEqual(decodeEvent(record(EVENT)).envelope, {
		loggedTime: "2026-05-04T09:30:01.260880072Z",
		rest: {
			operationName: "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
			resourceId: record(EVENT)["resourceId"],
			properties: { stream: "stdout", containerID: "a64cba7f" },
			serviceBuild: "na",
		},
	});
	assert.deepEqual(decodeEvent(auditRow({ _ItemId: "i-1" })).envelope, {
		recordId: "i-1",
		loggedTime: "2026-05-04T09:30:01.2600000Z",
		rest: {
			TenantId: "99999999-8888-7777-6666-555555555555",
			SourceSystem: "Azure",
			_ResourceId: auditRow()["_ResourceId"],
			_SubscriptionId: "00000000-1111-2222-3333-444444444444",
		},
	});
});

test("numbers and odd members around the event stay exact", () => {
	const odd = `{"properties":{"log":${JSON.stringify(EVENT)},"n":[1e400]},"sequence":9007199254740993,"__proto__":{"x":1},"time":5,"category":null}`;
	const { rest, loggedTime } = decodeEvent(odd).envelope;
	assert.deepEqual(rest?.["sequence"], { raw: Buffer.from("9007199254740993") });
	assert.deepEqual(rest?.["properties"], { n: [{ raw: Buffer.from("1e400") }] });
	assert.deepEqual([loggedTime, rest?.["time"], rest?.["category"]], [undefined, 5, null]);
	assert.deepEqual(Object.getOwnPropertyDescriptor(rest, "__proto__")?.value, { x: 1 });
});

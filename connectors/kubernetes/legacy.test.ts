/** The text format: what it says, what it leaves out, Go's quoting, lines that were cut, and a server's own words between them. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../../src/json/scan.ts";
import { eventsOf, outcomesOf, readStored } from "../../test/read-stored.ts";
import { ROOT } from "../../test/source-files.ts";
import { kubernetes } from "./index.ts";

const TIME = "2026-11-23T15:19:25.378004651Z";
const LINE = String.raw`${TIME} AUDIT: id="a-1" stage="ResponseComplete" ip="192.0.2.7" method="list" user="jane.doe@example.com" groups="\"dev\",\"system:authenticated\"" as="bob" asgroups="\"ops\"" user-agent="curl/7.88.1" namespace="web" uri="/api/v1/namespaces/web/pods?limit=500" response="200"`;
const SILENT = `${TIME} AUDIT: id="a-2" stage="RequestReceived" ip="<unknown>" method="get" user="<none>" groups="<none>" as="<self>" asgroups="<lookup>" user-agent="" namespace="<none>" uri="/" response="<deferred>"`;

const read = (text: string | Uint8Array): ReturnType<typeof readStored> => readStored(kubernetes, "legacy", text);

test("a full line", async () => {
	const [found] = eventsOf(await read(` ${LINE} \n`));
	assert.deepEqual(found?.event, {
		auditID: "a-1",
		stage: "ResponseComplete",
		requestURI: "/api/v1/namespaces/web/pods?limit=500",
		verb: "list",
		user: { username: "jane.doe@example.com", groups: ["dev", "system:authenticated"] },
		impersonatedUser: { username: "bob", groups: ["ops"] },
		sourceIPs: ["192.0.2.7"],
		userAgent: "curl/7.88.1",
		objectRef: { namespace: "web" },
		responseStatus: { code: 200 },
		requestReceivedTimestamp: TIME,
	});
	assert.deepEqual(found?.inferred, []);
	assert.equal(textOf(found?.identity ?? new Uint8Array()), LINE);
});

test("what the format does not say is absent", async () => {
	const [found] = eventsOf(await read(SILENT));
	assert.deepEqual(found?.event, {
		auditID: "a-2",
		stage: "RequestReceived",
		requestURI: "/",
		verb: "get",
		user: {},
		requestReceivedTimestamp: TIME,
	});
});

test("a user is impersonated with groups of his own or without", async () => {
	const [lookup] = eventsOf(await read(LINE.replace(String.raw`asgroups="\"ops\""`, 'asgroups="<lookup>"')));
	assert.deepEqual(lookup?.event.impersonatedUser, { username: "bob" });
	const [none] = eventsOf(await read(LINE.replace(String.raw`asgroups="\"ops\""`, 'asgroups=""')));
	assert.deepEqual(none?.event.impersonatedUser, { username: "bob", groups: [] });
});

test("Go's escapes", async () => {
	const quoted = String.raw`tab\t bell\a nul\x00 escape\x1b quote\" backslash\\ line\u2028 face\U0001f600 nbsp\u00a0 ü`;
	const [found] = eventsOf(await read(LINE.replace("curl/7.88.1", quoted)));
	assert.equal(found?.event.userAgent, 'tab\t bell\x07 nul\x00 escape\x1b quote" backslash\\ line\u2028 face😀 nbsp\u00a0 ü');
	assert.equal(found?.repaired, undefined);
	const [torn] = eventsOf(await read(LINE.replace("curl/7.88.1", String.raw`a\xffb \ud800`)));
	assert.equal(torn?.event.userAgent, "a\ufffdb \ufffd");
	assert.deepEqual(torn?.repaired?.what, ["invalid-utf-8", "lone-surrogate"]);
});

test("a line that was cut says what it can, or is bad if that is not enough", async () => {
	const at = (mark: string): string => LINE.slice(0, LINE.indexOf(mark) + mark.length);
	const cutIn = async (text: string): Promise<string | undefined> => {
		const stored = await read(text);
		assert.deepEqual(outcomesOf(stored), ["cut"], text);
		return eventsOf(stored)[0]?.truncated?.cutIn;
	};
	assert.equal(await cutIn(at("curl")), "userAgent");
	assert.equal(await cutIn(at('method="list" us')), undefined);
	assert.equal(await cutIn(at('"ops\\""')), undefined);
	assert.equal(await cutIn(LINE.slice(0, -1)), "responseStatus");
	assert.equal(await cutIn(at("user=")), "user");
	for (const text of [at("AUDIT: "), at("a-1"), at("stage"), at('ip="192'), at('method="li')])
		assert.deepEqual(outcomesOf(await read(text)), ["bad"], text);
});

test("a line that has the head of the format and not its fields is bad", async () => {
	const damaged = [
		LINE.replace(" ip=", " peer="),
		LINE.replace('id="a-1"', 'id="a-1""'),
		LINE.replace('"200"', '"OK"'),
		LINE.replace(String.raw`\"dev\",`, String.raw`\"dev\"`),
		`${LINE} more="x"`,
		LINE.replace('ip="192.0.2.7"', "ip=192.0.2.7"),
	];
	for (const text of damaged) assert.deepEqual(outcomesOf(await read(text)), ["bad"], text);
});

test("what the server says on standard error is another log, and the events that it lists are events", async () => {
	const stack = [
		"goroutine 1 [running]:",
		"k8s.io/apiserver/pkg/audit.(*backend).ProcessEvents(0xc000, 0x1)",
		"\t/src/audit.go:17 +0x1d",
		"panic: oh",
	];
	const stored = await read(
		["E1123 15:19:15.334333    2193 metrics.go:110] Error in audit plugin", "Impacted events:", LINE, ...stack, "hello"].join("\n"),
	);
	assert.deepEqual(outcomesOf(stored), ["other-log", "other-log", "event", "other-log", "other-log", "other-log", "other-log", "bad"]);
});

const RECORDED = join(ROOT, "../shared/audit-logs/kube-apiserver-1.36.2");
const skip = existsSync(RECORDED) ? false : "the recorded logs are not on this machine";

test("recorded lines say the same as their JSON, as far as they say it", { skip }, async () => {
	const stored = await read(readFileSync(join(RECORDED, "audit-legacy-format.log")));
	assert.equal(stored.length, 29);
	assert.deepEqual(new Set(outcomesOf(stored)), new Set(["event"]));
	// All stages of a request have the time at which it was received, which is how one sees what that time is.
	const times = new Map<string, Set<string | undefined>>();
	for (const { event } of eventsOf(stored)) {
		const seen = times.get(event.auditID ?? "") ?? new Set();
		times.set(event.auditID ?? "", seen.add(event.requestReceivedTimestamp));
	}
	assert.ok([...times.values()].every((seen) => seen.size === 1) && times.size < stored.length);
	const lost = await read(readFileSync(join(RECORDED, "apiserver-stderr-lost-events.txt")));
	assert.deepEqual(
		["event", "other-log"].map((outcome) => outcomesOf(lost).filter((one) => one === outcome).length),
		[44, 18],
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AuditEvent } from "../contract/audit-event.ts";
import { isShared } from "../json/remember.ts";
import { textOf, trimJson } from "../json/scan.ts";
import { type AuditText, decodeAuditText } from "./decode-text.ts";
import { recordedLines, restored } from "./test-events.ts";

const decode = (text: string): AuditText => decodeAuditText(Buffer.from(text));

type Decoded = AuditText & { readonly kind: "event" };

function eventOf(text: string): Decoded {
	const decoded = decode(text);
	assert.equal(decoded.kind, "event", text.slice(0, 200));
	return decoded as Decoded;
}

/** A minimal event with these members at its end, as text. */
const withMembers = (members: string): string => `{"auditID":"a","stage":"Panic","verb":"get"${members === "" ? "" : `,${members}`}}`;
/** Says that every member of `part` is in `whole`, and equal; inside the one that was cut, every member that is there. */
function assertPartOf(part: AuditEvent, whole: AuditEvent, cutIn: string | undefined): void {
	const { extras = [], ...members } = part;
	for (const [key, value] of Object.entries(members)) {
		const original = whole[key as keyof AuditEvent] as Readonly<Record<string, unknown>>;
		if (key !== cutIn) assert.deepEqual(value, original, key);
		else for (const [name, inner] of Object.entries(value)) assert.deepEqual(inner, original[name], `${key}.${name}`);
	}
	for (const extra of extras)
		assert.ok(
			whole.extras?.some(
				(other) => JSON.stringify(other.path) === JSON.stringify(extra.path) && Buffer.compare(other.value.raw, extra.value.raw) === 0,
			),
			`extra ${extra.path}`,
		);
}

test("every recorded line is an event, and nothing of it is lost", () => {
	const lines = recordedLines();
	assert.ok(lines.length > 200);
	for (const line of lines) {
		const decoded = decodeAuditText(line);
		assert.equal(decoded.kind, "event");
		if (decoded.kind !== "event") continue;
		assert.equal(decoded.truncated, undefined);
		if (decoded.repaired === undefined) assert.deepEqual(restored(decoded.event), JSON.parse(textOf(line)));
		else assert.deepEqual(decoded.repaired.original, line);
	}
});

test("a line cut anywhere never throws, and gives only what came whole", () => {
	// One of every size and kind; all of them would take long.
	const lines = recordedLines().filter((line, i) => line.length < 6_000 && i % 5 === 0);
	let salvaged = 0;
	for (const [i, line] of lines.entries()) {
		const whole = eventOf(textOf(line)).event;
		for (let end = (i * 7) % 13; end < line.length; end += 13) {
			const decoded = decodeAuditText(line.subarray(0, end));
			assert.notEqual(decoded.kind, "skip");
			if (decoded.kind !== "event") continue;
			salvaged++;
			assert.deepEqual([decoded.truncated?.sizeBytes, decoded.event.auditID], [trimJson(line.subarray(0, end)).length, whole.auditID]);
			assertPartOf(decoded.event, whole, decoded.truncated?.cutIn);
			if (decoded.truncated?.cutIn?.endsWith("Object")) assert.equal(decoded.event[decoded.truncated.cutIn as "requestObject"], undefined);
		}
	}
	assert.ok(salvaged > 1_000);
});

test("who and what are salvaged as soon as they came", () => {
	const line = textOf(recordedLines().find((candidate) => textOf(candidate).includes('"responseObject":{')) as Buffer);
	const cut = eventOf(line.slice(0, line.indexOf('"responseObject":{') + 30));
	assert.deepEqual(cut.truncated, { cutIn: "responseObject", sizeBytes: line.indexOf('"responseObject":{') + 30 });
	assert.ok(cut.event.user?.username !== undefined && cut.event.verb !== undefined && cut.event.responseObject === undefined);
	assert.equal(decode(line.slice(0, line.indexOf('"requestURI"'))).kind, "bad");
});

test("of a cut user the whole members are kept; of anything else that is cut, nothing", () => {
	assert.deepEqual(eventOf('{"auditID":"a","verb":"get","user":{"username":"jane","groups":["x","y').event, {
		auditID: "a",
		verb: "get",
		user: { username: "jane" },
	});
	assert.deepEqual(eventOf('{"auditID":"a","verb":"get","annotations":{"k":"v","l').event, { auditID: "a", verb: "get" });
	assert.deepEqual(eventOf('{"auditID":"a","verb":"get","responseStatus":{"code":40').event, { auditID: "a", verb: "get" });
	assert.deepEqual(eventOf('{"auditID":"a","verb":"get","userAgent":"cur').event, { auditID: "a", verb: "get" });
	assert.deepEqual(eventOf('{"auditID":"a","verb":"get","user":{"username":"jane"}').truncated, { sizeBytes: 54 });
	assert.equal(textOf(eventOf('{"auditID":"a","stage":"Panic","verb":null,"user":{').event.extras?.[0]?.value.raw as Uint8Array), "null");
	assert.equal(decode('{"auditID":"a","stage":"Panic","user":{').kind, "bad");
});

test("bug: of a user that was cut before its first whole member an empty user was made", () => {
	for (const cut of ['"user":{', '"user":{"username":"ja', '"user":"ja', '"user":[{"a":1}', '"objectRef":{"na'])
		assert.deepEqual(eventOf(`{"auditID":"a","verb":"get",${cut}`).event, { auditID: "a", verb: "get" }, cut);
});

test("the marker of the log agent says that the entry was cut, wherever it stands", () => {
	for (const text of [
		'{"auditID":"a","verb":"get","userAgent":"cu[Truncated...]',
		'{"auditID":"a","verb":"get","responseStatus":{"code":2[Truncated...]',
		'{"auditID":"a","verb":"get"[Truncated...]',
		'{"auditID":"a","verb":"get"}[Truncated...]\n',
	]) {
		const { event, truncated } = eventOf(text);
		assert.deepEqual(event, { auditID: "a", verb: "get" }, text);
		assert.equal(truncated?.sizeBytes, text.trimEnd().length);
	}
	assert.equal(eventOf(withMembers('"userAgent":"[Truncated...]"')).truncated, undefined);
});

test("members of another type than they should have, and unknown ones, are extras with their exact text", () => {
	const { event } = eventOf(
		withMembers('"userAgent":7.0,"hostname":{"a": 1e400},"sourceIPs":["a",1],"annotations":{"a":null},"user":[1],"__proto__":{"x":1}'),
	);
	assert.deepEqual(
		event.extras?.map(({ path, value }) => [path, textOf(value.raw)]),
		[
			[["userAgent"], "7.0"],
			[["hostname"], '{"a": 1e400}'],
			[["sourceIPs"], '["a",1]'],
			[["annotations"], '{"a":null}'],
			[["user"], "[1]"],
			[["__proto__"], '{"x":1}'],
		],
	);
	assert.deepEqual(Object.keys(event), ["auditID", "stage", "verb", "extras"]);
	const nested = eventOf(
		withMembers(
			'"responseStatus":{"kind":"Status","code":"200","status":"Failure","__proto__":1},"user":{"username":null,"extra":{"k":["v"]}}',
		),
	).event;
	assert.deepEqual([nested.responseStatus, nested.user], [{ status: "Failure" }, { extra: { k: ["v"] } }]);
	assert.deepEqual(
		nested.extras?.map(({ path, value }) => `${path.join(".")} ${textOf(value.raw)}`),
		['responseStatus.kind "Status"', 'responseStatus.code "200"', "responseStatus.__proto__ 1", "user.username null"],
	);
});

test("bodies are exact text, of any type", () => {
	for (const body of ['{"a" : 1.0,"a":9007199254740993}', "null", '"text"', "[1e400]", "{}", "-0"]) {
		const { event, repaired } = eventOf(withMembers(`"requestObject": ${body} ,"responseObject":${body}`));
		assert.deepEqual([textOf(event.requestObject?.raw as Uint8Array), textOf(event.responseObject?.raw as Uint8Array)], [body, body]);
		assert.equal(repaired, undefined, "a body's own repeated keys are in its text");
	}
});

test("a status has metadata and details as exact text, of any type", () => {
	for (const text of ["{}", '{"a" : 1.0,"a":9007199254740993}', "null", "[1e400]", '"text"', "-0"]) {
		const { event, repaired } = eventOf(withMembers(`"responseStatus":{"metadata": ${text} ,"code":200,"details":${text}}`));
		assert.deepEqual(Object.keys(event.responseStatus ?? {}), ["metadata", "code", "details"]);
		const { metadata, details } = event.responseStatus ?? {};
		assert.deepEqual([textOf(metadata?.raw as Uint8Array), textOf(details?.raw as Uint8Array)], [text, text]);
		assert.equal(repaired?.what.join(), text.includes('"a"') ? "repeated-key" : undefined);
	}
	const cut = eventOf('{"auditID":"a","verb":"get","responseStatus":{"metadata":{},"details":{"a":1},"code":40').event;
	assert.deepEqual(Object.keys(cut.responseStatus ?? {}), ["metadata", "details"]);
	assert.equal(cut.extras, undefined);
});

test("members that say the same are the same shared object, with bytes of their own", () => {
	const text = '"user":{"username":"jane","x":1.0},"sourceIPs":["192.0.2.7"],"responseStatus":{"metadata":{},"code":200},"annotations":{}';
	const [first, second] = [text, text].map((members) => eventOf(withMembers(`${members},"requestObject":{}`)).event) as [
		AuditEvent,
		AuditEvent,
	];
	for (const key of ["user", "sourceIPs", "responseStatus", "annotations"] as const) {
		assert.equal(first[key], second[key], key);
		assert.ok(isShared(first[key] as object), key);
	}
	assert.notEqual(first.requestObject, second.requestObject);
	// A view would keep a whole page of records in memory as long as the member is remembered.
	for (const raw of [first.responseStatus?.metadata?.raw, first.extras?.[0]?.value.raw]) assert.equal(raw?.buffer.byteLength, raw?.length);
	const bytes = Buffer.from(withMembers(text));
	const { event } = decodeAuditText(bytes) as Decoded;
	bytes.fill(0);
	assert.equal(JSON.stringify(restored(event)), JSON.stringify(JSON.parse(withMembers(text))));
});

test("what is remembered of one member is not taken for another, nor for the beginning of a longer one", () => {
	for (const members of [
		'"requestURI":"same","userAgent":"same"',
		'"userAgent":"same\\"","stageTimestamp":"same"',
		'"user":{"username":"jane"},"impersonatedUser":{"username":"jane"}',
		'"user":{"username":"jane"} ,"annotations":{"username":"jane"}',
		'"userAgent":7,"user":7',
		'"userAgent":77,"user":77,"sourceIPs":7',
		'"userAgent":{},"user":{},"annotations":{}',
		'"userAgent":{"a":1},"user":{"a":1},"annotations":{"a":1},"responseStatus":{"a":1}',
	])
		assert.deepEqual(restored(eventOf(withMembers(members)).event), JSON.parse(withMembers(members)), members);
	const user = '{"username":"system:serviceaccount:kube-system:deployment-controller","groups":["a"]}';
	for (const text of [user, `${user.slice(0, -1)},"uid":"u"}`, user])
		assert.deepEqual(eventOf(withMembers(`"user":${text}`)).event.user, JSON.parse(text));
	for (const text of [`${user}}`, `${user}x`, `${user}${user}`]) assert.equal(decode(withMembers(`"user":${text}`)).kind, "bad", text);
});

test("of a key that is repeated the last counts, once, and the original is kept", () => {
	const cases: readonly (readonly [members: string, expected: Partial<AuditEvent>])[] = [
		['"verb":"list"', { verb: "list" }],
		['"user":{"username":"a","x":1},"user":{"username":"b"}', { verb: "get", user: { username: "b" } }],
	];
	for (const [members, expected] of cases) {
		const { event, repaired } = eventOf(withMembers(members));
		assert.deepEqual(event, { auditID: "a", stage: "Panic", verb: "get", ...expected });
		assert.deepEqual(repaired, { what: ["repeated-key"], original: Buffer.from(withMembers(members)) });
	}
});

test("bug: each occurrence of a repeated key that has no place became an extra at the same path", () => {
	const { event } = eventOf(withMembers('"x":1,"x":2,"userAgent":"a","userAgent":3,"user":{"y":1,"y":2}'));
	assert.deepEqual(
		event.extras?.map(({ path, value }) => `${path.join(".")} ${textOf(value.raw)}`),
		["x 2", "userAgent 3", "user.y 2"],
	);
});

test("bug: a key repeated inside a member that is parsed was lost without a mark", () => {
	for (const members of [
		'"user":{"username":"a","username":"b"}',
		'"annotations":{"a":"x","a":"y"}',
		'"user":{"extra":{"k":["1"],"k":["2"]}}',
		'"objectRef":{"name":"\\u0061","n\\u0061me":"b"}',
	])
		assert.deepEqual(eventOf(withMembers(members)).repaired?.what, ["repeated-key"], members);
	for (const members of [
		'"user":{"username":":a:\\":"}',
		'"annotations":{"a:b":"x:","c":":"}',
		'"user":{ "extra" : {"k":["1:2"]}, "groups":[] }',
	])
		assert.equal(eventOf(withMembers(members)).repaired, undefined, members);
});

test("text that UTF-8 cannot carry is repaired, and the original is kept", () => {
	const original = Buffer.from('{"auditID":"a","verb":"get","userAgent":"\xff\\ud800","requestObject":"\\udc00"}', "latin1");
	const decoded = decodeAuditText(Buffer.concat([Buffer.from("  "), original, Buffer.from("\n")])) as Decoded;
	assert.deepEqual([decoded.event.userAgent, textOf(decoded.event.requestObject?.raw as Uint8Array)], ["\ufffd\ufffd", '"\\ufffd"']);
	assert.deepEqual(decoded.repaired, { what: ["invalid-utf-8", "lone-surrogate"], original });
});

test("bug: of a text cut inside a character the repaired size was told", () => {
	const text = Buffer.from('{"auditID":"a","verb":"get","userAgent":"€').subarray(0, -1);
	const { truncated, repaired } = decodeAuditText(text) as Decoded;
	assert.deepEqual(truncated, { cutIn: "userAgent", sizeBytes: text.length });
	assert.deepEqual(repaired, { what: ["invalid-utf-8"], original: text });
});

test("nesting is read up to the limit and bad one past it", () => {
	const nested = (depth: number): string => withMembers(`"requestObject":${"[".repeat(depth)}${"]".repeat(depth)}`);
	assert.equal(decode(nested(1_000)).kind, "event");
	assert.equal(decode(nested(1_001)).kind, "bad");
	assert.equal(decode('{"a":'.repeat(200_000)).kind, "bad");
	assert.equal(decode(withMembers(`"user":{"extra":${'{"a":'.repeat(999)}1${"}".repeat(999)}}`)).kind, "event");
});

test("bug: an event of a million keys took hundreds of megabytes", () => {
	// Three keys are of the event itself.
	const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":0`).join(",");
	assert.equal(decode(withMembers(keys(99_997))).kind, "event");
	const tooMany = decode(withMembers(keys(99_998)));
	assert.match(tooMany.kind === "bad" ? tooMany.error.message : "", /more than 100000 members/);
	assert.equal(decode(withMembers(`"user":{${keys(99_996)}}`)).kind, "event");
	assert.equal(decode(withMembers(`"user":{${keys(99_997)}}`)).kind, "bad");
	assert.equal(decode(withMembers(`"requestObject":{${keys(200_000)}}`)).kind, "event");
});

test("JSON that is no audit event is skipped, and what is no JSON object is bad", () => {
	for (const text of [
		"{}",
		'{"kind":"Pod","apiVersion":"v1"}',
		'{"kind":"Event","apiVersion":"v1","auditID":"a","verb":"get"}',
		'{"auditID":1,"verb":"get"}',
		'{"auditID":"a"}',
		'{"kind":"EventList","apiVersion":"audit.k8s.io/v1","auditID":"a","verb":"get"}',
	])
		assert.deepEqual(decode(text), { kind: "skip", reason: "not-an-audit-event" }, text);
	for (const text of [
		"",
		" ",
		"null",
		"[]",
		'"a"',
		"text",
		withMembers('"a":tru'),
		`${withMembers("")} x`,
		`${withMembers("")}${withMembers("")}`,
		withMembers('"requestObject":{"a":01}'),
		'{"auditID":"a","stage":"Panic"',
	])
		assert.equal(decode(text).kind, "bad", text);
	for (const version of ["v1", "v1beta1", "v1alpha1"])
		assert.equal(decode(`{"kind":"Event","apiVersion":"audit.k8s.io/${version}","auditID":"a","stage":"Panic"}`).kind, "event");
});

test("an event is itself with and without kind and apiVersion, however it is spaced", () => {
	const identity = (text: string): string => textOf(eventOf(text).identity);
	const items = '"level":"Metadata","auditID":"a","verb":"get"}';
	const pair = '"kind":"Event","apiVersion":"audit.k8s.io/v1"';
	for (const text of [
		`{${items}`,
		`{${pair},${items}`,
		` { ${pair} , ${items}\n`,
		`{"kind" : "Event" , "apiVersion" : "audit.k8s.io/v1beta1",${items}`,
	])
		assert.equal(identity(text), items, text);
	// Anything else is another event.
	for (const text of [
		`{"kind":"Event",${items}`,
		`{"apiVersion":"audit.k8s.io/v1","kind":"Event",${items}`,
		`{${pair},${items.replace("get", "put")}`,
	])
		assert.notEqual(identity(text), items, text);
	for (const line of recordedLines()) {
		const text = textOf(line);
		assert.equal(identity(text), identity(text.replace('"kind":"Event","apiVersion":"audit.k8s.io/v1",', "")));
	}
});

test("whatever bytes are changed, there is an answer", () => {
	const lines = recordedLines().filter((line) => line.length < 3_000);
	fc.assert(
		fc.property(
			fc.nat(),
			fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('{}[]",:\\ '))))),
			fc.nat(),
			(which, changes, cut) => {
				const bytes = Buffer.from(lines[which % lines.length] as Buffer);
				for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
				for (const text of [bytes, bytes.subarray(cut % bytes.length), bytes.subarray(0, cut % bytes.length)]) {
					const decoded = decodeAuditText(text);
					if (decoded.kind === "event") for (const { value } of decoded.event.extras ?? []) JSON.parse(textOf(value.raw));
				}
			},
		),
		{ numRuns: 500 },
	);
	fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeAuditText(bytes)));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decode } from "./decode.ts";
import { auditRow, diagnosticsRow, EVENT, framed, KLOG, record } from "./test-records.ts";

const one = JSON.stringify(record(EVENT));
const two = JSON.stringify(record(KLOG, { category: "kube-apiserver" }));
const three = JSON.stringify(diagnosticsRow(EVENT));

const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
	["an Event Hubs body", "records", `{"records":[${one}, ${two}]}`, [one, two]],
	["with a byte order mark", "records", `\ufeff{ "records" :\n[${one}]\n}`, [one]],
	["bodies one after another", "records", `{"records":[${one}]}{"records":[${two}]}`, [one, two]],
	["bodies one a line", "records", `{"records":[${one}]}\r\n{"records":[]}\n{"records":[${two}]}\n`, [one, two]],
	["an array of bodies", "records", `[{"records":[${one}]},\n{"records":[${two}]}]`, [one, two]],
	["PT1H.json", "records", `${one}\n${two}\n`, [one, two]],
	["PT1H.json with CRLF", "records", `${one}\r\n${two}\r\n`, [one, two]],
	["PT1H.json that is being appended to", "records", `${one}\n${two.slice(0, 50)}`, [one, two.slice(0, 50)]],
	["an array of records", "records", `[${one},${two}]`, [one, two]],
	["rows one a line", "rows", `${three}\n${three}`, [three, three]],
	["rows as an array", "rows", `[\n${three},\n${three}\n]`, [three, three]],
	["nothing", "records", "", []],
];

test("what is cut out of each stored form", async () => {
	for (const [name, form, text, expected] of cases) {
		const records = await framed(text, form);
		assert.deepEqual(
			records.map(({ body }) => Buffer.from(body).toString()),
			expected,
			name,
		);
		for (const { id, body } of records) assert.equal(Buffer.from(text).indexOf(body, Number(id)), Number(id), name);
	}
});

const query = JSON.stringify({
	tables: [{ name: "P", columns: Object.keys(auditRow()).map((name) => ({ name })), rows: [Object.values(auditRow())] }],
});
const files: readonly (readonly [string, string])[] = [...cases.map(([, form, text]) => [form, text] as const), ["logs-query", query]];

test("how the stream is chopped changes no record", async () => {
	for (const [form, text] of files) {
		const whole = await framed(text, form);
		// A stream's first chunk has the four bytes that compression is told by, and with them the byte order mark.
		for (const chunkBytes of text.startsWith("\ufeff") ? [4, 7, 1000] : [1, 2, 7, 1000]) {
			const chopped = await framed(text, form, chunkBytes);
			const plain = (records: typeof whole): unknown =>
				records.map(({ id, body, error }) => [id, Buffer.from(body).toString(), error?.code]);
			assert.deepEqual(plain(chopped), plain(whole));
		}
	}
});

test("no bytes make framing or decoding throw, and every record has one outcome", async () => {
	const edit = fc.record({
		at: fc.nat(),
		remove: fc.nat({ max: 40 }),
		insert: fc.constantFrom("", '"', "\\", "{", "}", "[", "]", ",", ":", "\ud800", "\\ud800", "\n", "null", "1e400", '"__proto__":{},'),
	});
	const mutated = fc.tuple(fc.constantFrom(...files), fc.array(edit, { maxLength: 4 })).map(([[form, text], edits]) => ({
		form,
		bytes: Buffer.from(
			edits.reduce(
				(now, { at, remove, insert }) => `${now.slice(0, at % (now.length + 1))}${insert}${now.slice((at % (now.length + 1)) + remove)}`,
				text,
			),
		),
	}));
	const arbitrary = fc.record({
		form: fc.constantFrom("records", "rows", "logs-query", "unknown"),
		bytes: fc.uint8Array({ maxLength: 200 }),
	});
	await fc.assert(
		fc.asyncProperty(fc.oneof(mutated, arbitrary), fc.integer({ min: 1, max: 300 }), async ({ form, bytes }, chunkBytes) => {
			for (const framedRecord of await framed(bytes, form, chunkBytes)) {
				const decoded = decode(framedRecord);
				assert.ok(["event", "skip", "bad"].includes(decoded.kind));
				if (decoded.kind === "event") assert.ok(decoded.identity.length > 0 && decoded.event.auditID !== undefined);
			}
		}),
		{ numRuns: 400 },
	);
});

test("no JSON makes decoding throw", () => {
	const member = fc.constantFrom(
		"properties",
		"log",
		"log_s",
		"Message",
		"category",
		"Category",
		"AuditId",
		"User",
		"RequestObject",
		"Type",
		"resourceId",
		"TableName",
		"__proto__",
	);
	const value = fc.letrec((tie) => ({
		json: fc.oneof(
			{ maxDepth: 4 },
			fc.constantFrom<unknown>(EVENT, KLOG, "", null, 5, "None", "{", "[1", "AKSAudit"),
			fc.array(tie("json"), { maxLength: 3 }),
			tie("object"),
		),
		object: fc.dictionary(member, tie("json"), { maxKeys: 6 }),
	}));
	fc.assert(
		fc.property(value.object, fc.nat(), (body, cut) => {
			const text = JSON.stringify(body);
			for (const bytes of [text, text.slice(0, cut % text.length)]) assert.ok(decode({ id: "0", body: Buffer.from(bytes) }).kind);
		}),
		{ numRuns: 500 },
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { auditRow, decodeEvent, diagnosticsRow, EVENT, framed } from "./test-records.ts";

interface Table {
	readonly name: string;
	readonly columns: readonly object[];
	readonly rows: readonly (readonly unknown[])[];
}

const tableOf = (rows: readonly Record<string, unknown>[]): Table => ({
	name: "PrimaryResult",
	columns: Object.keys(rows[0] ?? {}).map((name) => ({ name, type: "string" })),
	rows: rows.map((row) => Object.values(row).map((cell) => cell ?? null)),
});
const responseOf = (...rows: readonly Record<string, unknown>[]): string => JSON.stringify({ tables: [tableOf(rows)] });
const bodies = async (text: string): Promise<string[]> =>
	(await framed(text, "logs-query")).map(({ body }) => Buffer.from(body).toString());
const errors = async (text: string): Promise<(string | undefined)[]> => (await framed(text, "logs-query")).map(({ error }) => error?.code);

test("each row is a record with named cells", async () => {
	const rows = [auditRow(), auditRow({ AuditId: "2" })];
	assert.deepEqual(
		(await bodies(responseOf(...rows))).map((body) => JSON.parse(body)),
		rows,
	);
});

test("cells are exact slices, whatever stands around them", async () => {
	const text =
		'{ "tables" : [ { "columns":[{"type":"long","name":"n"},{"name":"a\\u0062\\n"}], "rows" : [ [ 9007199254740993 , {"x": 1.0} ],\n[1e400,"\\ud83d\\ude00"] ] } ] }';
	assert.deepEqual(await bodies(text), ['{"n":9007199254740993,"ab\\n":{"x": 1.0}}', '{"n":1e400,"ab\\n":"\\ud83d\\ude00"}']);
});

test("a record's id is the position of its row", async () => {
	const text = `\n${responseOf({ a: 1 })}${responseOf({ a: 2 })}`;
	const records = await framed(text, "logs-query");
	assert.deepEqual(
		records.map(({ id }) => text[Number(id) + 1]),
		["1", "2"],
	);
});

test("rows before columns, several tables, several responses, an array of them", async () => {
	const { columns, rows } = tableOf([{ a: 1 }]);
	assert.deepEqual(await bodies(JSON.stringify({ tables: [{ rows, columns }] })), ['{"a":1}']);
	const two = JSON.stringify({ tables: [tableOf([{ a: 1 }]), tableOf([{ b: 2 }])], statistics: {} });
	assert.deepEqual(await bodies(`${two}\n${two}`), ['{"a":1}', '{"b":2}', '{"a":1}', '{"b":2}']);
	assert.deepEqual(await bodies(`[${two}]`), ['{"a":1}', '{"b":2}']);
	assert.deepEqual(await bodies('{"tables":[]}'), []);
	assert.deepEqual(await bodies('{"tables":[{"name":"PrimaryResult","columns":[],"rows":[]}]}'), []);
});

test("a response that is cut gives the rows that it has, and the last as far as it came", async () => {
	const text = responseOf(diagnosticsRow(EVENT), diagnosticsRow(EVENT.replace("blue", "@")));
	const records = await framed(text.slice(0, text.indexOf("@")), "logs-query");
	assert.equal(records.length, 2);
	assert.equal(decodeEvent(records[0]?.body).truncated, undefined);
	assert.equal(decodeEvent(records[1]?.body).truncated?.cutIn, "requestObject");
});

test("what cannot be cut becomes a record with an error", async () => {
	const cases: readonly (readonly [string, readonly (string | undefined)[]])[] = [
		['{"error":{"code":"BadArgumentError"}}', ["RECORD_MALFORMED"]],
		['{"tables":5}', ["RECORD_MALFORMED"]],
		['{"tables":[{"columns":[{"name":"a"}],"rows":[[1],[1,2],[],[3]]}]}', [undefined, "RECORD_MALFORMED", "RECORD_MALFORMED", undefined]],
		['{"tables":[{"columns":[{"name":"a"}],"rows":[[1],,[3]]}]}', [undefined, "RECORD_MALFORMED"]],
		['{"tables":[{"columns":[{"name":"a"}],"rows":[{"a":1}]}]}', ["RECORD_MALFORMED"]],
		['{"tables":[{"columns":[{}],"rows":[[1]]}]}', ["RECORD_MALFORMED"]],
		[`{"tables":[{"columns":[{"name":"${"a".repeat(1025)}"}],"rows":[[1]]}]}`, ["RECORD_MALFORMED"]],
		['{"tables":[{"rows":[[1]]}]}', ["RECORD_MALFORMED"]],
		[`{"tables":${"[".repeat(2000)}${"]".repeat(2000)}}`, ["RECORD_MALFORMED"]],
		['{"tables":[{"name":"P","columns":[{"na', ["RECORD_MALFORMED"]],
		['{"tables":[5]}', ["RECORD_MALFORMED"]],
		["no json", ["RECORD_MALFORMED"]],
		['{"tables":[{"columns":[{"name":"a"}],"rows":[[1]]}],"error":{"code":"PartialError"}}', [undefined, "RECORD_MALFORMED"]],
	];
	for (const [text, expected] of cases) assert.deepEqual(await errors(text), expected, text.slice(0, 100));
});

test("limits hold at the limit and one past it", async () => {
	const text = '{"tables":[{"columns":[{"name":"a"}],"rows":[[12345]]}]}';
	const codeOf = async (limits: object): Promise<string | undefined> =>
		(await framed(text, "logs-query", Infinity, { ...DEFAULT_LIMITS, ...limits }))[0]?.error?.code;
	assert.equal(await codeOf({ documentBytesMax: text.length }), undefined);
	assert.equal(await codeOf({ documentBytesMax: text.length - 1 }), "RECORD_TOO_LARGE");
	assert.equal(await codeOf({ recordBytesMax: '{"a":12345}'.length }), undefined);
	assert.equal(await codeOf({ recordBytesMax: '{"a":12345}'.length - 1 }), "RECORD_TOO_LARGE");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Asked, momentOf, parseQuery } from "./logging-query.ts";

const ENTRY: Readonly<Record<string, unknown>> = {
	"resource.type": "k8s_cluster",
	"resource.labels.location": "europe-west4",
	logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
	insertId: "a1",
};
const TIME = { timestamp: "2026-11-23T12:00:00.5Z", receiveTimestamp: "2026-11-23T12:00:02.000000001Z" };

function asked(): Asked {
	const [timestamp, receiveTimestamp] = [momentOf(TIME.timestamp), momentOf(TIME.receiveTimestamp)];
	assert.ok(timestamp !== undefined && receiveTimestamp !== undefined);
	return { timestamp, receiveTimestamp, read: (path) => ENTRY[path] };
}

const matches = (filter: string): boolean | undefined => parseQuery(filter)?.matches(asked());

const TRUE = [
	"",
	'resource.type="k8s_cluster"',
	"resource.type=K8S_CLUSTER",
	'resource.type="other" OR insertId="a1"',
	'NOT resource.type="other"',
	'-resource.type="other"',
	'log_id("cloudaudit.googleapis.com/activity")',
	'(log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/data_access"))',
	'resource.labels.location=("us-east1" OR "europe-west4")',
	'resource.labels.location:"west"',
	"resource.labels.location=~'europe'".replaceAll("'", '"'),
	'insertId!="b" insertId!~"^b"',
	'receiveTimestamp>="2026-11-23T12:00:02Z" AND receiveTimestamp<"2026-11-23T12:00:02.001Z"',
	'receiveTimestamp>"2026-11-23T12:00:02Z"',
	'timestamp="2026-11-23T12:00:00.500Z"',
	'insertId="a1" -- a remark\nAND (insertId="a1"\n)',
	// OR binds stronger than AND.
	'insertId="a1" OR insertId="x" AND insertId="y" OR resource.type="k8s_cluster"',
	'insertId>="a0" insertId<="a1"',
];
const FALSE = [
	'resource.type="other"',
	'insertId="a1" AND resource.type="other"',
	'insertId="a1" resource.type="other"',
	'log_id("cloudaudit.googleapis.com/data_access")',
	'receiveTimestamp<="2026-11-23T12:00:02Z"',
	'timestamp<"2026-11-23T12:00:00.5Z"',
	'missing="x"',
	'insertId="x" OR insertId="a1" AND insertId="y" OR resource.type="no"',
];
const REFUSED = [
	"(",
	")",
	"a",
	"a=",
	"a==",
	'"',
	'a="b" )',
	"timestamp=yesterday",
	'timestamp:"2026-11-23T12:00:00Z"',
	'a=~"("',
	"AND",
	"log_id(",
	`${"(".repeat(60)}a=b${")".repeat(60)}`,
];

test("conditions hold or do not", () => {
	for (const filter of TRUE) assert.equal(matches(filter), true, filter);
	for (const filter of FALSE) assert.equal(matches(filter), false, filter);
	for (const filter of REFUSED) assert.equal(matches(filter), undefined, filter);
});

test("times that hold together bound what is looked through", () => {
	const query = parseQuery(
		'receiveTimestamp>="2026-11-23T12:00:00Z" AND receiveTimestamp<"2026-11-23T13:00:00Z" AND timestamp>="2026-11-22T11:00:00Z"',
	);
	assert.deepEqual(query?.receivedMs, { from: Date.parse("2026-11-23T12:00:00Z"), to: Date.parse("2026-11-23T13:00:00Z") });
	assert.equal(query?.timeMs.from, Date.parse("2026-11-22T11:00:00Z"));
	const either = parseQuery('(receiveTimestamp>="2026-11-23T12:00:00Z" OR insertId="a")');
	assert.equal(either?.receivedMs.from, Number.NEGATIVE_INFINITY);
	assert.equal(parseQuery('NOT receiveTimestamp>="2026-11-23T12:00:00Z"')?.receivedMs.from, Number.NEGATIVE_INFINITY);
	assert.equal(parseQuery('receiveTimestamp>="2026-11-23T12:00:00Z" OR insertId="a"')?.receivedMs.from, Number.NEGATIVE_INFINITY);
});

test("no filter is too odd", () => {
	const word = fc.constantFrom(
		"(",
		")",
		"AND",
		"OR",
		"NOT",
		"-",
		"=",
		">=",
		"a.b",
		'"x"',
		"timestamp",
		'"2026-11-23T12:00:00Z"',
		"log_id",
		"--",
		"\n",
	);
	fc.assert(fc.property(fc.array(word), (words) => void matches(words.join(" "))));
	fc.assert(fc.property(fc.string(), (filter) => void matches(filter)));
});

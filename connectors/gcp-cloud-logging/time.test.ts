import assert from "node:assert/strict";
import { test } from "node:test";
import { nanosOf, rfc3339OfSql } from "./time.ts";

test("the fraction of a time counts, however many digits it has", () => {
	assert.equal(nanosOf("1970-01-01T00:00:00Z"), 0n);
	assert.equal(nanosOf("2018-05-17T15:14:23.405200221Z"), 1_526_570_063_405_200_221n);
	assert.equal(nanosOf("2018-05-17T15:14:20.80581Z"), 1_526_570_060_805_810_000n);
	assert.equal(nanosOf("2018-05-17T15:14:20.805810000Z"), nanosOf("2018-05-17T17:14:20.80581+02:00"));
	assert.equal(nanosOf("1969-12-31T23:59:59.999999999Z"), -1n);
});

test("what is no time has no nanoseconds", () => {
	for (const text of ["", "yesterday", "2018-05-17", "2018-05-17T15:14:23", "2018-13-17T15:14:23Z", "2018-05-17T15:14:23.Z"])
		assert.equal(nanosOf(text), undefined, text);
});

const SQL: readonly (readonly [string | number, string])[] = [
	["2026-11-23 15:08:35.190321 UTC", "2026-11-23T15:08:35.190321Z"],
	["2026-11-23 15:08:35 UTC", "2026-11-23T15:08:35Z"],
	["2026-11-23 15:08:35.19+00", "2026-11-23T15:08:35.19Z"],
	["2026-11-23T15:08:35.190321Z", "2026-11-23T15:08:35.190321Z"],
	["1795446515190321", "2026-11-23T15:08:35.190321Z"],
	[1795446515190321, "2026-11-23T15:08:35.190321Z"],
	["1.795446515190321E9", "2026-11-23T15:08:35.190321Z"],
	["1795446515.190321", "2026-11-23T15:08:35.190321Z"],
	["1795446515", "2026-11-23T15:08:35.000000Z"],
	["99999999999999999999999", "99999999999999999999999"],
	["soon", "soon"],
];

test("the spellings of BigQuery become RFC 3339", () => {
	for (const [from, to] of SQL) assert.equal(rfc3339OfSql(from), to);
});

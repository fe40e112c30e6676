import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "./nearest.ts";

const KEYS = ["regions", "clusters", "logGroups", "roleArn", "quota", "id"];

test("slips of the keyboard, case and separators lead to the word that was meant", () => {
	for (const [word, meant] of [
		["regoins", "regions"],
		["region", "regions"],
		["Clusters", "clusters"],
		["log_groups", "logGroups"],
		["log-group", "logGroups"],
		["rolArn", "roleArn"],
		["qouta", "quota"],
	] as const) {
		assert.equal(nearest(word, KEYS), meant, word);
	}
});

test("what is far from everything has no nearest word", () => {
	for (const word of ["", "x", "ix", "namespace", "aaaaaaa", "x".repeat(1_000_000)])
		assert.equal(nearest(word, KEYS), undefined, word.slice(0, 20));
});

test("the nearest of several is taken, the first of equals", () => {
	assert.equal(nearest("overlapMx", ["overlap", "overlapMax"]), "overlapMax");
	assert.equal(nearest("warn1", ["warn2", "warn3"]), "warn2");
});

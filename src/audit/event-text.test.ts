import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { changedAt, TOKENS } from "../json/test-texts.ts";
import { parseOrNone } from "../json/value.ts";
import { decodeAuditText } from "./decode-text.ts";
import { FIELDS, isAuditEvent } from "./shape.ts";
import { recordedLines, restored } from "./test-events.ts";

/** What JSON.parse alone says of a text: the witness. Only such text is a whole event, and is this one; only such text is skipped. */
function assertAgrees(text: string): void {
	const decoded = decodeAuditText(Buffer.from(text));
	const value = parseOrNone(text);
	const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
	if (!isObject) {
		assert.ok(decoded.kind === "bad" || (decoded.kind === "event" && decoded.truncated !== undefined), text);
		return;
	}
	assert.equal(decoded.kind, isAuditEvent(value) ? "event" : "skip", text);
	if (decoded.kind !== "event") return;
	assert.equal(decoded.truncated, undefined);
	assert.deepEqual(restored(decoded.event), value);
}

/** Few, so that the same come again, as in a log. */
const text = fc.constantFrom(
	"",
	"Event",
	"audit.k8s.io/v1",
	"get",
	'q"uo\\te',
	"ü😀",
	"x".repeat(100),
	"/api/v1/pods?limit=500&watch=true",
);
const user = fc.record(
	{ username: text, groups: fc.array(text, { maxLength: 2 }), extra: fc.dictionary(text, fc.array(text)) },
	{ requiredKeys: [] },
);
const status = fc.record(
	{ metadata: fc.constantFrom({}, null, 1), code: fc.constantFrom(200, 1.5, "1"), kind: text },
	{ requiredKeys: [] },
);
const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>(7, null, [], {}, { a: { a: 1 } }));
const fieldKey = fc.constantFrom(...FIELDS.map(({ key }) => key));
const otherKey = fc.constantFrom("", "__proto__", "constructor", "extras", "hostname", "audit", "auditid", "stageTimestampX");
const member = fc.tuple(
	fc.oneof({ weight: 5, arbitrary: fieldKey }, { weight: 1, arbitrary: otherKey }),
	fc.oneof(
		{ weight: 5, arbitrary: text },
		{ weight: 2, arbitrary: fc.oneof(user, status, fc.array(text), fc.dictionary(text, text)) },
		{ weight: 1, arbitrary: odd },
	),
);
const members = fc.array(member, { maxLength: 12 }).map((some) => [["auditID", "a"], ["verb", "get"], ...some] as [string, unknown][]);

/** The members in their order, repeated ones too, as text in one of several styles. */
function textOfMembers(some: readonly (readonly [string, unknown])[], space: string, isEscaped: boolean): string {
	const keyText = (key: string): string =>
		isEscaped && key !== "" ? JSON.stringify(key).replace(/[a-z]/, (c) => `\\u00${c.charCodeAt(0).toString(16)}`) : JSON.stringify(key);
	const parts = some.map(([key, value]) => `${keyText(key)}${space}:${space}${JSON.stringify(value, undefined, space)}`);
	return `{${space}${parts.join(`${space},${space}`)}${space}}`;
}

const style = fc.tuple(fc.constantFrom("", "", " ", "\n\t"), fc.boolean());

test("any object: the event is what JSON.parse says, and a key that is repeated is told", () => {
	fc.assert(
		fc.property(members, style, (some, [space, isEscaped]) => {
			const whole = textOfMembers(some, space, isEscaped);
			assertAgrees(whole);
			const decoded = decodeAuditText(Buffer.from(whole));
			const repeats = new Set(some.map(([key]) => key)).size < some.length;
			if (decoded.kind === "event") assert.equal(decoded.repaired?.what.includes("repeated-key") ?? false, repeats, whole);
		}),
		{ numRuns: 2_000 },
	);
});

test("any object that is changed: what is no valid JSON is never a whole event, nor skipped", () => {
	const tokens = [...TOKENS, "1.0", "tru", '"verb":"x",', '"user":{},', '"kind":7,'];
	fc.assert(
		fc.property(
			members,
			style,
			fc.nat(),
			fc.nat({ max: 3 }),
			fc.constantFrom("", ...tokens),
			(some, [space, isEscaped], where, removed, token) => {
				const whole = textOfMembers(some, space, isEscaped);
				// JSON.parse does not mind space, and a half of a pair would not survive UTF-8.
				assertAgrees(changedAt(whole, where, removed, token).trim().toWellFormed());
			},
		),
		{ numRuns: 2_000 },
	);
});

test("recorded lines, changed in one place, agree as well", () => {
	const lines = recordedLines()
		.map(String)
		.filter((line) => line.length < 3_000 && !line.includes("\\ud"));
	const tokens = ["", "{", "}", "]", ",", ":", '"', "\\", " ", "0", "e", '"a":1,', '"verb":"x",', '"__proto__":1,'];
	fc.assert(
		fc.property(fc.nat(), fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...tokens), (which, where, removed, token) => {
			const line = lines[which % lines.length] as string;
			assertAgrees(changedAt(line, where, removed, token).trim().toWellFormed());
		}),
		{ numRuns: 3_000 },
	);
});

test("a repeated member is told even if the two have as many keys as one had before", () => {
	for (const text of ['"user":{},"user":{"uid":"a"}', '"annotations":{"a":"b","c":"d"},"annotations":{}', '"user":1,"user":{"uid":"a"}']) {
		const decoded = decodeAuditText(Buffer.from(`{"auditID":"a","verb":"get",${text}}`));
		assert.deepEqual(decoded.kind === "event" && decoded.repaired?.what, ["repeated-key"], text);
	}
});

test("a forgery that shares members with what came before is told apart each time, and teaches nothing wrong", () => {
	const user = '"user":{"username":"jane","groups":["a"],"extra":{"k":["v"]}}';
	const twice = '"user":{"username":"jane","username":"root","groups":["a"]}';
	const line = (members: string): string => `{"auditID":"a","verb":"get",${members},"userAgent":"x"}`;
	const lines = [
		line(user),
		line(twice),
		line(`${user},${twice}`),
		line(`${twice},${user}`),
		// What is known stands there whole, and goes on.
		line(`${user}x`),
		line(user.replace("}}", "}},")),
		line(user.replace(/}$/, "")),
		line(user.replace('"jane"', '"jane\\u0000"')),
		line(`"impersonatedUser":${user.slice('"user":'.length)}`),
		line(`"objectRef":${user.slice('"user":'.length)}`),
	];
	const outcomes = lines.map((text) => decodeAuditText(Buffer.from(text)));
	assert.deepEqual(
		outcomes.map((decoded) => (decoded.kind === "event" ? [decoded.event.user?.username, decoded.repaired?.what] : decoded.kind)),
		[
			["jane", undefined],
			["root", ["repeated-key"]],
			["root", ["repeated-key"]],
			["jane", ["repeated-key"]],
			"bad",
			"bad",
			// Without its brace it is the beginning of an event that was cut.
			["jane", undefined],
			["jane\u0000", undefined],
			[undefined, undefined],
			[undefined, undefined],
		],
	);
	for (let round = 0; round < 3; round++) {
		for (const [i, text] of [...lines.entries()].reverse()) assert.deepEqual(decodeAuditText(Buffer.from(text)), outcomes[i], text);
	}
	assert.equal(
		new Set(outcomes.flatMap((decoded) => (decoded.kind === "event" ? [Buffer.from(decoded.identity).toString()] : []))).size,
		8,
	);
	assert.ok(outcomes[6]?.kind === "event" && outcomes[6].truncated !== undefined);
});

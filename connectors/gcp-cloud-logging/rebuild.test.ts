import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { rebuildLogEntry } from "./rebuild.ts";
import { decodeEntry, eventOf, type Members, plainOf, sampleEntry } from "./sample-entry.ts";

/** There and back again: what an analyst could make of what is stored. */
function rebuilt(text: string): unknown {
	const { event, envelope, origin } = eventOf(text);
	const rest = plainOf(envelope.rest ?? {}) as Members;
	return rebuildLogEntry(plainOf(event) as Members, {
		recordId: envelope.recordId,
		loggedTime: envelope.loggedTime,
		logName: origin?.logName,
		rest,
	});
}

function assertRoundTrip(entry: Members): void {
	const text = JSON.stringify(entry);
	assert.deepEqual(rebuilt(text), JSON.parse(text));
}

const ENTRIES: Readonly<Record<string, Members>> = {
	"an ordinary entry": sampleEntry(),
	nobody: sampleEntry({ labels: undefined }, { authenticationInfo: {}, requestMetadata: {} }),
	"no objects at all": sampleEntry(
		{ operation: undefined, resource: undefined },
		{ authenticationInfo: undefined, requestMetadata: undefined, status: undefined },
	),
	"a subject alone": sampleEntry({}, { authenticationInfo: { principalSubject: "user:a" } }),
	"an e-mail that is the subject": sampleEntry(
		{},
		{ authenticationInfo: { principalEmail: "a@example.com", principalSubject: "a@example.com" } },
	),
	"an e-mail, a subject, a chain": sampleEntry(
		{},
		{
			authenticationInfo: {
				principalEmail: "a@example.com",
				principalSubject: "user:b",
				serviceAccountDelegationInfo: [{ principalSubject: "c" }],
			},
		},
	),
	"an empty e-mail": sampleEntry({}, { authenticationInfo: { principalEmail: "", principalSubject: "user:b" } }),
	"an authority": sampleEntry({}, { authenticationInfo: { principalEmail: "a", authoritySelector: "b" } }),
	"another spelling of the address": sampleEntry({}, { requestMetadata: { callerIP: "::1", destinationAttributes: {} } }),
	"both spellings": sampleEntry({}, { requestMetadata: { callerIp: "::1", callerIP: "::2" } }),
	"a refusal": sampleEntry(
		{},
		{ status: { code: 7, message: "Forbidden", details: [] }, response: { kind: "Status", code: 403, message: "longer" } },
	),
	"a refusal whose text is in the body alone": sampleEntry(
		{},
		{ status: { code: 7 }, response: { kind: "Status", code: 403, message: "longer" } },
	),
	"no labels": sampleEntry({ labels: {} }),
	"odd labels": sampleEntry({ labels: { a: "b", c: 1 } }),
	"empty bodies": sampleEntry({}, { request: {}, response: { "@type": "x" } }),
	"null bodies": sampleEntry({}, { request: null, response: null }),
	"bodies that are no objects": sampleEntry({}, { request: [{ "@type": "x" }], response: "text" }),
	"other members": sampleEntry(
		{ severity: "INFO", trace: "t", delivery: "express" },
		{ serviceData: { "@type": "x" }, numResponseItems: "3" },
	),
	"other types": sampleEntry(
		{ insertId: 5, timestamp: null, receiveTimestamp: [], logName: {}, labels: "x" },
		{ status: 5, authenticationInfo: "x", requestMetadata: [] },
	),
};

for (const [what, entry] of Object.entries(ENTRIES)) {
	test(`rebuilds ${what}`, () => assertRoundTrip(entry));
}

test("rebuilds whatever is in an entry", () => {
	const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string(), fc.constant({}));
	const info = fc.dictionary(
		fc.constantFrom("principalEmail", "principalSubject", "authoritySelector", "x"),
		fc.constantFrom<unknown>("a", "b", "", 1, null, {}),
	);
	const request = fc.dictionary(
		fc.constantFrom("callerIp", "callerIP", "callerSuppliedUserAgent", "__proto__"),
		fc.constantFrom<unknown>("a", "", 1, []),
	);
	const body = fc.dictionary(
		fc.constantFrom("@type", "kind", "message", "code", "metadata"),
		fc.constantFrom<unknown>("Status", "x", 403, { name: "n" }),
	);
	const status = fc.dictionary(fc.constantFrom("code", "message", "details"), fc.constantFrom<unknown>(0, 7, "x", null));
	const members = fc.dictionary(
		fc.constantFrom("insertId", "logName", "timestamp", "receiveTimestamp", "labels", "operation", "other"),
		odd,
	);
	fc.assert(
		fc.property(
			members,
			fc.record({ authenticationInfo: info, requestMetadata: request, request: body, response: body, status }, { requiredKeys: [] }),
			assertEntry,
		),
		{ numRuns: 500 },
	);
});

function assertEntry(members: Members, payload: Members): void {
	const text = JSON.stringify(sampleEntry(members, payload));
	if (decodeEntry(text).kind === "event") assert.deepEqual(rebuilt(text), withoutLoneSurrogates(JSON.parse(text)));
}

/** Lone surrogates are no text: they are replaced before anything is read. */
function withoutLoneSurrogates(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g, "$1\\ufffd"));
}

const CORPUS = new URL("../../../shared/corpus/gke/", import.meta.url);

test("rebuilds real entries", { skip: !existsSync(CORPUS) }, () => {
	let rebuiltCount = 0;
	for (const name of readdirSync(CORPUS)) {
		for (const line of readFileSync(new URL(name, CORPUS), "utf8")
			.split("\n")
			.filter((text) => text.includes('"serviceName":"k8s.io"'))) {
			assert.deepEqual(rebuilt(line), JSON.parse(line), name);
			rebuiltCount++;
		}
	}
	assert.ok(rebuiltCount > 100);
});

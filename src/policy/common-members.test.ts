import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { RawJson } from "../contract/json.ts";
import { isShared, share } from "../json/remember.ts";
import { textOf } from "../json/scan.ts";
import { createRedactor, type Redaction } from "./redact.ts";
import type { RedactionSettings } from "./settings.ts";
import { textOfDecoded } from "./test-events.ts";

const R = "[REDACTED]";
const redact = createRedactor({ enabled: true });

const exact = (value: unknown): RawJson => ({ raw: Buffer.from(JSON.stringify(value)) });
const decodedOf = (event: AuditEvent): DecodedEvent => ({ kind: "event", event, envelope: {}, identity: new Uint8Array(), inferred: [] });
const countsOf = ({ redacted }: Redaction): Record<string, number> => Object.fromEntries(redacted);

/** What became of the exact text in a status, and the counts. */
function redactDetails(details: unknown, resource: string, settings: Partial<RedactionSettings> = {}): readonly [unknown, object] {
	const status = { code: 422, metadata: exact({}), details: exact(details) };
	const redaction = createRedactor({ enabled: true, ...settings })(decodedOf({ objectRef: { resource }, responseStatus: status }));
	const { responseStatus } = redaction.decoded.event;
	assert.equal(responseStatus?.code, 422);
	return [JSON.parse(textOf(responseStatus?.details?.raw ?? new Uint8Array())), countsOf(redaction)];
}

const quoting = (text: string): object => ({
	name: "db",
	kind: "Secret",
	causes: [{ field: "data", message: `Invalid value: "${text}": no` }],
});

test("details of a status: quoted input goes where the event is about what holds secrets", () => {
	assert.deepEqual(redactDetails(quoting("s3cret"), "secrets"), [
		{ name: "db", kind: "Secret", causes: [{ field: "data", message: `Invalid value: ${R}: no` }] },
		{ secrets: 1 },
	]);
	assert.deepEqual(redactDetails(quoting("s3cret"), "pods"), [quoting("s3cret"), {}]);
});

test("details of a status: credentials go whatever the event is about", () => {
	const details = { name: "x", causes: [{ message: "token=abcdefgh1" }], password: "x" };
	const expected = { name: "x", causes: [{ message: `token=${R}` }], password: R };
	assert.deepEqual(redactDetails(details, "pods"), [expected, { patterns: 1, env: 1 }]);
	assert.deepEqual(redactDetails("https://u:pw@h", "pods"), [`https://u:${R}@h`, { patterns: 1 }]);
	assert.deepEqual(redactDetails(details, "pods", { presets: { env: false, patterns: false } }), [details, {}]);
});

test("details and metadata of a status: the user's own paths", () => {
	const details = { name: "x", causes: [{ message: "token=abcdefgh1", field: "f" }] };
	assert.deepEqual(redactDetails(details, "pods", { paths: ["responseStatus.details"] }), [R, { paths: 1 }]);
	assert.deepEqual(redactDetails(details, "pods", { paths: ["responseStatus.details.causes.*.field"] }), [
		{ name: "x", causes: [{ message: `token=${R}`, field: R }] },
		{ patterns: 1, paths: 1 },
	]);
	assert.deepEqual(redactDetails(details, "pods", { keep: ["responseStatus.details"] }), [details, {}]);
	const { event } = createRedactor({ enabled: true, paths: ["responseStatus.metadata"] })(
		decodedOf({ responseStatus: { metadata: exact({}), message: "x" } }),
	).decoded;
	assert.deepEqual(event.responseStatus, { metadata: { raw: Buffer.from(`"${R}"`) }, message: "x" });
});

/** Members as decode gives them: one object for all that are equal. */
const shared = {
	annotations: share({ "example.com/token": "abc", note: 'Invalid value: "s3cret": no' }),
	user: share({ username: "jane", extra: { accessToken: ["a", "b"], note: ["https://u:pw@h"] } }),
	responseStatus: share({ code: 400, message: 'Invalid value: "s3cret": no', details: exact({ password: "x" }) }),
	extras: [share({ path: ["apiToken"], value: exact("t") }), share({ path: ["hostname"], value: exact("h") })],
};
const event: AuditEvent = {
	verb: "get",
	requestURI: "/x?token=y",
	userAgent: "x password=abc",
	requestObject: exact({ password: "x" }),
	impersonatedUser: shared.user,
	...shared,
};

test("what is remembered counts each time, and gives the same objects", () => {
	const fresh = decodedOf(structuredClone(event));
	const expected = createRedactor({ enabled: true })(fresh);
	assert.deepEqual(countsOf(expected), { uri: 1, patterns: 3, env: 8 }, "as of members that are not shared");
	const [first, second] = [redact(decodedOf(event)), redact(decodedOf(event))];
	for (const redaction of [first, second]) {
		assert.deepEqual([...redaction.redacted], [...expected.redacted]);
		assert.equal(textOfDecoded(redaction.decoded), textOfDecoded(expected.decoded));
	}
	for (const name of ["annotations", "user", "impersonatedUser", "responseStatus"] as const) {
		assert.equal(first.decoded.event[name], second.decoded.event[name]);
		assert.notEqual(first.decoded.event[name], event[name]);
		assert.ok(isShared(first.decoded.event[name] ?? {}), "so that later steps can remember, too");
	}
	assert.equal(first.decoded.event.extras?.[0], second.decoded.event.extras?.[0]);
	assert.equal(first.decoded.event.extras?.[1], event.extras?.[1]);
	assert.equal(textOfDecoded(decodedOf(event)), textOfDecoded(fresh), "nothing shared was changed");
});

test("nothing to replace in what is shared: the same event, and none is counted", () => {
	const plain = decodedOf({ verb: "get", user: share({ username: "jane" }), responseStatus: share({ code: 200, metadata: exact({}) }) });
	for (let i = 0; i < 3; i++) assert.deepEqual(redact(plain), { decoded: plain, redacted: new Map() });
	assert.equal(redact(plain).decoded, plain);
});

test("the same member is another thing in an event about what holds secrets", () => {
	const about = (resource: string): Redaction =>
		redact(decodedOf({ objectRef: { resource }, annotations: shared.annotations, responseStatus: shared.responseStatus }));
	for (let i = 0; i < 2; i++) {
		assert.deepEqual(countsOf(about("pods")), { env: 2 });
		assert.deepEqual(countsOf(about("secrets")), { env: 2, secrets: 2 });
		assert.deepEqual(countsOf(about("configmaps")), { env: 2, "config-maps": 2 });
	}
});

test("the same user is another thing as the one who is impersonated, and to another redactor", () => {
	const user = share({ extra: { x: ["y"] } });
	const mine = createRedactor({ enabled: true, paths: ["impersonatedUser.extra.x"] });
	for (let i = 0; i < 2; i++) {
		const { decoded } = mine(decodedOf({ user, impersonatedUser: user }));
		assert.equal(decoded.event.user, user);
		assert.deepEqual(decoded.event.impersonatedUser, { extra: { x: [R] } });
		assert.equal(redact(decodedOf({ impersonatedUser: user })).decoded.event.impersonatedUser, user);
	}
});

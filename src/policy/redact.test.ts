import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { DecodedEvent } from "../contract/decode.ts";
import { CollectorError } from "../contract/errors.ts";
import { type PresetName, REDACTION_PRESETS } from "./presets.ts";
import { createRedactor, type Redaction } from "./redact.ts";
import { bodyOf, decodedOf, decodedText, exact, requestOf, textOfDecoded } from "./test-events.ts";

const redact = createRedactor({ enabled: true });
const R = "[REDACTED]";
const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
const LAST = "kubectl.kubernetes.io/last-applied-configuration";

const countsOf = ({ redacted }: Redaction): Record<string, number> => Object.fromEntries(redacted);

interface Case {
	readonly name: string;
	readonly resource?: string;
	readonly more?: Record<string, unknown>;
	readonly body: unknown;
	readonly expected: unknown;
	readonly counts: Record<string, number>;
}

function check(preset: PresetName, { name, resource = "pods", more, body, expected, counts }: Case): void {
	test(`${preset}: ${name}`, () => {
		const event = requestOf(resource, body, more);
		const redaction = redact(event);
		assert.deepEqual(JSON.parse(bodyOf(redaction.decoded.event)), expected);
		assert.deepEqual(countsOf(redaction), counts);
		const off = createRedactor({ enabled: true, presets: { [preset]: false } })(event);
		assert.equal(off.redacted.get(preset), undefined, "a preset that is off does nothing");
	});
}

const secretCases: readonly Case[] = [
	{
		name: "values go, keys and names stay",
		body: {
			kind: "Secret",
			apiVersion: "v1",
			metadata: { name: "db" },
			type: "Opaque",
			immutable: true,
			data: { a: "MQ==", b: "" },
			stringData: { c: "x" },
		},
		expected: {
			kind: "Secret",
			apiVersion: "v1",
			metadata: { name: "db" },
			type: "Opaque",
			immutable: true,
			data: { a: R, b: "" },
			stringData: { c: R },
		},
		counts: { secrets: 2 },
	},
	{
		name: "a merge patch without a kind; null deletes a key and stays",
		body: { data: { a: "MQ==", gone: null }, metadata: { labels: { x: "y" } }, more: [1, true, { deep: "x" }] },
		expected: { data: { a: R, gone: null }, metadata: { labels: { x: "y" } }, more: [R, R, { deep: R }] },
		counts: { secrets: 4 },
	},
	{
		name: "a JSON patch",
		body: [
			{ op: "replace", path: "/data/a", value: "MQ==" },
			{ op: "add", path: "/data", value: { b: "Mg==" } },
			{ op: "move", from: "/data/a", path: "/data/c" },
			{ op: "remove", path: "/data/a" },
		],
		expected: [
			{ op: "replace", path: "/data/a", value: R },
			{ op: "add", path: "/data", value: R },
			{ op: "move", from: "/data/a", path: "/data/c" },
			{ op: "remove", path: "/data/a" },
		],
		counts: { secrets: 2 },
	},
	{
		name: "a list",
		body: { kind: "SecretList", metadata: { resourceVersion: "1" }, items: [{ metadata: { name: "a" }, data: { k: "MQ==" } }, "odd"] },
		expected: { kind: "SecretList", metadata: { resourceVersion: "1" }, items: [{ metadata: { name: "a" }, data: { k: R } }, R] },
		counts: { secrets: 2 },
	},
	{
		name: "a table",
		body: {
			kind: "Table",
			columnDefinitions: [{ name: "Name", type: "string" }],
			rows: [{ cells: ["db", 2, null], object: { kind: "Secret", metadata: { name: "db" }, data: { k: "MQ==" } } }],
		},
		expected: {
			kind: "Table",
			columnDefinitions: [{ name: "Name", type: "string" }],
			rows: [{ cells: ["db", 2, null], object: { kind: "Secret", metadata: { name: "db" }, data: { k: R } } }],
		},
		counts: { secrets: 1 },
	},
	{
		name: "a Status keeps all but the input that it quotes",
		body: {
			kind: "Status",
			status: "Failure",
			code: 422,
			message: 'data[x]: Invalid value: "s3cret": no',
			details: { name: "db", causes: [{ field: "data", message: 'Invalid value: "s3cret": no' }] },
		},
		expected: {
			kind: "Status",
			status: "Failure",
			code: 422,
			message: `data[x]: Invalid value: ${R}: no`,
			details: { name: "db", causes: [{ field: "data", message: `Invalid value: ${R}: no` }] },
		},
		counts: { secrets: 2 },
	},
	{ name: "a text instead of an object", body: "s3cret", expected: R, counts: { secrets: 1 } },
	{ name: "a number instead of an object", body: 1, expected: R, counts: { secrets: 1 } },
	{ name: "nothing instead of an object", body: null, expected: null, counts: {} },
	{
		name: "the text by which AKS says that it left a body out",
		body: "skipped-too-big-size-object",
		expected: "skipped-too-big-size-object",
		counts: {},
	},
	{
		name: "options of a deletion",
		body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions: { uid: "u" } },
		expected: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background", preconditions: { uid: "u" } },
		counts: {},
	},
	{
		name: "last-applied in its metadata",
		body: { metadata: { annotations: { [LAST]: '{"data":{"a":"MQ=="}}', "example.com/x": "y" } } },
		expected: { metadata: { annotations: { [LAST]: R, "example.com/x": "y" } } },
		counts: { secrets: 1 },
	},
	{
		name: "a manifest in an annotation",
		body: { metadata: { annotations: { "example.com/original": '{"data":{"a":"MQ=="},"metadata":{"name":"x"}}' } } },
		expected: { metadata: { annotations: { "example.com/original": `{"data":{"a":"${R}"},"metadata":{"name":"x"}}` } } },
		counts: { secrets: 1 },
	},
];
for (const secretCase of secretCases) check("secrets", { resource: "secrets", ...secretCase });

check("secrets", {
	name: "a Secret wherever it stands, but no reference to one",
	resource: "applications",
	body: {
		kind: "Application",
		spec: { objects: [{ kind: "Secret", data: { a: "MQ==" } }], ref: { kind: "Secret", name: "db", apiVersion: "v1" } },
	},
	expected: {
		kind: "Application",
		spec: { objects: [{ kind: "Secret", data: { a: R } }], ref: { kind: "Secret", name: "db", apiVersion: "v1" } },
	},
	counts: { secrets: 1 },
});
check("secrets", {
	name: "a root of that kind on any resource",
	resource: "odd",
	body: { kind: "Secret", x: "y" },
	expected: { kind: "Secret", x: R },
	counts: { secrets: 1 },
});
check("secrets", {
	name: "told by the URI where there is no objectRef",
	body: { data: { a: "MQ==" } },
	more: { objectRef: { resource: 5 }, requestURI: "/api/v1/namespaces/n/secrets/db" },
	expected: { data: { a: R } },
	counts: { secrets: 1 },
});

check("tokens", {
	name: "a TokenRequest keeps whom it is for and how long",
	resource: "serviceaccounts",
	more: { objectRef: { resource: "serviceaccounts", subresource: "token", name: "d" } },
	body: {
		kind: "TokenRequest",
		metadata: { name: "d" },
		spec: { audiences: ["x"], expirationSeconds: 3607, boundObjectRef: { kind: "Pod", name: "p", uid: "u" } },
		status: { token: JWT, expirationTimestamp: "2026" },
	},
	expected: {
		kind: "TokenRequest",
		metadata: { name: "d" },
		spec: { audiences: ["x"], expirationSeconds: 3607, boundObjectRef: { kind: "Pod", name: "p", uid: "u" } },
		status: { token: R, expirationTimestamp: "2026" },
	},
	counts: { tokens: 1 },
});
const CREDENTIAL_ID = "authentication.kubernetes.io/credential-id";
check("tokens", {
	name: "a TokenReview keeps who it was",
	resource: "tokenreviews",
	body: {
		spec: { token: "opaque", audiences: null },
		status: {
			authenticated: true,
			user: { username: "jane", groups: ["g"], extra: { [CREDENTIAL_ID]: ["JTI=1"], other: ["x"] } },
			error: "no",
		},
	},
	expected: {
		spec: { token: R, audiences: null },
		status: {
			authenticated: true,
			user: { username: "jane", groups: ["g"], extra: { [CREDENTIAL_ID]: ["JTI=1"], other: [R] } },
			error: "no",
		},
	},
	counts: { tokens: 2 },
});
check("tokens", {
	name: "a plain service account is none",
	resource: "serviceaccounts",
	body: { secrets: [{ name: "x-token" }] },
	expected: { secrets: [{ name: "x-token" }] },
	counts: {},
});
check("certificate-requests", {
	name: "the request and the certificate",
	resource: "certificatesigningrequests",
	body: {
		spec: { request: "LS0t", signerName: "s", usages: ["client auth"], username: "jane" },
		status: { certificate: "LS0t", conditions: [{ type: "Approved", message: "ok" }] },
	},
	expected: {
		spec: { request: R, signerName: "s", usages: ["client auth"], username: "jane" },
		status: { certificate: R, conditions: [{ type: "Approved", message: "ok" }] },
	},
	counts: { "certificate-requests": 2 },
});
check("config-maps", {
	name: "values go, keys stay",
	resource: "configmaps",
	body: { kind: "ConfigMap", metadata: { name: "x" }, data: { k: "v", __proto__x: "w" }, binaryData: { b: "AA==" } },
	expected: { kind: "ConfigMap", metadata: { name: "x" }, data: { k: R, __proto__x: R }, binaryData: { b: R } },
	counts: { "config-maps": 3 },
});

check("last-applied", {
	name: "in any object",
	body: { metadata: { annotations: { [LAST]: "{}x", a: "b" } } },
	expected: { metadata: { annotations: { [LAST]: R, a: "b" } } },
	counts: { "last-applied": 1 },
});
check("last-applied", {
	name: "in a JSON patch, by its path and inside a value",
	body: [
		{ op: "add", path: `/metadata/annotations/${LAST.replace("/", "~1")}`, value: "{}x" },
		{ op: "add", path: "/metadata/annotations", value: { [LAST]: "{}x", a: "b" } },
	],
	expected: [
		{ op: "add", path: `/metadata/annotations/${LAST.replace("/", "~1")}`, value: R },
		{ op: "add", path: "/metadata/annotations", value: { [LAST]: R, a: "b" } },
	],
	counts: { "last-applied": 2 },
});
check("last-applied", {
	name: "field names of managedFields stay",
	body: { [`f:${LAST}`]: {} },
	expected: { [`f:${LAST}`]: {} },
	counts: {},
});

const env = (entries: unknown): unknown => ({ spec: { containers: [{ env: entries }] } });
check("env", {
	name: "by name, by value, in either order",
	body: env([
		{ name: "DB_PASSWORD", value: "x" },
		{ value: "y", name: "API_KEY" },
		{ name: "HOME", value: "/root" },
		{ name: "URL", value: "a://b:c@d" },
		{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "password" } } },
		{ name: "USE_TOKEN", value: "true" },
		{ name: "PASSWORD", value: "$(OTHER)" },
	]),
	expected: env([
		{ name: "DB_PASSWORD", value: R },
		{ value: R, name: "API_KEY" },
		{ name: "HOME", value: "/root" },
		{ name: "URL", value: R },
		{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "s", key: "password" } } },
		{ name: "USE_TOKEN", value: "true" },
		{ name: "PASSWORD", value: "$(OTHER)" },
	]),
	counts: { env: 3 },
});
check("env", {
	name: "values that a patch writes",
	body: [
		{ op: "replace", path: "/spec/containers/0/env/3/value", value: "x" },
		{ op: "add", path: "/spec/containers/0/env/-", value: { name: "TOKEN", value: "x" } },
		{ op: "replace", path: "/spec/password", value: "x" },
		{ op: "replace", path: "/spec/replicas", value: "3" },
	],
	expected: [
		{ op: "replace", path: "/spec/containers/0/env/3/value", value: R },
		{ op: "add", path: "/spec/containers/0/env/-", value: { name: "TOKEN", value: R } },
		{ op: "replace", path: "/spec/password", value: R },
		{ op: "replace", path: "/spec/replicas", value: "3" },
	],
	counts: { env: 3 },
});
check("env", {
	name: "members by their keys, not what only refers to a credential",
	body: {
		spec: {
			password: "x",
			clientSecret: "y",
			api_key: "z",
			tokens: ["a", "b"],
			secretName: "db",
			imagePullSecrets: [{ name: "r" }],
			automountServiceAccountToken: false,
			token: { from: "x" },
			tokenTTL: "5m",
		},
	},
	expected: {
		spec: {
			password: R,
			clientSecret: R,
			api_key: R,
			tokens: [R, R],
			secretName: "db",
			imagePullSecrets: [{ name: "r" }],
			automountServiceAccountToken: false,
			token: { from: "x" },
			tokenTTL: "5m",
		},
	},
	counts: { env: 5 },
});
check("env", {
	name: "arguments of commands",
	body: {
		args: [
			"--user=x",
			"--password=a b",
			"--token",
			"c",
			"PASSWORD=d",
			"--token-auth-file=/x",
			"--verbose",
			"plain",
			"--api-key",
			"--other",
		],
	},
	expected: {
		args: [
			"--user=x",
			`--password=${R}`,
			"--token",
			R,
			`PASSWORD=${R}`,
			"--token-auth-file=/x",
			"--verbose",
			"plain",
			"--api-key",
			"--other",
		],
	},
	counts: { env: 3 },
});

check("patterns", {
	name: "in any string, only the part that matched",
	body: {
		spec: {
			note: `see ${JWT} there`,
			url: "https://jane:pw@x/y",
			command: ["sh", "-c", "curl -H 'Authorization: Bearer abcdefgh12345678' x"],
		},
	},
	expected: {
		spec: { note: `see ${R} there`, url: `https://jane:${R}@x/y`, command: ["sh", "-c", `curl -H 'Authorization: Bearer ${R}' x`] },
	},
	counts: { patterns: 3 },
});
check("patterns", {
	name: "JSON in a string is looked into, three levels deep",
	body: { a: JSON.stringify({ b: JSON.stringify({ c: JSON.stringify({ note: JWT, password: "x", kept: 1.5 }) }) }) },
	expected: { a: JSON.stringify({ b: JSON.stringify({ c: JSON.stringify({ note: R, password: R, kept: 1.5 }) }) }) },
	counts: { patterns: 1, env: 1 },
});

test("uri: commands and credentials of the request URI", () => {
	const event = decodedOf({ verb: "get", requestURI: "/api/v1/namespaces/n/pods/p/exec?command=ls&stdin=true&token=x", userAgent: "x" });
	const { decoded, redacted } = redact(event);
	assert.equal(decoded.event.requestURI, `/api/v1/namespaces/n/pods/p/exec?command=${R}&stdin=true&token=${R}`);
	assert.deepEqual([...redacted], [["uri", 2]]);
	assert.equal(createRedactor({ enabled: true, presets: { uri: false, patterns: false } })(event).decoded, event);
});

test("the head: annotations, user agent, message, extra, unknown members, and the envelope", () => {
	const event = decodedOf({
		verb: "get",
		userAgent: `x ${JWT}`,
		annotations: {
			"example.com/token": "abc",
			"authorization.k8s.io/reason": "",
			"patch.webhook.admission.k8s.io/round_0_index_0": `{"patch":[{"op":"add","path":"/x","value":{"password":"p"}}]}`,
		},
		responseStatus: { message: `bad token=${"x".repeat(9)}`, code: 400 },
		user: { username: "jane", extra: { arn: ["a"], sessionToken: ["s", "t"] } },
		impersonatedUser: { extra: { note: [JWT] } },
		apiToken: "t",
		uri: "/x?token=y",
		nested: { password: "p", int: exact("1") },
	});
	const envelope = { rest: { labels: { password: "p", x: "y" }, list: [JWT], text: { raw: Buffer.from('{"secret":"s"}') } } };
	const { decoded, redacted } = redact({ ...event, envelope });
	const { annotations, userAgent, responseStatus, user, impersonatedUser, extras } = decoded.event;
	assert.deepEqual(annotations, {
		"example.com/token": R,
		"authorization.k8s.io/reason": "",
		"patch.webhook.admission.k8s.io/round_0_index_0": `{"patch":[{"op":"add","path":"/x","value":{"password":"${R}"}}]}`,
	});
	assert.deepEqual([userAgent, responseStatus], [`x ${R}`, { message: `bad token=${R}`, code: 400 }]);
	assert.deepEqual([user?.extra, impersonatedUser?.extra], [{ arn: ["a"], sessionToken: [R, R] }, { note: [R] }]);
	assert.deepEqual(
		extras?.map(({ value }) => value.raw.toString()),
		[`"${R}"`, `"/x?token=${R}"`, `{"password":"${R}","int":{"exact":"1"}}`],
	);
	const { rest } = JSON.parse(textOfDecoded(decoded)).envelope;
	assert.deepEqual(rest, { labels: { password: R, x: "y" }, list: [R], text: { raw: JSON.stringify({ secret: R }) } });
	assert.deepEqual(Object.fromEntries(redacted), { patterns: 4, env: 8, uri: 1 });
});

test("sensitive resources: webhook patches and quoted input go, too", () => {
	const event = requestOf(
		"secrets",
		{ data: {} },
		{
			annotations: {
				"patch.webhook.admission.k8s.io/round_0_index_0": '{"webhook":"w","patch":[{"op":"add","path":"/data/x","value":"MQ=="}]}',
			},
			responseStatus: { message: 'Secret "db" is invalid: data[x]: Invalid value: "MQ==": no' },
		},
	);
	const { decoded, redacted } = redact(event);
	assert.deepEqual(Object.values(decoded.event.annotations ?? {}), [
		`{"webhook":"w","patch":[{"op":"add","path":"/data/x","value":"${R}"}]}`,
	]);
	assert.equal(decoded.event.responseStatus?.message, `Secret "db" is invalid: data[x]: Invalid value: ${R}: no`);
	assert.deepEqual([...redacted], [["secrets", 2]]);
});

test("bytes outside what is replaced stay as they are", () => {
	const text = String.raw`{ "kind" : "Pod","n":9007199254740993,"x":1e400 , "p\u0061ssword": "a\u00e9é😀" ,"é":"\u003c\/b>","k":{"note":"é\u00e9 Bearer 0123456789abcdef\n<"}  }`;
	const { decoded } = redact(requestOf("pods", exact(text)));
	assert.equal(bodyOf(decoded.event), text.replace(String.raw`"a\u00e9é😀"`, `"${R}"`).replace("0123456789abcdef", R));
});

test("repeated keys are each seen, whatever they hide", () => {
	const text = '{"kind":"Secret","data":{"a":"MQ=="},"data":{"a":"Mg=="},"kind":"Pod","data":{}}';
	assert.equal(bodyOf(redact(requestOf("odd", exact(text))).decoded.event), text.replace(/"M.=="/g, `"${R}"`));
	const pair = '{"name":"HOME","name":"TOKEN","value":"x","value":"y"}';
	assert.equal(bodyOf(redact(requestOf("odd", exact(pair))).decoded.event), pair.replace(/"[xy]"/g, `"${R}"`));
});

test("a body that cannot be read goes whole, if it could hold anything", () => {
	const deep = `${'{"a":'.repeat(400)}{"password":"x"}${"}".repeat(400)}`;
	const harmless = `${'{"a":'.repeat(400)}{"b":"x"}${"}".repeat(400)}`;
	const { decoded, redacted } = redact(requestOf("pods", exact(deep)));
	assert.equal(bodyOf(decoded.event), `"${R}"`);
	assert.deepEqual([...redacted], [["unreadable", 1]]);
	const kept = requestOf("pods", exact(harmless));
	assert.equal(redact(kept).decoded, kept);
	assert.equal(bodyOf(redact(requestOf("secrets", exact(harmless))).decoded.event), `"${R}"`);
	const inString = requestOf("pods", { note: deep });
	assert.equal(bodyOf(redact(inString).decoded.event), `{"note":"${R}"}`);
	const broken: DecodedEvent = { ...kept, event: { ...kept.event, requestObject: { raw: Buffer.from('{"password":') } } };
	assert.equal(bodyOf(redact(broken).decoded.event), `"${R}"`);
});

test("of a record that was cut before it says what it is about, bodies go", () => {
	const text = '{"auditID":"a","verb":"create","requestObject":{"data":{"k":"MQ=="}},"objectRef":{"reso';
	const { decoded, redacted } = redact(decodedText(text));
	assert.equal(bodyOf(decoded.event), `"${R}"`);
	assert.deepEqual([...redacted], [["unreadable", 1]]);
	const told = redact(
		decodedText('{"auditID":"a","verb":"create","objectRef":{"resource":"pods"},"requestObject":{"x":1},"responseObject":{"y'),
	);
	assert.equal(bodyOf(told.decoded.event), '{"x":1}');
});

test("the original bytes of a repaired text go with anything that is redacted, and with what a repeated key hides", () => {
	const lone = (more: string): DecodedEvent => decodedText(`{"auditID":"a","verb":"get","userAgent":"\\ud800"${more}}`);
	assert.ok(redact(lone("")).decoded.repaired?.original);
	const redacted = redact(lone(',"requestURI":"/x?token=y"')).decoded.repaired;
	assert.deepEqual(redacted, { what: ["lone-surrogate"] });
	const hidden = decodedText('{"auditID":"a","verb":"get","requestObject":{"password":"x"},"requestObject":{}}');
	assert.deepEqual(redact(hidden).decoded.repaired, { what: ["repeated-key"] });
	const harmless = decodedText('{"auditID":"a","verb":"get","verb":"put"}');
	assert.equal(redact(harmless).decoded, harmless);
});

test("the user's own paths, and what the user keeps", () => {
	const mine = createRedactor({
		enabled: true,
		paths: ["requestObject.spec.foo", 'annotations."my.key/x"', "user.extra.**", "envelope.rest"],
		keep: ["requestObject.spec.password", "userAgent"],
	});
	const event = decodedOf({
		verb: "x",
		userAgent: JWT,
		user: { extra: { a: ["b"] } },
		annotations: { "my.key/x": "1", b: "2" },
		requestObject: { spec: { foo: { bar: 1 }, password: "p", token: "t" } },
	});
	const { decoded, redacted } = mine(event);
	assert.deepEqual(JSON.parse(bodyOf(decoded.event)), { spec: { foo: R, password: "p", token: R } });
	assert.deepEqual(
		[decoded.event.annotations, decoded.event.user?.extra, decoded.event.userAgent],
		[{ "my.key/x": R, b: "2" }, { a: [R] }, JWT],
	);
	assert.deepEqual(Object.fromEntries(redacted), { paths: 3, env: 1 });
	assert.throws(() => createRedactor({ enabled: true, keep: [""] }), CollectorError);
});

test("with a key, equal values stay recognisable as equal and nothing else", () => {
	const keyed = createRedactor({ enabled: true, hmacKey: "k" });
	const mark = `hmac-sha256:${createHmac("sha256", "k").update("p\u00e9").digest("hex").slice(0, 32)}`;
	const { decoded } = keyed(requestOf("pods", exact('{"password":"p\\u00e9","note":"password=pé"}'), { requestURI: "/x?token=p" }));
	assert.deepEqual(JSON.parse(bodyOf(decoded.event)), { password: mark, note: `password=${mark}` });
	assert.equal(keyed(decoded).decoded, decoded, "marks are not redacted again");
});

test("nothing to replace, or nothing wanted: the same event", () => {
	const event = decodedOf({ verb: "get", requestURI: "/api/v1/pods?limit=5", requestObject: { spec: { x: "y" } } });
	assert.equal(redact(event).decoded, event);
	const secret = requestOf("secrets", { data: { a: "MQ==" } });
	assert.equal(createRedactor({ enabled: false })(secret).decoded, secret);
	const off = Object.fromEntries(REDACTION_PRESETS.map(({ name }) => [name, false]));
	assert.equal(createRedactor({ enabled: true, presets: off })(secret).decoded, secret);
});

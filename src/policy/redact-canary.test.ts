/** Secrets that are planted and looked for: whatever the place and the escaping, none comes through. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DecodedEvent } from "../contract/decode.ts";
import { createRedactor } from "./redact.ts";
import { decodedOf, decodedText, exact, requestOf, textOfDecoded } from "./test-events.ts";

const redact = createRedactor({ enabled: true });
const keyed = createRedactor({ enabled: true, hmacKey: "key" });

const ALPHABET = [..."ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"];
const canaries = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 16, maxLength: 24 });

const escapeAll = (text: string): string => [...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const percentAll = (text: string): string => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** How the secret is written into a string, and how the string is written into JSON. */
const disguises = fc.constantFrom(
	(text: string) => text,
	base64,
	percentAll,
	(text: string) => `é€😀 "${text}" \n\\`,
	(text: string) => JSON.stringify({ a: [text] }),
);
const spellings = fc.constantFrom(
	(text: string) => JSON.stringify(text),
	(text: string) => `"${escapeAll(text).replaceAll("\\u005c", "\\\\")}"`,
);

/** All the ways in which a secret could be read in a text. */
function isIn(text: string, canary: string): boolean {
	const flat = text.replaceAll("\\", "");
	const unescaped = flat.replace(/u([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
	const ways = [canary, base64(canary).replace(/=+$/, "").slice(0, -1), percentAll(canary)];
	return ways.some((way) => flat.includes(way) || unescaped.includes(way));
}

/** `json` is the text of a string with the secret in it, `inner` the same inside another string. */
type Plant = (json: string) => DecodedEvent;
const body = (resource: string, text: string, more: Record<string, unknown> = {}): DecodedEvent => requestOf(resource, exact(text), more);
const inString = (text: string): string => JSON.stringify(text);
const HOOK = "patch.webhook.admission.k8s.io/round_0_index_0";
const LAST = "kubectl.kubernetes.io/last-applied-configuration";
const token = { objectRef: { resource: "serviceaccounts", subresource: "token" } };

/** Places where any text at all is secret. */
const secretPlaces: Record<string, Plant> = {
	data: (json) => body("secrets", `{"kind":"Secret","data":{"a":${json}}}`),
	"data by an escaped key": (json) => body("secrets", `{"d\\u0061ta":{"\\u0061":${json}},"metadata":{}}`),
	"hidden by a repeated key": (json) => body("secrets", `{"data":{"a":${json}},"data":{}}`),
	"a merge patch": (json) => body("secrets", `{"stringData":{"__proto__":${json}}}`),
	"a member where none should be": (json) => body("secrets", `{"type":{"x":[${json}]},"kind":[[${json}]],"items":${json}}`),
	"a JSON patch": (json) => body("secrets", `[{"op":"add","path":"/data/x","value":${json}}]`),
	"an object in a JSON patch": (json) => body("secrets", `[{"value":{"x":[${json}]},"op":"add","path":"/data"},${json}]`),
	"a list": (json) => body("secrets", `{"kind":"SecretList","items":[{"data":{"a":${json}}}]}`),
	"a table's object": (json) => body("secrets", `{"kind":"Table","rows":[{"cells":["db"],"object":{"data":{"a":${json}}}}]}`),
	"a bare text": (json) => body("secrets", json),
	"deep nesting": (json) => body("secrets", `${'{"a":'.repeat(500)}${json}${"}".repeat(500)}`),
	"last-applied of a Secret": (json) => body("secrets", `{"metadata":{"annotations":{"${LAST}":${json}}}}`),
	"a manifest in an annotation of a Secret": (json) =>
		body("secrets", `{"metadata":{"annotations":{"x/y":${inString(`{"data":{"a":${json}}}`)}}}}`),
	"a Secret in another object": (json) => body("apps", `{"spec":{"objects":[{"data":{"a":${json}},"kind":"Secret"}]}}`),
	"a Secret in a text in another object": (json) =>
		body("apps", `{"spec":{"manifest":${inString(`{"kind":"Secret","data":{"a":${json}}}`)}}}`),
	"a Secret in a text in a text": (json) =>
		body("apps", `{"m":${inString(`{"n":${inString(`{"kind":"Secret","data":{"a":${json}}}`)}}`)}}`),
	"a List of anything": (json) => body("odd", `{"kind":"List","items":[{"kind":"Secret","data":{"a":${json}}}]}`),
	"a webhook's patch of a Secret": (json) =>
		body("secrets", "{}", { annotations: { [HOOK]: `{"patch":[{"op":"add","path":"/data/x","value":${json}}]}` } }),
	"a webhook's manifest": (json) => body("odd", "{}", { annotations: { "x.example.com/m": `{"kind":"Secret","data":{"a":${json}}}` } }),
	"a TokenRequest": (json) => body("serviceaccounts", `{"status":{"token":${json}}}`, token),
	"a TokenReview": (json) => body("tokenreviews", `{"spec":{"token":${json},"x":${json}}}`),
	"a TokenReview told by its kind": (json) => body("odd", `{"spec":{"token":${json}},"kind":"TokenReview"}`),
	"a certificate request": (json) => body("certificatesigningrequests", `{"spec":{"request":${json}},"status":{"certificate":${json}}}`),
	"a ConfigMap": (json) => body("configmaps", `{"data":{"a":${json}},"binaryData":{"b":${json}}}`),
	"a ConfigMap told by its kind": (json) => body("odd", `{"\\u006bind":"Config\\u004dap","data":{"a":${json}}}`),
	"last-applied": (json) => body("pods", `{"metadata":{"annotations":{"${LAST}":${json}}}}`),
	"last-applied by an escaped key": (json) => body("pods", `{"metadata":{"annotations":{"${escapeAll(LAST)}":${json}}}}`),
	"last-applied in a patch": (json) =>
		body("pods", `[{"op":"add","path":"/metadata/annotations/${LAST.replace("/", "~1")}","value":${json}}]`),
	"last-applied in a webhook's patch": (json) =>
		body("pods", "{}", { annotations: { [HOOK]: `{"patch":[{"op":"add","path":"/metadata/annotations","value":{"${LAST}":${json}}}]}` } }),
	"an environment variable": (json) => body("pods", `{"spec":{"containers":[{"env":[{"value":${json},"name":"DB_PASSWORD"}]}]}}`),
	"an environment variable by escaped keys": (json) => body("pods", `{"env":[{"n\\u0061me":"DB_P\\u0041SSWORD","v\\u0061lue":${json}}]}`),
	"an environment variable in a patch": (json) =>
		body("pods", `[{"op":"replace","path":"/spec/containers/0/env/1/value","value":${json}}]`),
	"a member with a telling key": (json) => body("odd", `{"spec":{"clientSecret":${json},"list":[{"p\\u0061ssword":${json}}]}}`),
	"a flag's value": (json) => body("pods", `{"args":["--token",${json}]}`),
	"an unknown member with a telling key": (json) => decodedOf({ verb: "get", sessionToken: exact(json) }),
};

/** Places where a text is secret by its shape, or in a text of a known form. */
const shapedPlaces: Record<string, (canary: string) => DecodedEvent> = {
	"a command of exec": (canary) =>
		decodedOf({ verb: "get", requestURI: `/api/v1/namespaces/n/pods/p/exec?command=${canary}&command=${percentAll(canary)}&tty=true` }),
	"a credential in a URI": (canary) => decodedOf({ verb: "get", requestURI: `/x?%74oken=${canary};password=${percentAll(canary)}&a=1` }),
	"a proxied service's URI": (canary) => decodedOf({ verb: "get", requestURI: `/api/v1/nodes/n/proxy/x%3Ftoken%3D${percentAll(canary)}` }),
	"a flag": (canary) =>
		body(
			"pods",
			`{"command":["x","--db-password=${canary}"],"sh":["-c","mysql --password ${canary} -e 1; PGPASSWORD=${escapeAll(canary)} psql"]}`,
		),
	"a URL": (canary) => body("pods", `{"env":[{"name":"DATABASE_URL","value":"postgres://u:${canary}@h/d"}],"x":"amqp://:${canary}@h"}`),
	"a URL with escaped slashes": (canary) => body("odd", `{"x":"amqp:\\/\\/u:${canary}@h"}`),
	"a path with escaped slashes": (canary) => body("odd", `[{"op":"add","path":"\\/spec\\/env\\/0\\/value","value":"${canary}"}]`),
	"a URL in the user agent": (canary) => decodedOf({ verb: "get", userAgent: `x (https://u:${canary}@h)` }),
	"a bearer token": (canary) =>
		decodedOf({ verb: "get", annotations: { "x/y": `Authorization: Bearer ${canary}` }, responseStatus: { message: `token=${canary}` } }),
	"a JWT": (canary) =>
		body("odd", `{"x":"eyJhbGciOiJSUzI1NiJ9.${canary}.${canary}","y":${inString(`{"z":"eyJhbGciOiJub25lIn0.${canary}."}`)}}`),
	"a private key": (canary) =>
		body(
			"odd",
			`{"x":"-----BEGIN PRIVATE KEY-----\\n${canary}\\n-----END PRIVATE KEY-----","y":"${base64(`-----BEGIN PRIVATE KEY-----\n${canary}`)}"}`,
		),
	"a kubeconfig": (canary) =>
		body("odd", `{"x":${inString(`users:\n- name: u\n  user:\n    token: ${canary}\n    password: "${canary}"\n`)}}`),
	"quoted input": (canary) =>
		body("secrets", `{"kind":"Status","message":"data: Invalid value: \\"${canary}\\": no"}`, {
			responseStatus: { message: `x: Invalid value: {"a":"${canary}"}: no` },
		}),
	"details of a status": (canary) =>
		decodedOf({
			verb: "create",
			objectRef: { resource: "secrets" },
			responseStatus: { metadata: {}, details: { name: "x", causes: [{ message: `Invalid value: "${canary}": no` }], password: canary } },
		}),
	"user extra": (canary) => decodedOf({ verb: "get", user: { extra: { accessToken: [canary] } } }),
	"a repaired text": (canary) => decodedText(`{"auditID":"\\ud800","verb":"get","requestURI":"/x?token=${canary}","userAgent":"\\udfff"}`),
	"what a repeated key hides": (canary) =>
		decodedText(`{"auditID":"a","verb":"get","requestObject":{"password":"${canary}"},"requestObject":{}}`),
	"a cut record": (canary) => decodedText(`{"auditID":"a","verb":"create","requestObject":{"data":{"a":"${canary}"}},"objectRef":{"na`),
};

function checkNothingLeaks(planted: DecodedEvent, canary: string): void {
	assert.ok(isIn(textOfDecoded(planted), canary), "the secret must be there to begin with");
	for (const redactor of [redact, keyed]) {
		const { decoded } = redactor(planted);
		assert.ok(!isIn(textOfDecoded(decoded), canary), textOfDecoded(decoded));
		const again = redactor(decoded);
		assert.equal(again.decoded, decoded, "redacting twice changes nothing more");
		for (const raw of [decoded.event.requestObject?.raw, ...(decoded.event.extras ?? []).map(({ value }) => value.raw)])
			if (raw !== undefined) JSON.parse(Buffer.from(raw).toString());
	}
}

for (const [place, plant] of Object.entries(secretPlaces))
	test(`nothing leaks from ${place}`, () => {
		fc.assert(
			fc.property(canaries, disguises, spellings, (canary, disguise, spell) => checkNothingLeaks(plant(spell(disguise(canary))), canary)),
			{ numRuns: 30 },
		);
	});

for (const [place, plant] of Object.entries(shapedPlaces))
	test(`nothing leaks from ${place}`, () => {
		fc.assert(
			fc.property(canaries, (canary) => checkNothingLeaks(plant(canary), canary)),
			{ numRuns: 50 },
		);
	});

const anyKey = fc.constantFrom(
	"kind",
	"data",
	"name",
	"value",
	"op",
	"path",
	"items",
	"rows",
	"object",
	"metadata",
	"password",
	"token",
	"args",
	"__proto__",
	"constructor",
	"",
	LAST,
	"spec",
	"status",
	"x",
);
const anyText = fc.constantFrom(
	"Secret",
	"Status",
	"Table",
	"add",
	"/data/x",
	"DB_PASSWORD",
	"--token",
	"a://b:c@d",
	'{"kind":"Secret"}',
	"{",
	"[",
	"",
	"password=x",
	"/x?token=y",
	"é\u0000😀",
	"skipped-too-big-size-object",
);
const { tree } = fc.letrec((tie) => ({
	tree: fc.oneof(
		{ maxDepth: 5, depthSize: "small" },
		anyText,
		fc.constantFrom(null, true, 1, 1.5),
		fc.array(tie("tree"), { maxLength: 4 }),
		fc.dictionary(anyKey, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
	),
}));

test("whatever a body holds: no throw, valid JSON, the same keys in the same places, and the second time nothing", () => {
	const resources = fc.constantFrom("secrets", "configmaps", "tokenreviews", "certificatesigningrequests", "pods");
	fc.assert(
		fc.property(tree, resources, (value, resource) => {
			const event = requestOf(resource, value, { responseStatus: { message: "x" }, odd: value, annotations: { a: JSON.stringify(value) } });
			const { decoded, redacted } = redact(event);
			assert.equal(decoded === event, redacted.size === 0);
			JSON.parse(textOfDecoded(decoded));
			JSON.parse(Buffer.from(decoded.event.requestObject?.raw ?? "null").toString());
			assert.equal(redact(decoded).decoded, decoded);
		}),
		{ numRuns: 1_000 },
	);
});

test("whatever bytes stand for a body: no throw", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom("secrets", "pods"), (raw, resource) => {
			const event = requestOf(resource, {});
			redact({ ...event, event: { ...event.event, requestObject: { raw }, extras: [{ path: ["password"], value: { raw } }] } });
		}),
		{ numRuns: 500 },
	);
});

const telling = fc.constantFrom(
	..."password secret token apiKey api_key clientSecret connection_string tls.key private-key credentials Authorization cookie DB_PASS secretName tokenTTL name value key auth op path kind data env args expirationSeconds mountPath last-applied kubectl.kubernetes.io/last-applied-configuration a/last-handled-configuration kapp.k14s.io/original objectset.rio.cattle.io/applied".split(
		" ",
	),
	"\u0070assword",
);
const told = fc.oneof(
	anyText,
	telling,
	fc.constantFrom(
		"Secret",
		"ConfigMapList",
		"TokenReview",
		"CertificateSigningRequest",
		"--api-key",
		"/spec/env/0/value",
		"/a/password",
		"Bearer 0123456789abcdef",
		"AccountKey=aaaaaaaa",
		"token: x",
		"ghp_0123456789012345678901234567890123",
		"dTpwdw==",
		"abcdef.0123456789abcdez",
		"\nabcdef.0123456789abcdez",
		"€abcdef.0123456789abcdez",
		"/var/run/secrets/kubernetes.io/serviceaccount",
	),
	fc.constantFrom({ expirationSeconds: 3607, path: "token" }, { mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }),
);
const { rich } = fc.letrec((tie) => ({
	rich: fc.oneof(
		{ maxDepth: 4, depthSize: "small" },
		told,
		fc.array(tie("rich"), { maxLength: 3 }),
		fc.dictionary(telling, tie("rich"), { maxKeys: 4, noNullPrototype: true }),
	),
}));

test("the cheap look before reading never changes what is found", () => {
	const readsAll = createRedactor({ enabled: true, paths: ["never.there"] });
	const asIs = (value: unknown): string => JSON.stringify(value);
	const escaped = (value: unknown): string =>
		JSON.stringify(value).replace(/[a-z/]/g, (letter) => (letter === "/" ? "\\/" : letter === "s" ? "\\u0073" : letter));
	const inAscii = (value: unknown): string =>
		JSON.stringify(value).replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
	fc.assert(
		fc.property(rich, fc.constantFrom(asIs, escaped, inAscii), (value, write) => {
			const event = requestOf("pods", exact(write(value)), { annotations: { "x/y": write(value) }, odd: exact(write(value)) });
			assert.equal(textOfDecoded(redact(event).decoded), textOfDecoded(readsAll(event).decoded));
		}),
		{ numRuns: 3_000 },
	);
});

test("however many there are: no throw, and no waiting", () => {
	const many = (text: string): string => text.repeat(100_000 / text.length);
	const bodies = [
		`{"note":"${many("password=x ")}"}`,
		`{"op":"add",${many('"path":"/spec/password",')}${many('"value":"x",')}"x":1}`,
		`{${many('"name":"TOKEN",')}${many('"value":"x",')}"x":1}`,
		`{"metadata":{${many('"managedFields":[],')}"x":1}}`,
		`{"note":${JSON.stringify(JSON.stringify({ note: many('{"token":"x"} ') }))}}`,
	];
	const start = performance.now();
	for (const text of bodies) for (const resource of ["pods", "secrets"]) redact(body(resource, text));
	redact(decodedOf({ verb: "get", requestURI: `/exec?${many("command=x&token=eyJhbGciOi.eyJzdWIi.x&")}` }));
	assert.ok(performance.now() - start < 5_000);
});

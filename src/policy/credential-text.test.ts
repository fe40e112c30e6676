import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findCredentials } from "./credential-text.ts";
import { isSuspicious } from "./trigger.ts";

/** The text with every find between « and ». */
const marked = (text: string): string =>
	findCredentials(text)
		.toReversed()
		.reduce((sum, { start, end }) => `${sum.slice(0, start)}«${sum.slice(start, end)}»${sum.slice(end)}`, text);

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const LONG = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5";
const JWT = `${Buffer.from('{"alg":"RS256","kid":"k"}').toString("base64url")}.${Buffer.from('{"sub":"x"}').toString("base64url")}.c2ln-_nature`;
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIB${LONG}\n-----END RSA PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\nMIIB${LONG}\n-----END CERTIFICATE-----\n`;

const finds: readonly (readonly [string, string])[] = [
	["a JWT", `see «${JWT}», please`],
	["a JWT in a URL-encoded text", `Bearer%20«${JWT}»`],
	["a JWT after another dotted eyJ", `«eyJ.${JWT}»`],
	["base64 of a JWT", `x=«${base64(JWT)}»`],
	["a bearer token", `curl -H 'Bearer «0123456789abcdefXYZ»'`],
	["basic authorisation", `Basic «${base64("jane:s3cret")}»`],
	["a header of any scheme", "Authorization: token «abcdefgh1»"],
	["a private key", `key: |\n«${PEM}»\nrest`],
	["a private key that is cut", "«-----BEGIN PRIVATE KEY-----\nMIIB»"],
	["base64 of a private key", `a «${base64(PEM)}» b`],
	["base64 of a certificate and its key", `«${base64(CERTIFICATE + PEM)}»`],
	["a private key after a certificate", `${base64(CERTIFICATE)}\n«${base64(PEM)}»`],
	["GitHub's tokens", `«ghp_${LONG.slice(0, 36)}» «github_pat_${LONG}»`],
	["GitLab's tokens", `«glpat-${LONG.slice(0, 20)}»`],
	["Slack's tokens", `«xoxb-1234567890-abcdef» https://hooks.slack.com/services/«T000/B000/${LONG}»`],
	["Stripe's keys", `«sk_live_${LONG.slice(0, 24)}» «whsec_${LONG}»`],
	["npm's tokens", `//registry.example.com/:_authToken=«npm_${LONG.slice(0, 36)}»`],
	["Google's keys", `«AIza${LONG.slice(0, 35)}»`],
	["an Azure storage connection", `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=«${LONG}==»;EndpointSuffix=core`],
	["an Azure event hub", `Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=«${LONG}=»`],
	["a shared access signature", `https://x.blob.core.windows.net/c?sv=1&sig=«${LONG}%3D»&se=2`],
	["an AWS secret by its label, not the id", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = «wJalrXUtnFEMI/K7MDENG»"],
	["userinfo of a URL", "postgres://jane:«s3cr:et@x»@db.example.com/app"],
	["a password of a URL without a user", "redis://:«s3cret»@cache:6379"],
	["an assignment", "run --user=jane --password=«hunter2,x» --verbose"],
	["one of several assignments", "token=«abc»,user=jane"],
	["a flag and its value", "mysql --password «hunter2» -e x"],
	["members of a text that is nearly JSON", `{{"password": "«hun ter2»", "name": "x"`],
	["members of escaped JSON", String.raw`{\"token\":\"«abc»\",\"name\":\"x\"}`],
	["a line of YAML", "users:\n- name: jane\n  user:\n    token: «abcdef»\n"],
	["an environment variable in YAML", "- name: DB_PASSWORD\n  value: «hunter2»\n- name: HOME\n  value: /root"],
	["a bootstrap token", "kubeadm join --discovery «abcdef.0123456789abcdez»"],
	["curl's user", "curl -s -u jane:«hunter2» https://x"],
];
for (const [name, text] of finds)
	test(`finds ${name}, and only that`, () => {
		const plain = text.replace(/[«»]/g, "");
		assert.equal(marked(plain), text);
		assert.ok(isSuspicious(plain), "the trigger must not pass over it");
	});

const ordinary: readonly (readonly [string, string])[] = [
	["uids", "9b2f8a3e-1a2b-4c3d-8e9f-0a1b2c3d4e5f"],
	["JTIs", "JTI=d45d3d57-631c-42cc-b588-01f5a94646fb"],
	["fingerprints", `X509SHA256=${"e375a5d07c46871481cb9e8902d4a9d5".repeat(2)}`],
	["image digests", `registry.example.com/pause:3.9@sha256:${"0123456789abcdef".repeat(4)}`],
	["names of Events", "worker.17a8f0c2d3e4b5a6 coredns.18eab5166acda0c4"],
	["access key ids", "AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE"],
	["certificates", `${CERTIFICATE} ${base64(CERTIFICATE)}`],
	["reasons", 'RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to Group "system:authenticated"'],
	["refusals", 'secrets "db" is forbidden: User "jane" cannot get resource "secrets" in API group "" in the namespace "payments"'],
	["prose about tokens", "[invalid bearer token, service account token has expired], token: not found; basic authentication is off"],
	["variables", `echo "password=$(DB_PASSWORD)" token=\${TOKEN}`],
	["continue tokens", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NDExLCJzdGFydCI6ImFwcFx1MDAwMCJ9"],
	["URLs", "https://example.com:8443/a@b, http://[::1]:80/x"],
	["references", "secretName=db tokenExpirationSeconds=3607 --token-auth-file=/etc/x --service-account-key-file=/etc/y"],
	["user agents", "Terraform/1.9.0 (+https://www.terraform.io) hashicorp/kubernetes/2.31.0"],
	["marks of an earlier redaction", `password=[REDACTED] Bearer [REDACTED] x://u:[REDACTED]@h token=hmac-sha256:${"0".repeat(32)}`],
];
for (const [name, text] of ordinary) test(`leaves ${name} alone`, () => assert.equal(marked(text), text));

const PIECES =
	`eyJ ZXlK LS0tLS1CRUdJTi -----BEGIN PRIVATE KEY----- password token= secret: api_key Authorization bearer basic :// @ : = " \\" \\ ' , ; . - ghp_ curl -u -- \n value: name: sig= a1 %20 xoxb- hooks.slack.com/services/ `.split(
		" ",
	);
const pieces = fc.array(fc.constantFrom(...PIECES, " ", LONG, JWT), { maxLength: 12 }).map((parts) => parts.join(""));

test("finds lie in order and apart, whatever the text", () => {
	fc.assert(
		fc.property(pieces, (text) => {
			let at = 0;
			for (const { start, end } of findCredentials(text)) {
				assert.ok(start >= at && end > start && end <= text.length);
				at = end;
			}
		}),
		{ numRuns: 500 },
	);
});

test("the trigger passes over no text in which something would be found", () => {
	fc.assert(
		fc.property(pieces, (text) => {
			assert.ok(findCredentials(text).length === 0 || isSuspicious(text), text);
		}),
		{ numRuns: 2_000 },
	);
});

test("no text makes the search slow", () => {
	const bits = [
		"eyJ",
		"eyJa.",
		"a",
		"-",
		"password",
		"password=",
		'token="',
		"://",
		"://a:",
		"x.",
		"\\",
		'a\\"',
		"curl ",
		"-----BEGIN PRIVATE KEY",
		"ZXlK",
		"Bearer ",
		"LS0tLS1CRUdJTi",
		"LS0tLS1CRUdJTi\n",
		"name: x\n",
		"authorization: ",
		"Basic a",
		"sig=",
	];
	const start = performance.now();
	for (const bit of bits) {
		const text = bit.repeat(200_000 / bit.length);
		findCredentials(text);
		isSuspicious(text);
	}
	assert.ok(performance.now() - start < 5_000, "each of these would take minutes if it were quadratic");
});

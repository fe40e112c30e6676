import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { redactSecrets, rememberSecret } from "./secrets.ts";

test("a text without secrets stays as it is", () => {
	assert.equal(redactSecrets("nothing is known yet"), "nothing is known yet");
});

test("a secret is blotted out as it is, and as JSON, addresses, forms and base64 write it", () => {
	const secret = 'pass"word/with + 日本\n';
	rememberSecret(secret);
	for (const text of [
		secret,
		JSON.stringify({ secret }),
		`https://user:${encodeURIComponent(secret)}@example.com`,
		new URLSearchParams({ secret }).toString(),
	]) {
		assert.ok(redactSecrets(text).includes("***"), text);
		assert.ok(!/pass|word|with/.test(redactSecrets(text)), redactSecrets(text));
	}
	const base64 = Buffer.from(secret).toString("base64");
	assert.ok(!redactSecrets(`x ${base64}`).includes(base64.slice(0, 12)));
});

test("each line of a private key is a secret", () => {
	const lines = ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "-----END PRIVATE KEY-----"];
	rememberSecret(lines.join("\n"));
	for (const line of lines) assert.equal(redactSecrets(`at ${line}!`), "at ***!");
});

test("the longer of two secrets is blotted out whole", () => {
	rememberSecret("abcdefgh");
	rememberSecret("abcdefgh-and-more");
	assert.equal(redactSecrets("abcdefgh-and-more, abcdefgh"), "***, ***");
});

test("words of our own log lines and values too short to be found are left", () => {
	for (const word of ["info", "json", "abc", ""]) rememberSecret(word);
	assert.equal(redactSecrets('{"level":"info","format":"json"} abc'), '{"level":"info","format":"json"} abc');
});

test("no secret is left in any text", () => {
	const secrets = fc.array(fc.string({ minLength: 4, maxLength: 30, unit: "grapheme" }), { minLength: 1, maxLength: 4 });
	fc.assert(
		fc.property(secrets, fc.array(fc.string()), (values, between) => {
			for (const value of values) rememberSecret(value);
			const text = values.map((value, i) => `${between[i] ?? ""} ${value} ${JSON.stringify(value)}`).join("");
			const redacted = redactSecrets(text);
			for (const value of values) assert.ok(/^\*+$/.test(value) || !redacted.includes(value), JSON.stringify({ value, redacted }));
		}),
		{ numRuns: 200 },
	);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSuspicious, isSuspiciousJson } from "./trigger.ts";
import { BOOTSTRAP, STAR, TRIGGER_WORDS } from "./trigger-words.ts";

/** What the cheap look stands for: each expression, tried everywhere. */
const EXPRESSIONS = [...TRIGGER_WORDS.map(([, word]) => new RegExp(word, "i")), new RegExp(BOOTSTRAP)];
const isSuspiciousSlowly = (text: string): boolean => EXPRESSIONS.some((expression) => expression.test(text));

/** Texts in which each word is found. */
const WORDS =
	`Password pwd Secret secrets cred TOKEN jwt PSK cookie bearer Basic+ authorization AIza tls.key apiKey "auth": auth\\": ConnectionStr conn_str conn\u20acstr
	.dockercfg dockerconfigjson "ConfigMapList" certificateSigningRequests last-applied last-handled k14s.io/original k14s.io\\/original objectset.rio.cattle.io/applied
	-----BEGIN LS0tLS1CRUdJTi eyJ. ZXlK ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glptt- gldt- glrt- glcbt- glft- glffct- glimt- glagent- gloas- glsoat-
	xoxb- xapp- hooks.slack.com rk_live_ sk_test_ whsec_ npm_ GOCSPX- ya29. sig=a signature=a ://u:p@ :\\/\\/u:p@ /env/ \\/env\\/ curl; \\u0041
	abcdef.0123456789abcdez \\nabcdef.0123456789abcdez \\u20acabcdef.0123456789abcdez`.split(/\s+/);

test("each word is found, wherever it stands, by strings and by bytes", () => {
	for (const word of WORDS)
		for (const before of ["", " ", "x ", "\u00e9 ", "\u20ac ", "/".repeat(7), "/".repeat(2_000)])
			for (const after of ["", " ", "\u00e9", "\u20ac"]) {
				const text = `${before}${word}${after}`;
				assert.ok(isSuspicious(text), text);
				assert.ok(isSuspiciousJson(Buffer.from(text)), text);
			}
});

test("a bootstrap token is found behind a character whose low byte looks like a letter", () => {
	// U+0170 ends in the byte of "p".
	for (const before of ["\u0170", "x\u0170", "\\u0170", "\u{1f470}"]) {
		const text = `${before}abcdef.0123456789abcdez`;
		assert.ok(isSuspicious(text), text);
		assert.ok(isSuspiciousJson(Buffer.from(text)), text);
	}
});

test("no word of the list is without an example", () => {
	const missing = EXPRESSIONS.filter((expression) => !WORDS.some((word) => expression.test(word)));
	assert.deepEqual(missing, []);
});

const HARMLESS = [
	"",
	"pa",
	"pas",
	"ass",
	"key",
	'"key":"node.kubernetes.io/not-ready"',
	'"secretName":"x"',
	'"token":{',
	'"configMap":{',
	"config",
	"rbac.authorization.k8s.io",
	"https://example.com/x",
	"worker.17a8f0c2d3e4b5a6",
	"kubernetes.io/metadata.name",
	"0abcdef.0123456789abcdez",
	"\\u003cx\\u0026",
	"re=",
	"creation",
];

test("what only looks like a word is passed over", () => {
	for (const text of HARMLESS) assert.equal(isSuspicious(text), false, text);
});

const PIECES = [
	...WORDS,
	...HARMLESS,
	...WORDS.flatMap((word) => [word.slice(1), word.slice(0, -1)]),
	"a",
	" ",
	"\\",
	'"',
	":",
	"\u00e9",
	"\u20ac",
	"\u0170",
];

test("it finds neither more nor less than its expressions do", () => {
	const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join(""));
	fc.assert(
		fc.property(texts, (text) => {
			// Words with a star at the end need something after them.
			const whole = `${text} `;
			assert.equal(isSuspicious(whole), isSuspiciousSlowly(whole), whole);
		}),
		{ numRuns: 5_000 },
	);
});

test("letters and stars are four, and a star is at an end", () => {
	for (const [letters] of TRIGGER_WORDS) {
		assert.equal(letters.length, 4);
		assert.ok(letters.lastIndexOf(STAR) <= 0 || letters.indexOf(STAR) === 3, letters);
	}
});

const [TOKEN, MOUNT] = ['{"expirationSeconds":3607,"path":"token"}', '{"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}'];
const AUDIENCE = '{"audience":"sts.amazonaws.com","expirationSeconds":86400,"path":"token"}';

test("what nearly every pod has is harmless in its JSON, and only there", () => {
	for (const text of [TOKEN, MOUNT, AUDIENCE, `[${TOKEN},${MOUNT}]`]) {
		assert.equal(isSuspiciousJson(Buffer.from(text)), false, text);
		assert.ok(isSuspicious(text), text);
		assert.ok(isSuspiciousJson(Buffer.from(JSON.stringify(text))), text);
	}
	const others = [
		'{"op":"add","value":"x","expirationSeconds":3607,"path":"token"}',
		'{"expirationSeconds":3607,"path":"token","value":"x"}',
		'{"expirationSeconds":3607,"path":"tokens"}',
		'{"path":"token"}',
		'{"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount/token"}',
		'{"mountPath":"/run/secrets/kubernetes.io/serviceaccount"}',
		`[${TOKEN},${MOUNT},"token"]`,
	];
	for (const text of others) assert.ok(isSuspiciousJson(Buffer.from(text)), text);
});

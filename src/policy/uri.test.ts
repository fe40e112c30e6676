import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findInUri, isUri } from "./uri.ts";

/** The URI with every find between « and ». */
const marked = (uri: string): string =>
	findInUri(uri)
		.toReversed()
		.reduce((sum, { start, end }) => `${sum.slice(0, start)}«${sum.slice(start, end)}»${sum.slice(end)}`, uri);

const EXEC = "/api/v1/namespaces/n/pods/p/exec";

const finds: readonly (readonly [string, string])[] = [
	["commands of exec", `${EXEC}?command=«sh»&command=«-c»&container=c&stdin=true`],
	["commands of attach by a WebSocket", "/api/v1/namespaces/n/pods/p/attach?command=«x»&tty=true"],
	["commands of a kubelet behind the node proxy", "/api/v1/nodes/n/proxy/run/ns/pod/c?cmd=«id»"],
	["tokens of a proxied service", "/api/v1/namespaces/n/services/s/proxy/login?user=jane&token=«abc»"],
	["credentials on any path", "/version?token=«x»&password=«y»&api_key=«z»&limit=5"],
	["escaped names", `${EXEC}?%63omman%64=«sh»&x=1&%74oken=«a»`],
	["names escaped twice and thrice", "/version?%2574oken=«a»&%252574oken=«b»"],
	["names in capitals, with blanks", `${EXEC}?COMMAND=«a»&+token+=«b»`],
	["commands with every sort of escape", `${EXEC}?command=«echo+a%20%26%3B=b»&tty=true`],
	["parameters after a semicolon", "/version?a=1;token=«x»;b=«2»&c=3"],
	["what may be the rest of a command", `${EXEC}?command=«a»;«b c»&stdin=1`],
	["a query that only the proxied service sees", "/api/v1/namespaces/n/services/s/proxy/a%3F«token%3Dabc%26b=c»?limit=1"],
];
for (const [name, uri] of finds)
	test(`finds ${name}`, () => {
		const plain = uri.replace(/[«»]/g, "");
		assert.equal(marked(plain), uri);
		assert.ok(isUri(plain));
	});

const ordinary: readonly (readonly [string, string])[] = [
	["lists and watches", "/api/v1/pods?limit=500&resourceVersion=0&watch=true&fieldSelector=metadata.name%3Dx&timeoutSeconds=575"],
	["pages", "/api/v1/pods?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ&limit=1"],
	["empty values and bare names", `${EXEC}?command=&token&container=`],
	["commands where none is run", "/apis/example.com/v1/widgets?command=x"],
	["references", "/version?secretName=x&tokenExpirationSeconds=5"],
	["broken escapes", "/version?%=1&%zz=2&a=%e2%28"],
	["earlier marks", "/version?token=[REDACTED]"],
];
for (const [name, uri] of ordinary) test(`leaves ${name} alone`, () => assert.equal(marked(uri), uri));

test("finds lie in order and apart, whatever the URI", () => {
	const uris = fc.array(fc.constantFrom("/", "exec", "?", "&", ";", "=", "%3F", "%3D", "%", "%zz", "+", "command", "token", "a"), {
		maxLength: 20,
	});
	fc.assert(
		fc.property(uris, (parts) => {
			const uri = `/${parts.join("")}`;
			let at = 0;
			for (const { start, end } of findInUri(uri)) {
				assert.ok(start >= at && end > start && end <= uri.length, uri);
				at = end;
			}
		}),
		{ numRuns: 1_000 },
	);
});

test("an endless query is read in one go", () => {
	const start = performance.now();
	for (const bit of ["&", ";", "a=b;", "token=x&", "%3F", "%25", "?"]) findInUri(`${EXEC}?${bit.repeat(100_000)}`);
	assert.ok(performance.now() - start < 5_000);
});

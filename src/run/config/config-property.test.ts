// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of settings look like template strings

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CollectorError } from "../../contract/errors.ts";
import { readConfig } from "./config.ts";

/** Every place of which the text may come from a reference, right or wrong. */
const TEXT = `
sources:
  - id: eks
    connector: aws-cloudwatch
    labels: { env: "@0", "a b": "@1" }
    since: "@2"
    poll: { interval: "@3", sweeps: [{ every: "@4", depth: "x@5" }] }
    regions: ["@6", eu-central-1]
    account: "@7"
    roleArn: "@8"
    endpoint: https://user:@9@host
  - id: aks
    connector: azure-diagnostics
    workspaces: ["@10"]
    identity: { kind: "@11", clientSecret: "@12", other: "@13" }
    tables: ["@14"]
  - { id: "@15", connector: "@16" }
sinks: ["@17", "file:@18", { to: "stdout:", schema: "@19", name: "@20" }]
checkpoints: "https://host/container?@21"
listen: "@22"
log: { level: "@23", other: "@24" }
identityKey: "@25"
redaction: { hmacKey: "@26", paths: ["@27"] }
filter: ["@28"]
limits: { recordBytesMax: "@29" }
other: ["@30"]
`;
const PLACES = 31;

async function faultsOf(text: string, env: Readonly<Record<string, string>>): Promise<string> {
	try {
		await readConfig(text, "kube-audit.yaml", env);
		return "";
	} catch (error) {
		if (error instanceof CollectorError && error.code === "CONFIG_INVALID") return error.message;
		throw error;
	}
}

const OPEN_WORDS = /^(?:debug|info|warn|error|json|pretty|auto|ocsf|audit|true|false|null|\*+)$/;

test("no secret appears in an error, wherever it stands", async () => {
	const secret = fc.oneof(
		fc.string({ minLength: 4, maxLength: 40, unit: "grapheme" }),
		fc.string({ minLength: 4, maxLength: 40, unit: "binary" }),
		fc.stringMatching(/^[a-z]{2,6}[:/.-][a-z0-9]{2,8}[:/.-]?[a-z0-9]{0,6}$/),
	);
	const places = fc.uniqueArray(fc.nat({ max: PLACES - 1 }), { minLength: 1, maxLength: 6 });
	await fc.assert(
		fc.asyncProperty(secret, places, async (value, chosen) => {
			const text = TEXT.replace(/@(\d+)/g, (_, place) => (chosen.includes(Number(place)) ? "${env:SECRET}" : "x"));
			const said = await faultsOf(text, { SECRET: value });
			assert.notEqual(said, "");
			assert.ok(OPEN_WORDS.test(value) || !said.includes(value), JSON.stringify({ value, said }));
		}),
		{ numRuns: 150 },
	);
});

test("no text of settings makes it throw anything but CONFIG_INVALID", async () => {
	const valid = TEXT.replace(/@\d+/g, "x");
	const piece = fc.oneof(
		fc.constantFrom("\n", "\n  ", "- ", ": ", "{", "}", "[", "]", '"', "&a ", "*a", "!x ", "${env:A}", "${", "\t", "#", "~", "1e999"),
		fc.string(),
	);
	const edits = fc.array(fc.tuple(fc.nat({ max: valid.length }), fc.nat({ max: 20 }), piece), { minLength: 1, maxLength: 4 });
	const edited = edits.map((all) => all.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), valid));
	const text = fc.oneof(
		{ arbitrary: edited, weight: 4 },
		{ arbitrary: fc.string({ unit: "binary" }), weight: 1 },
		{ arbitrary: fc.json(), weight: 1 },
	);
	await fc.assert(
		fc.asyncProperty(text, async (yaml) => {
			await faultsOf(yaml, { A: "a-secret" });
		}),
		{ numRuns: 300 },
	);
});

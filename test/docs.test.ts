/** What the documents say is so: commands and options exist, queries run, settings are accepted, forms are all described. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import packageJson from "../package.json" with { type: "json" };
import { ERRORS } from "../src/contract/errors.ts";
import { readConfig } from "../src/run/config/config.ts";
import { loadSettings } from "../src/run/config/settings.ts";
import { CONNECTORS } from "../src/run/registry.ts";
import { kubeAudit } from "./program.ts";
import { tempFolder } from "./replay-kit.ts";
import { ROOT, sourceFiles } from "./source-files.ts";

const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const README = read("README.md");
const COMMANDS = ["replay", "run", "query", "restore", "connectors", "coverage"];

const helpOf = async (command: string): Promise<string> => (await kubeAudit([command, "--help"])).stdout;

test("every command and option in the README and in the help's examples exists", async () => {
	const helps = new Map(await Promise.all(COMMANDS.map(async (command) => [command, await helpOf(command)] as const)));
	const told = [README, ...helps.values(), (await kubeAudit(["--help"])).stdout].join("\n");
	const uses = [...told.matchAll(/kube-audit (?:-- )?([a-z]+)((?: [^\n|`]*)?)/g)].filter(([, command]) =>
		COMMANDS.includes(command as string),
	);
	assert.ok(uses.length > 15);
	for (const [, command, rest] of uses) {
		for (const [option] of (rest as string).matchAll(/(?<= )--[a-z-]+/g))
			assert.ok(helps.get(command as string)?.includes(option), `${command} ${option}`);
	}
});

test("every query in the README and in the help runs", async () => {
	using folder = tempFolder();
	const store = join(folder.path, "store.duckdb");
	await kubeAudit(["replay", "fixtures/kubernetes/plain.raw.jsonl", "--to", `duckdb:${store}`, "-q"]);
	const told = `${README}\n${await helpOf("query")}`;
	const asked = [...told.matchAll(/ query .*?(['"])((?:SELECT|DESCRIBE).*)\1$/gm)].map(([, , sql]) => sql as string);
	const advised = [...read("src/run/replay/summary-view.ts").matchAll(/"(SELECT [^"]+)"/g)].map(([, sql]) => sql as string);
	const queries = [...asked, ...advised];
	assert.ok(asked.length >= 4 && advised.length >= 2, String(queries.length));
	for (const sql of new Set(queries)) assert.equal((await kubeAudit(["query", "--store", store, sql])).code, 0, sql);
});

test("the README's settings are accepted", async () => {
	using folder = tempFolder();
	const [, yaml] = /```yaml\n(# settings[\s\S]*?)```/.exec(README) as RegExpExecArray;
	const path = join(folder.path, "settings.yaml");
	writeFileSync(path, yaml as string);
	assert.equal((await loadSettings(path)).cluster, "prod");
});

test("the README's configuration of live collection is accepted", async () => {
	using folder = tempFolder();
	const [, yaml] = /```yaml\n(# kube-audit[\s\S]*?)```/.exec(README) as RegExpExecArray;
	writeFileSync(join(folder.path, "secret.txt"), "a-secret-of-the-test");
	const guid = "00000000-1111-2222-3333-444444444444";
	const config = await readConfig(yaml as string, join(folder.path, "kube-audit.yaml"), { TENANT: guid, CLIENT: guid });
	assert.deepEqual(
		config.sources.map(({ id }) => id),
		["eks-production", "gke", "aks"],
	);
});

test("every npm script that the documents name exists", () => {
	for (const name of ["README.md", "CONTRIBUTING.md", "fixtures/README.md"]) {
		for (const [, script] of read(name).matchAll(/`?npm run (?:-s )?([a-z-]+)/g))
			assert.ok((script as string) in packageJson.scripts, `${name}: ${script}`);
	}
});

test("every connector's README names every form that it reads", () => {
	for (const { name, forms } of CONNECTORS) {
		const text = read(`connectors/${name}/README.md`);
		for (const form of forms) assert.ok(text.includes(`\`${form.name}\``), `${name}/${form.name}`);
	}
});

test("the map names every room", () => {
	const rooms = new Set(
		sourceFiles("src")
			.map(({ path }) => path.split("/")[1] as string)
			.filter((room) => !room.includes(".")),
	);
	for (const room of rooms) assert.ok(read("src/README.md").includes(`| \`${room}/\` |`), room);
});

test("every link in the documents leads somewhere", () => {
	for (const name of [
		"README.md",
		"CONTRIBUTING.md",
		"src/README.md",
		...CONNECTORS.map((connector) => `connectors/${connector.name}/README.md`),
	]) {
		for (const [, target] of read(name).matchAll(/\]\((?!https?:)([^)#]+)/g))
			assert.doesNotThrow(() => readFileSync(join(ROOT, name, "..", target as string)), `${name}: ${target}`);
	}
});

test("every error code is thrown by somebody or stands for something that is still to come", () => {
	const LATER = ["CURSOR_EXPIRED", "SINK_UNAUTHORIZED", "SETTLE_FAILED"];
	const texts = sourceFiles("src", "connectors")
		.filter(({ path, isTest }) => !isTest && path !== "src/contract/errors.ts")
		.map(({ text }) => text);
	const unused = Object.keys(ERRORS).filter((code) => !texts.some((text) => text.includes(`"${code}"`)));
	assert.deepEqual(unused, LATER);
});

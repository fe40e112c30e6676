import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { folderFor } from "../../test/temp-folder.ts";
import { CollectorError } from "../contract/errors.ts";
import { readConfig } from "./config/config.ts";
import { loadConnector } from "./third-party.ts";

const ZOD = pathToFileURL(join(import.meta.dirname, "../../node_modules/zod/index.js")).href;

const connector = (name: string): string => `
import { z } from ${JSON.stringify(ZOD)};
export const connector = {
	name: "${name}", summary: "a test", forms: [], frame() {}, decode() {}, resolve: (origin) => origin,
	pull: { settings: z.strictObject({ depth: z.number().min(1), keyFile: z.string().optional() }), open() {} },
};`;

/** A folder with a package `@mine/connector`, some modules, and the path where settings would lie. */
function world(context: TestContext): { readonly settings: string; write(name: string, text: string): void } {
	const folder = folderFor(context);
	const write = (name: string, text: string): void => {
		mkdirSync(join(folder, name, ".."), { recursive: true });
		writeFileSync(join(folder, name), text);
	};
	write("node_modules/@mine/connector/package.json", JSON.stringify({ type: "module", exports: { import: "./main.js" } }));
	write("node_modules/@mine/connector/main.js", connector("mine-packaged"));
	write("beside.mjs", connector("mine-beside"));
	return { settings: join(folder, "kube-audit.yaml"), write };
}

async function faultOf(work: Promise<unknown>): Promise<string> {
	const error = await work.then(
		() => assert.fail("accepted"),
		(thrown: unknown) => thrown,
	);
	assert.ok(error instanceof CollectorError && error.code === "CONFIG_INVALID", String(error));
	return error.message;
}

test("a package and a path are found from the settings file", async (context) => {
	const { settings } = world(context);
	assert.equal((await loadConnector("@mine/connector", settings)).name, "mine-packaged");
	assert.equal((await loadConnector("./beside.mjs", settings)).name, "mine-beside");
});

test("the same path beside another settings file is another module", async (context) => {
	const [first, second] = [world(context), world(context)];
	second.write("beside.mjs", connector("the-other"));
	assert.equal((await loadConnector("./beside.mjs", first.settings)).name, "mine-beside");
	assert.equal((await loadConnector("./beside.mjs", second.settings)).name, "the-other");
});

test("its own settings are checked by its own schema, with paths made whole", async (context) => {
	const { settings } = world(context);
	const text = (lines: string): string => `sources: [{ id: a, connector: "@mine/connector", ${lines} }]\nsinks: ["stdout:"]\n`;
	const config = await readConfig(text("labels: { env: x }, depth: 2, keyFile: k.json"), settings, {});
	assert.deepEqual(config.sources[0]?.settings, { depth: 2, keyFile: join(settings, "../k.json") });
	assert.match(
		await faultOf(readConfig(text("detph: 2"), settings, {})),
		/depth: missing; expected a number\n.*detph: unknown key; did you mean "depth"\?$/,
	);
});

test("what is missing, does not load or is no connector is told", async (context) => {
	const { settings, write } = world(context);
	write("imports.mjs", 'import "./gone.mjs";');
	write("throws.mjs", 'throw new Error("boom\\nand more");');
	write("syntax.mjs", "export const = 1;");
	write("nothing.mjs", "export const other = 1;");
	write("half.mjs", 'export const connector = { name: "half", frame() {}, pull: {} };');
	write("null.mjs", "export const connector = null;");
	for (const [name, fault] of [
		["@mine/none", /there is no connector "@mine\/none"/],
		["./none.mjs", /there is no connector ".\/none.mjs"/],
		["https://example.com/x.js", /there is no connector/],
		["data:text/javascript,export const connector = 1", /there is no connector/],
		["./imports.mjs", /does not load: Cannot find module .*gone\.mjs/],
		["./throws.mjs", /does not load: boom$/],
		["./syntax.mjs", /does not load: Unexpected token/],
		["./nothing.mjs", /it does not export `connector`/],
		["./half.mjs", /lacks summary, forms, decode, resolve, pull\.settings \(a zod schema\), pull\.open$/],
		["./null.mjs", /lacks everything/],
	] as const) {
		assert.match(await faultOf(loadConnector(name, settings)), fault, name);
	}
});

test("a connector cannot take the name of another one", async (context) => {
	const { settings, write } = world(context);
	write("posing.mjs", connector("aws-cloudwatch"));
	write("twin.mjs", connector("mine-beside"));
	const text = `
sources:
  - { id: a, connector: ./posing.mjs, depth: 1 }
  - { id: b, connector: ./beside.mjs, depth: 1 }
  - { id: c, connector: ./twin.mjs, depth: 1 }
sinks: ["stdout:"]`;
	const faults = await faultOf(readConfig(text, settings, {}));
	assert.match(
		faults,
		/sources\[0\]\.connector: another connector is called aws-cloudwatch too\n.*sources\[2\]\.connector: another connector is called mine-beside too$/,
	);
});

test("a schema that throws, or says nothing of use, is a fault and no crash", async (context) => {
	const { settings, write } = world(context);
	const posing = (check: string): string =>
		`export const connector = { name: "odd", summary: "", forms: [], frame() {}, decode() {}, resolve() {}, pull: { settings: { safeParse: ${check} }, open() {} } };`;
	write("throwing.mjs", posing("() => { throw new Error('secret') }"));
	write("silent.mjs", posing("() => ({ success: false })"));
	for (const [name, fault] of [
		["./throwing.mjs", /the connector failed to check its settings/],
		["./silent.mjs", /the connector does not accept its settings/],
	] as const) {
		const text = `sources: [{ id: a, connector: ${name} }]\nsinks: ["stdout:"]`;
		assert.match(await faultOf(readConfig(text, settings, {})), fault);
	}
});

test("a schema that repeats a secret in its own words does not get it into the error", async (context) => {
	const { settings, write } = world(context);
	write(
		"telltale.mjs",
		`export const connector = { name: "telltale", summary: "", forms: [], frame() {}, decode() {}, resolve() {}, pull: { open() {}, settings: {
	safeParse: (value) => ({ success: false, error: { issues: [{ path: ["word"], code: "custom", message: "not good: " + value.word + ", " + JSON.stringify(value) }] } }),
} } };`,
	);
	const text = `sources: [{ id: a, connector: ./telltale.mjs, word: "\${env:WORD}" }]\nsinks: ["stdout:"]`;
	const fault = await faultOf(readConfig(text, settings, { WORD: 'hunter2-"hunter2"' }));
	assert.match(fault, /word: not good: \*\*\*, \{"word":"\*\*\*"\}$/);
});

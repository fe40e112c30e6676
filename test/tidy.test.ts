/** The house rules, as a test: who may import whom, how long files and functions are, what is not used. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { functionsOf, identifiersOf, importsOf, ROOT, type SourceFile, sourceFiles } from "./source-files.ts";

/** Room -> rooms that it may import. `json` knows how JSON text is written, and nothing of audit logs. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	contract: [],
	json: ["contract"],
	framing: ["contract", "json"],
	audit: ["contract", "json"],
	encode: ["contract", "json"],
	spool: ["contract"],
	pull: ["contract"],
	simulation: ["contract"],
	policy: ["contract", "json", "audit"],
	normalise: ["contract", "json", "audit"],
	pipeline: ["contract", "json"],
	forward: ["contract", "cloud", "spool"],
	checkpoint: ["contract", "cloud"],
	cloud: ["contract"],
	backend: ["contract", "json", "encode"],
	connectors: ["contract", "json", "framing", "audit", "cloud", "spool", "pull", "simulation"],
};
/** Front doors: they may import everything, and no room imports them. */
const FRONT_DOORS = new Set(["run", "index.ts", "main.ts"]);

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const CONNECTOR_FILES = ["README.md", "index.ts", "frame.ts", "decode.ts"];
/** A vendor's library -> the one file that may import it. */
const SDKS: readonly (readonly [pattern: RegExp, allowed: RegExp])[] = [
	[/^(@aws-sdk|@google-cloud|@azure)\//, /\/client\.ts$|^src\/(cloud|checkpoint)\//],
	[/^@duckdb\//, /^src\/backend\//],
	[/^(yaml|commander|cli-progress|cli-table3|picocolors)$/, /^src\/run\//],
	[/^zod$/, /^src\/run\/|\/settings\.ts$/],
	[/^p-retry$/, /^src\/(pipeline|pull|cloud)\//],
];

const files = sourceFiles("src", "connectors", "test", "fixtures");
const product = files.filter(({ path, isTest }) => !isTest && /^(src|connectors)\//.test(path));

/** "src/framing/lines.ts" -> "framing"; "connectors/x/y.ts" -> "connectors". */
function roomOf(path: string): string {
	const [top, second] = path.split("/");
	return top === "connectors" ? "connectors" : (second as string);
}

function resolved(file: SourceFile, specifier: string): string {
	return join(file.path, "..", specifier).split("\\").join("/");
}

test("every room imports only what the table allows", () => {
	const faults: string[] = [];
	for (const file of product) {
		const room = roomOf(file.path);
		for (const specifier of importsOf(file).filter((name) => name.startsWith("."))) {
			const target = resolved(file, specifier);
			if (target === "package.json" || FRONT_DOORS.has(room)) continue;
			const targetRoom = roomOf(target);
			const isOwn = room === "connectors" ? target.split("/")[1] === file.path.split("/")[1] : targetRoom === room;
			if (!isOwn && !(MAY_IMPORT[room] ?? []).includes(targetRoom)) faults.push(`${file.path} imports ${target}`);
		}
	}
	assert.deepEqual(faults, []);
});

test("no room is missing from the table", () => {
	const rooms = new Set(product.map(({ path }) => roomOf(path)));
	assert.deepEqual(
		[...rooms].filter((room) => !FRONT_DOORS.has(room) && !(room in MAY_IMPORT)),
		[],
	);
});

test("vendors' libraries are imported only where they belong", () => {
	const faults = product.flatMap((file) =>
		importsOf(file).flatMap((specifier) =>
			SDKS.filter(([pattern, allowed]) => pattern.test(specifier) && !allowed.test(file.path)).map(
				() => `${file.path} imports ${specifier}`,
			),
		),
	);
	assert.deepEqual(faults, []);
});

test("files and functions are short", () => {
	const faults: string[] = [];
	for (const file of files) {
		const lines = file.text.split("\n").length - 1;
		if (lines > FILE_LINES_MAX && !file.isTest) faults.push(`${file.path} has ${lines} lines`);
		for (const size of file.isTest ? [] : functionsOf(file)) {
			if (size.lines > FUNCTION_LINES_MAX) faults.push(`${file.path}:${size.line} has a function of ${size.lines} lines`);
		}
	}
	assert.deepEqual(faults, []);
});

test("files are named in kebab case and open with a sentence on their place", () => {
	const badNames = files.filter(({ path }) => !/^[a-z0-9-]+(\.test)?\.ts$/.test(path.split("/").at(-1) as string));
	const noSentence = product.filter(({ text }) => !/^(#!.*\n)?\/\*\*(?:\s|\*)+[A-Z`].*?[.:]/s.test(text));
	assert.deepEqual(
		[...badNames, ...noSentence].map(({ path }) => path),
		[],
	);
});

test("every connector has its fixed files", () => {
	const faults = readdirSync(join(ROOT, "connectors"), { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.flatMap((folder) => {
			const names = readdirSync(join(ROOT, "connectors", folder.name));
			return CONNECTOR_FILES.filter((name) => !names.includes(name)).map((name) => `connectors/${folder.name} lacks ${name}`);
		});
	assert.deepEqual(faults, []);
});

const BANNED: readonly (readonly [what: string, pattern: RegExp, allowed: RegExp])[] = [
	["process.env", /\bprocess\.env\b/, /^src\/run\/config\/settings\.ts$/],
	["console", /\bconsole\./, /^$/],
	["a default export", /^export default\b/m, /^$/],
	["any", /(?::|<|\bas) any\b/, /^$/],
	["an enum", /^(?:export )?(?:const )?enum\b/m, /^$/],
	["a class", /^(?:export )?(?:abstract )?class\b/m, /^src\/contract\/errors\.ts$/],
];

function withoutComments(text: string): string {
	return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

test("nothing is left unfinished", () => {
	assert.deepEqual(
		product.filter(({ text }) => /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text)).map(({ path }) => path),
		[],
	);
});

test("nothing banned is used", () => {
	const faults = product.flatMap(({ path, text }) =>
		BANNED.filter(([, pattern, allowed]) => pattern.test(withoutComments(text)) && !allowed.test(path)).map(
			([what]) => `${path} uses ${what}`,
		),
	);
	assert.deepEqual(faults, []);
});

/** Words that say nothing, or that the field uses for something else. Names that a library or vendor chose are its own. */
const VAGUE = /^(?:.*(?:Util|Utils|Manager|Helper|Handler)s?|util|utils|manager|helper|handler)$/;

const LIBRARY_NAMES = new Set(["requestHandler"]);

test("names say what a thing is", () => {
	const faults = product.flatMap((file) =>
		identifiersOf(file)
			.filter(({ name }) => VAGUE.test(name) && !LIBRARY_NAMES.has(name))
			.map(({ name, line }) => `${file.path}:${line} ${name}`),
	);
	assert.deepEqual(faults, []);
});

test("the program runs with the same flags, whether npm or the shell starts it", () => {
	const firstLine = readFileSync(join(ROOT, "src/main.ts"), "utf8").split("\n", 1)[0] as string;
	const flags = firstLine.replace("#!/usr/bin/env -S node ", "").split(" ");
	assert.ok(readFileSync(join(ROOT, "scripts/run.mjs"), "utf8").includes(`[${flags.map((flag) => `"${flag}"`).join(", ")}]`), firstLine);
});

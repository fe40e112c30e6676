/** The settings of `kube-audit run`: a YAML file -> everything that is to run, checked as a whole before anything starts. */

import { access, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { CollectorError } from "../../contract/errors.ts";
import { FILTER_PRESETS } from "../../policy/filter-presets.ts";
import { type Fault, type FaultContext, faultsOf, type Issue } from "./config-fault.ts";
import { expandAll, plainSecretFaults, readReference, referenceFaults } from "./config-references.ts";
import { invalidConfig, placeFaults } from "./config-report.ts";
import { configShape } from "./config-shape.ts";
import { placed, type SinkConfig, sinkFaults, sinksOf } from "./config-sinks.ts";
import type { SourceConfig } from "./config-source.ts";
import { checkSources } from "./config-sources.ts";
import { find, plainOf } from "./config-tree.ts";
import { knownKeys } from "./known-keys.ts";
import { nearest } from "./nearest.ts";
import type { Environment, ReferenceScope } from "./references.ts";
import { beside, type SecretReference, type SettingsFile } from "./settings.ts";
import { readTree, type TreeNode } from "./yaml-tree.ts";

/** What is to run. `redaction`, `filter`, `identityKey` and `limits` are as replay has them, secrets read and paths absolute. */
export interface Config extends Omit<SettingsFile, "cluster"> {
	readonly sources: readonly SourceConfig[];
	readonly sinks: readonly SinkConfig[];
	/** As `openCheckpoints` takes it. May hold a secret (a signature): not for logs. */
	readonly checkpoints: string;
	/** Path of the quarantine file. */
	readonly quarantine: string;
	readonly listen: { readonly host: string; readonly port: number } | false;
	readonly log: { readonly level: "debug" | "info" | "warn" | "error"; readonly format: "json" | "pretty" | "auto" };
	readonly shutdownMs: number;
	readonly watermarkEveryMs: number;
}

const CONFIG_BYTES_MAX = 1024 * 1024;

/**
 * Reads and checks a settings file. Throws CONFIG_INVALID with all faults, one a line, as `PATH:LINE:COLUMN: KEY: what is wrong`.
 * What `${env:NAME}` and `${file:PATH}` name is remembered as secret: no text that went through `redactSecrets` shows it.
 * Relative paths in the file are relative to it.
 */
export async function loadConfig(path: string, env: Environment): Promise<Config> {
	return readConfig(await readText(path), path, env);
}

async function readText(path: string): Promise<string> {
	const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
		const reason = error.code === "ENOENT" ? "no such file" : (error.code ?? "cannot be read");
		throw new CollectorError("CONFIG_INVALID", `${path}: ${reason}`, { cause: error });
	});
	if (bytes.length > CONFIG_BYTES_MAX) throw new CollectorError("CONFIG_INVALID", `${path}: longer than ${CONFIG_BYTES_MAX} bytes`);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new CollectorError("CONFIG_INVALID", `${path}: is not UTF-8 text`);
	}
}

/** As `loadConfig`, of a text that was read already; `path` says where it would lie. */
export async function readConfig(text: string, path: string, env: Environment): Promise<Config> {
	const { root, faults: inYaml } = readTree(text);
	if (root === undefined) throw invalidConfig(path, inYaml.length > 0 ? inYaml : [{ at: { line: 1, column: 1 }, text: EMPTY }]);
	const scope = { env, folder: dirname(resolve(path)) };
	const { config, faults } = await checkTree(root, path, scope);
	const placedFaults = [...inYaml, ...placeFaults(root, faults)];
	if (config === undefined || placedFaults.length > 0) throw invalidConfig(path, placedFaults);
	return config;
}

const EMPTY = "the file is empty: it needs sources and sinks";

interface Checked {
	/** Absent: there are faults. */
	readonly config?: Config;
	readonly faults: readonly Fault[];
}

async function checkTree(root: TreeNode, path: string, scope: ReferenceScope): Promise<Checked> {
	const expansions = await expandAll(root, scope);
	const value = plainOf(root, expansions);
	const nodeAt: FaultContext["nodeAt"] = (at) => find(root, at).node;
	const sources = await checkSources(value, nodeAt, path);
	const top = checkTop(value, nodeAt);
	const rest: Completed = "faults" in top ? top : await complete(top.data, path, scope);
	// Of faults at one place the first is told.
	const faults = [...referenceFaults(root, expansions), ...sources.faults, ...rest.faults, ...plainSecretFaults(root)];
	if (rest.settled === undefined || faults.length > 0) return { faults };
	return { config: { ...rest.settled, sources: sources.sources }, faults };
}

type Top = z.output<typeof configShape>;

function checkTop(value: unknown, nodeAt: FaultContext["nodeAt"]): { readonly data: Top } | { readonly faults: readonly Fault[] } {
	const checked = configShape.safeParse(value);
	if (checked.success) return { data: checked.data };
	const context: FaultContext = { base: [], nodeAt, keysAt: (path) => knownKeys(configShape, path) };
	return { faults: checked.error.issues.flatMap((issue) => faultsOf(issue as Issue, context)) };
}

interface Completed {
	readonly settled?: Omit<Config, "sources">;
	readonly faults: readonly Fault[];
}

/** What a schema cannot do: follow secrets, look for files, compare entries. */
async function complete(top: Top, path: string, scope: ReferenceScope): Promise<Completed> {
	const { shutdown, watermark, sources: _, ...rest } = top;
	const faults: Fault[] = [];
	const sinks = sinksOf(top.sinks, scope.folder);
	faults.push(...sinkFaults(sinks), ...(await filterFaults(top.filter, path)));
	const read = async (reference: SecretReference | undefined, at: readonly string[]): Promise<SecretReference | undefined> => {
		if (reference === undefined) return undefined;
		const found = await readReference(reference, scope);
		if ("text" in found) return found;
		faults.push({ path: at, text: found.fault });
		return undefined;
	};
	const settled = {
		...rest,
		sinks,
		identityKey: await read(top.identityKey, ["identityKey"]),
		redaction: { ...top.redaction, hmacKey: await read(top.redaction.hmacKey, ["redaction", "hmacKey"]) },
		filter: top.filter.map((entry) => beside(path, entry)),
		checkpoints: placed(top.checkpoints, scope.folder),
		quarantine: resolve(scope.folder, top.quarantine),
		shutdownMs: shutdown,
		watermarkEveryMs: watermark.every,
	};
	return { settled, faults };
}

/** What is no preset is a Policy file, and a mistyped preset would be one that is not there. */
async function filterFaults(filter: readonly string[], path: string): Promise<readonly Fault[]> {
	const presets = FILTER_PRESETS.map(({ name }) => name);
	const faults: Fault[] = [];
	for (const [i, entry] of filter.entries()) {
		if (presets.includes(entry)) continue;
		const meant = nearest(entry, presets);
		const isThere = await access(beside(path, entry)).then(
			() => true,
			() => false,
		);
		const hint = meant === undefined ? `; presets are ${presets.join(", ")}` : `; did you mean "${meant}"?`;
		if (!isThere) faults.push({ path: ["filter", i], text: `neither a preset nor a file that can be read${hint}` });
	}
	return faults;
}

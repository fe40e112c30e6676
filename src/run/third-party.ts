/** Loads connectors that others wrote: from a package, or from a path beside the settings file. */

import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Connector } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import { isObject } from "../json/value.ts";
import { nearest } from "./config/nearest.ts";
import { printable } from "./printable.ts";

const REASON_CHARS_MAX = 200;
/** A package's name, maybe with what it exports beside; or a path. Neither an address nor a module of Node's. */
const NAME = /^(?:(?:@[\w.-]+\/)?[\w-][\w.-]*(?:\/[\w.-]+)*|\.{0,2}\/.+)$/;

/**
 * The connector that a module exports as `connector`. The name is a package or a path (`./mine.js`), looked for from the
 * settings file and, if it is a package, from this program. It stays loaded: a changed module needs a new process.
 * Throws CONFIG_INVALID if there is none, it does not load, or it cannot be collected from live.
 * `known` are the names of connectors that need no loading, for those who mistype them.
 */
export async function loadConnector(name: string, settingsPath: string, known: readonly string[] = []): Promise<Connector> {
	const found = NAME.test(name) ? await importNamed(name, resolve(settingsPath)) : undefined;
	if (found === undefined) throw new CollectorError("CONFIG_INVALID", missingText(name, known));
	const { connector } = found;
	const lacks = missingParts(connector);
	if (connector !== undefined && lacks.length === 0) return connector as Connector;
	const what = connector === undefined ? "it does not export `connector`" : `its \`connector\` lacks ${lacks.join(", ")}`;
	throw new CollectorError("CONFIG_INVALID", `${name} is no connector: ${what}`);
}

function missingText(name: string, known: readonly string[]): string {
	const meant = nearest(name, known);
	if (meant !== undefined) return `there is no connector ${JSON.stringify(name)}; did you mean "${meant}"?`;
	const others = known.length === 0 ? "" : `neither one of ours (${known.join(", ")}) nor `;
	return `there is no connector ${JSON.stringify(name)}: ${others}a package or path that can be found from the settings file`;
}

type Module = { readonly connector?: unknown };

/** Undefined: there is no such module. */
async function importNamed(name: string, settingsPath: string): Promise<Module | undefined> {
	const beside = await importFrom(name, settingsPath);
	return beside !== undefined || /^[./]/.test(name) ? beside : importFrom(name, import.meta.filename);
}

/** As if the module at `parentPath` imported it: an import of our own would look in our folders alone. */
async function importFrom(name: string, parentPath: string): Promise<Module | undefined> {
	const parentURL = pathToFileURL(parentPath).href;
	// What a name stood for is remembered by Node: ours must tell parents apart.
	const marked = `kube-audit-connector:${encodeURIComponent(`${parentURL} ${name}`)}`;
	const hook = registerHooks({
		resolve: (specifier, context, next) => (specifier === marked ? next(name, { ...context, parentURL }) : next(specifier, context)),
	});
	try {
		return (await import(marked)) as Module;
	} catch (error) {
		if (isMissing(error, parentPath)) return undefined;
		throw new CollectorError("CONFIG_INVALID", `connector ${name} does not load: ${reasonOf(error)}`, { cause: error });
	} finally {
		hook.deregister();
	}
}

/** Whether the module itself was not found, rather than one that it imports. */
function isMissing(error: unknown, parentPath: string): boolean {
	const { code, message } = asError(error);
	return code === "ERR_MODULE_NOT_FOUND" && String(message).endsWith(`imported from ${parentPath}`);
}

function asError(error: unknown): Partial<NodeJS.ErrnoException> {
	return isObject(error) ? error : {};
}

function reasonOf(error: unknown): string {
	return printable(String(asError(error).message ?? error).split("\n")[0] as string, REASON_CHARS_MAX);
}

/** What a connector must have to be run live; its contract says more, but only running it shows that. */
function missingParts(connector: unknown): readonly string[] {
	if (!isObject(connector)) return ["everything"];
	const pull = isObject(connector["pull"]) ? connector["pull"] : {};
	const settings = isObject(pull["settings"]) ? pull["settings"] : {};
	const parts: readonly (readonly [name: string, isThere: boolean])[] = [
		["name", typeof connector["name"] === "string" && /^[a-z0-9][a-z0-9-]*$/.test(connector["name"])],
		["summary", typeof connector["summary"] === "string"],
		["forms", Array.isArray(connector["forms"])],
		...["frame", "decode", "resolve"].map((name) => [name, typeof connector[name] === "function"] as const),
		["pull.settings (a zod schema)", typeof settings["safeParse"] === "function"],
		["pull.open", typeof pull["open"] === "function"],
	];
	return parts.flatMap(([name, isThere]) => (isThere ? [] : [name]));
}

/** Checks all entries of `sources`, after loading the connectors that they name. */

import type { Connector } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { isObject } from "../../json/value.ts";
import { CONNECTORS } from "../registry.ts";
import { loadConnector } from "../third-party.ts";
import type { Fault, FaultContext } from "./config-fault.ts";
import { checkSource, type FindConnector, type SourceConfig } from "./config-source.ts";
import type { PlainValue } from "./config-tree.ts";
import { LIVE_CONNECTORS, pullSettingsOf } from "./pull-settings.ts";
import { namesSecret } from "./references.ts";

export interface SourcesChecked {
	/** Those without faults. */
	readonly sources: readonly SourceConfig[];
	readonly faults: readonly Fault[];
}

/** `value` is the whole file's. What is no list is told of by the schema of the file. */
export async function checkSources(value: PlainValue, nodeAt: FaultContext["nodeAt"], settingsPath: string): Promise<SourcesChecked> {
	const entries: unknown = isObject(value) ? value["sources"] : undefined;
	if (!Array.isArray(entries)) return { sources: [], faults: [] };
	const findConnector = await connectorsFor(namesOf(entries, nodeAt), settingsPath);
	const sources: SourceConfig[] = [];
	const faults: Fault[] = [];
	for (const [i, entry] of entries.entries()) {
		const base = ["sources", i];
		const checked = checkSource(entry as PlainValue, { base, nodeAt, keysAt: () => [] }, settingsPath, findConnector);
		if (checked.source !== undefined) sources.push(checked.source);
		faults.push(...checked.faults);
	}
	return { sources, faults: [...faults, ...repeatedIds(entries)] };
}

/** No code is loaded that a reference names: the file itself must say it. */
function namesOf(entries: readonly unknown[], nodeAt: FaultContext["nodeAt"]): ReadonlySet<string> {
	const names = entries.map((_, i) => nodeAt(["sources", i, "connector"]));
	return new Set(
		names.flatMap((node) => (node?.kind === "scalar" && typeof node.value === "string" && !namesSecret(node.value) ? [node.value] : [])),
	);
}

async function connectorsFor(names: ReadonlySet<string>, settingsPath: string): Promise<FindConnector> {
	const found = new Map<string, ReturnType<FindConnector>>();
	for (const name of names) found.set(name, uniquelyNamed(await connectorOf(name, settingsPath), found));
	return (name) => found.get(name) ?? { fault: "cannot be loaded" };
}

async function connectorOf(name: string, settingsPath: string): Promise<ReturnType<FindConnector>> {
	const own = CONNECTORS.find((connector) => connector.name === name);
	const live = LIVE_CONNECTORS.map((connector) => connector.name);
	if (own !== undefined) {
		return pullSettingsOf(own) === undefined ? { fault: `${name} reads stored logs only; from live: ${live.join(", ")}` } : own;
	}
	try {
		return await loadConnector(name, settingsPath, live);
	} catch (error) {
		if (error instanceof CollectorError) return { fault: error.message };
		throw error;
	}
}

/** Records bear their connector's name, and are decoded by whom it names. */
function uniquelyNamed(
	connector: ReturnType<FindConnector>,
	others: ReadonlyMap<string, ReturnType<FindConnector>>,
): ReturnType<FindConnector> {
	if ("fault" in connector) return connector;
	const isTaken = (other: Connector | { readonly fault: string }) =>
		"name" in other && other.name === connector.name && other !== connector;
	return [...CONNECTORS, ...others.values()].some(isTaken) ? { fault: `another connector is called ${connector.name} too` } : connector;
}

function repeatedIds(entries: readonly unknown[]): readonly Fault[] {
	const first = new Map<unknown, number>();
	return entries.flatMap((entry, i): readonly Fault[] => {
		const id = isObject(entry) ? entry["id"] : undefined;
		const earlier = first.get(id);
		if (earlier === undefined) first.set(id, i);
		return typeof id === "string" && earlier !== undefined
			? [{ path: ["sources", i, "id"], text: `is that of sources[${earlier}] too` }]
			: [];
	});
}

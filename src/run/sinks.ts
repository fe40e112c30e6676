/** `--to SINK` -> a sink; heavy libraries are loaded only for the sink that needs them. */

import { CollectorError } from "../contract/errors.ts";
import type { Sink } from "../contract/sink.ts";
import { type FileMode, openFileSink } from "../forward/file.ts";
import { openStdoutSink } from "../forward/stdout.ts";
import type { Schema } from "./config/schemas.ts";

export const STDOUT = "stdout:";

export const SINK_FORMS = [
	["stdout:", "NDJSON on standard output"],
	["file:PATH", "NDJSON, written anew; compressed if PATH ends in .gz or .zst"],
	["duckdb:PATH", "an embedded analysis store; events that are there already are not stored again"],
] as const;

type Opener = (target: string, schema: Schema, mode: FileMode) => Promise<Sink>;

const OPENERS: Readonly<Record<string, Opener>> = {
	stdout: async () => openStdoutSink(process.stdout),
	file: (target, _, mode) => openFileSink(target, mode),
	async duckdb(target, schema) {
		if (schema !== "ocsf")
			throw new CollectorError("CONFIG_INVALID", `duckdb: stores OCSF only; leave out --schema ${schema} or write it to file:PATH`);
		const { openDuckdbSink } = await import("../backend/sink.ts");
		return openDuckdbSink(target);
	},
};

/** What the sinks of a kind write to. */
export function targetsOf(kind: string, specs: readonly string[]): readonly string[] {
	return specs.map(partsOf).flatMap((parts) => (parts.kind === kind ? [parts.target] : []));
}

function partsOf(spec: string): { readonly kind: string; readonly target: string } {
	const colon = spec.indexOf(":");
	return { kind: spec.slice(0, Math.max(0, colon)), target: spec.slice(colon + 1) };
}

/** Throws CONFIG_INVALID for a kind that is not known or a target that cannot be opened. */
export async function openSinks(specs: readonly string[], schema: Schema): Promise<readonly Sink[]> {
	const repeated = specs.find((spec, i) => specs.indexOf(spec) !== i);
	if (repeated !== undefined) throw new CollectorError("CONFIG_INVALID", `--to ${repeated} is given twice`);
	const opened: Sink[] = [];
	try {
		for (const spec of specs) opened.push(await openSink(spec, schema));
		return opened;
	} catch (error) {
		for (const sink of opened) await sink[Symbol.asyncDispose]();
		throw error;
	}
}

/** `mode`: what becomes of a file that is there already. Throws CONFIG_INVALID as openSinks does. */
export async function openSink(spec: string, schema: Schema, mode: FileMode = "anew"): Promise<Sink> {
	const { kind, target } = partsOf(spec);
	const open = Object.hasOwn(OPENERS, kind) ? OPENERS[kind] : undefined;
	if (open === undefined || (kind !== "stdout" && target === "")) {
		throw new CollectorError("CONFIG_INVALID", `--to ${spec}: no such sink; one of ${SINK_FORMS.map(([form]) => form).join(", ")}`);
	}
	return open(target, schema, mode);
}

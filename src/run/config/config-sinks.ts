/** The entries of `sinks`, the short form and the long one -> what to open, with paths made whole. */

import { resolve } from "node:path";
import type { z } from "zod";
import type { Fault } from "./config-fault.ts";
import type { configShape } from "./config-shape.ts";
import type { Schema } from "./schemas.ts";
import { redactSecrets } from "./secrets.ts";

/** One entry of `sinks`, ready to open. */
export interface SinkConfig {
	/** Unique; for logs and metrics, so that it holds no secret. */
	readonly name: string;
	/** As `openSinks` takes it; paths are absolute. */
	readonly to: string;
	readonly schema: Schema;
	/** Whether a batch waits until this sink took it. */
	readonly required: boolean;
}

type Entries = z.output<typeof configShape>["sinks"];

export function sinksOf(entries: Entries, folder: string): readonly SinkConfig[] {
	return entries.map((entry) => {
		const { to, schema, name, required } =
			typeof entry === "string" ? { to: entry, schema: "ocsf" as const, name: undefined, required: true } : entry;
		return { name: name ?? redactSecrets(to), to: placed(to, folder), schema, required };
	});
}

/** `KIND:PATH` with the path relative to the folder; what is no path stays. */
export function placed(spec: string, folder: string): string {
	const [, kind, path] = /^(file|duckdb):(?!\/\/)(.+)$/s.exec(spec) ?? [];
	return kind === undefined || path === undefined ? spec : `${kind}:${resolve(folder, path)}`;
}

/** What each sink alone cannot show. */
export function sinkFaults(sinks: readonly SinkConfig[]): readonly Fault[] {
	const faults = sinks.flatMap((sink, i): readonly Fault[] => {
		const path = ["sinks", i];
		const twin = sinks.findIndex(({ to }) => to === sink.to);
		const namesake = sinks.findIndex(({ name }) => name === sink.name);
		if (twin < i) return [{ path, text: `goes to the same place as sinks[${twin}]` }];
		if (namesake < i) return [{ path, text: `has the same name as sinks[${namesake}]: give it a name` }];
		if (sink.to.startsWith("duckdb:") && sink.schema !== "ocsf") return [{ path: [...path, "schema"], text: "duckdb: stores OCSF only" }];
		return [];
	});
	if (sinks.some(({ required }) => required)) return faults;
	return [...faults, { path: ["sinks"], text: "at least one sink must be required: else nothing holds events until they have arrived" }];
}

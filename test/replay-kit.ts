/** Runs replay inside a test: the real pipeline, real files, a folder that goes away afterwards. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NO_METER } from "../src/contract/meter.ts";
import { loadSettings } from "../src/run/config/settings.ts";
import { type ReplayOptions, type ReplayResult, replay } from "../src/run/replay/replay.ts";
import { tempFolder } from "./temp-folder.ts";

export { tempFolder };

/** The clock of all tests: some events have no time of their own. */
export const NOW_MS = Date.UTC(2026, 10, 23, 12);

export type Json = Record<string, unknown>;

export interface Replayed {
	readonly result: ReplayResult;
	readonly events: readonly Json[];
	/** The output, as it was written. */
	readonly text: string;
	readonly quarantine: readonly Json[];
}

export async function replayInTest(paths: readonly string[], options: Partial<ReplayOptions> = {}): Promise<Replayed> {
	using folder = tempFolder();
	const out = join(folder.path, "events.ndjson");
	const quarantine = join(folder.path, "quarantine.ndjson");
	const result = await replay({
		paths,
		to: [`file:${out}`],
		schema: "ocsf",
		quarantine,
		redact: true,
		filter: [],
		settings: await loadSettings(undefined),
		stdin: (async function* () {})(),
		progress: { start() {}, add() {} },
		host: {
			signal: new AbortController().signal,
			clock: { now: () => NOW_MS, wait: async () => {} },
			random: () => 0,
			log() {},
			meter: NO_METER,
		},
		...options,
	});
	const text = readFileSync(out, "utf8");
	return { result, text, events: parseLines(text), quarantine: parseLines(readIfThere(quarantine)) };
}

export function parseLines(text: string): readonly Json[] {
	return text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line) as Json);
}

function readIfThere(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}

/** Backfill: one source's records of a range of time, through the pipeline of live collection, with progress of its own. */

import { resolve } from "node:path";
import type { Clock } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { collect } from "../collect.ts";
import type { Config } from "../config/config.ts";
import type { SourceConfig } from "../config/config-source.ts";
import { nearest } from "../config/nearest.ts";
import type { Environment } from "../config/references.ts";
import { atHalfRate, inRange, type Range } from "./backfill-range.ts";
import type { BackfillReport } from "./backfill-report.ts";

/** A reading of less would hardly be meant. */
const RANGE_MS_MIN = 1_000;

/** The source of that id. Throws CONFIG_INVALID, with the id that may be meant. */
export function sourceNamed(config: Config, id: string): SourceConfig {
	const found = config.sources.find((source) => source.id === id);
	if (found !== undefined) return found;
	const ids = config.sources.map((source) => source.id);
	const meant = nearest(id, ids);
	const hint = meant === undefined ? `there are ${ids.join(", ")}` : `did you mean "${meant}"?`;
	throw new CollectorError("CONFIG_INVALID", `--source ${id}: the settings have no such source; ${hint}`);
}

/** Throws CONFIG_INVALID for a range that is none, or that has not come to its end. */
export function checkRange({ fromMs, untilMs }: Range, nowMs: number): void {
	const [from, until, now] = [fromMs, untilMs, nowMs].map((ms) => new Date(ms).toISOString());
	const fault =
		fromMs >= untilMs
			? `--from ${from} is not before --until ${until}`
			: untilMs - fromMs < RANGE_MS_MIN
				? "--from and --until are less than a second apart"
				: untilMs > nowMs
					? `--until ${until} is in the future: it is ${now}; what is still to come is for kube-audit run`
					: undefined;
	if (fault !== undefined) throw new CollectorError("CONFIG_INVALID", fault);
}

export interface BackfillOptions {
	readonly config: Config;
	readonly source: SourceConfig;
	readonly range: Range;
	/** Path of a file for the progress. Absent: where the settings keep checkpoints. */
	readonly progress?: string;
	readonly env: Environment;
	readonly kill: AbortSignal;
	readonly stop: AbortSignal;
	readonly clock: Clock;
	readonly report: BackfillReport;
}

/** What the range's checkpoints are kept under: nothing of live collection has such a name, since ids have no blanks. */
function backfillKey(id: string, { fromMs, untilMs }: Range): string {
	return `backfill ${id} ${new Date(fromMs).toISOString()} ${new Date(untilMs).toISOString()}`;
}

/** Resolves when the range is read, or `stop` fired and all in flight is settled. Started again it goes on where it was. */
export async function backfill(options: BackfillOptions): Promise<void> {
	const { config, source, range, progress, env, kill, stop, clock, report } = options;
	// What is seen of a past range is none of live collection's.
	const { reconcile: _, ...plain } = source;
	const ranged: SourceConfig = {
		...plain,
		id: backfillKey(source.id, range),
		connector: inRange(source.connector, range),
		settings: atHalfRate(source.settings),
		since: { kind: "at", ms: range.fromMs },
	};
	const checkpoints = progress === undefined ? config.checkpoints : `file:${resolve(progress)}`;
	const prefix = `${ranged.id}: `;
	const log = (line: string): void => report.say(line.startsWith(prefix) ? line.slice(prefix.length) : line);
	await collect({
		config: { ...config, sources: [ranged], checkpoints },
		env,
		until: "caught-up",
		kill,
		stop,
		host: { clock, random: Math.random, log },
		outside: report.outside,
	});
}

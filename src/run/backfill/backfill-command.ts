/** `kube-audit backfill`: what a source has of a range of time, beside live collection and without touching it. */

import { Command, Option } from "commander";
import { systemClock } from "../system-clock.ts";
import { EXIT, type Finish, type Terminal } from "../terminal.ts";
import { countsOf, openReport } from "./backfill-report.ts";
import { parseTime } from "./time-option.ts";

interface Flags {
	readonly config: string;
	readonly source: string;
	readonly from: number;
	readonly until: number;
	readonly progress?: string;
}

const HELP = `
The range is of the time by which the service is asked: when an event happened (aws-cloudwatch), or when the service took it
in (gcp-cloud-logging, azure-diagnostics). It includes --from and excludes --until.
Events get the uids that live collection gives them, so that a store keeps each once. Half the quota of live collection is
taken beside it. Progress is kept where the settings keep checkpoints, under a name of its own, or in the file that --progress
names: run the same command again after Ctrl-C or a crash, and it goes on.

Examples:
  kube-audit backfill --config kube-audit.yaml --source eks-production --from 2026-11-01T00:00:00Z --until 2026-11-08T00:00:00Z
  kube-audit backfill --config kube-audit.yaml --source eks-production --from 2026-11-01T00:00:00Z --until 2026-11-08T00:00:00Z --progress week.db`;

export function backfillCommand(terminal: Terminal, finish: Finish): Command {
	const time = (flags: string, text: string) => new Option(flags, text).argParser(parseTime).makeOptionMandatory();
	return new Command("backfill")
		.description("collect a past range of time from one source of a settings file")
		.requiredOption("--config <file>", "YAML settings, those of kube-audit run")
		.requiredOption("--source <id>", "which of its sources")
		.addOption(time("--from <time>", "begin of the range (RFC 3339)"))
		.addOption(time("--until <time>", "its end: the first moment that is not read"))
		.option("--progress <file>", "keep the progress in this file")
		.addHelpText("after", HELP)
		.action(async (flags: Flags) => run(flags, terminal, finish));
}

/** What was taken in a short while ago may not be shown yet. */
const LATE_MS = 3_600_000;

async function run({ config: path, source: id, from, until, progress }: Flags, terminal: Terminal, finish: Finish): Promise<void> {
	const { loadConfig } = await import("../config/config.ts");
	const { environment } = await import("../config/settings.ts");
	const { backfill, checkRange, sourceNamed } = await import("./backfill.ts");
	const { stopWithin } = await import("../shutdown.ts");
	const range = { fromMs: from, untilMs: until };
	checkRange(range, systemClock.now());
	const config = await loadConfig(path, environment);
	const source = sourceNamed(config, id);
	const { isTerminal, err, signal } = terminal;
	using report = openReport({ source: id, range, clock: systemClock, isTerminal, err });
	const [begin, end] = [from, until].map((ms) => new Date(ms).toISOString());
	report.say(`backfill from ${begin} until ${end}`);
	if (until > systemClock.now() - LATE_MS) report.say("what the service shows late of the last hour is for live collection to find");
	const kill = stopWithin(config.shutdownMs, signal, systemClock, () => report.say("stopping: what is in flight is settled first"));
	await backfill({
		config,
		source,
		range,
		env: environment,
		kill: kill.signal,
		stop: signal,
		clock: systemClock,
		report,
		...(progress === undefined ? {} : { progress }),
	});
	report[Symbol.dispose]();
	for (const [scope, tally] of report.tallies) report.say(`${scope}: ${countsOf(tally)}`);
	if (kill.end() || report.hasFailed()) return finish(EXIT.failure, "final");
	if (report.tallies.size === 0 && !signal.aborted) {
		report.say("its settings find no log to read");
		return finish(EXIT.failure, "final");
	}
	report.say(signal.aborted ? "not complete: run the same command again, and it goes on" : "complete");
	finish(signal.aborted ? EXIT.interrupted : EXIT.ok, "final");
}

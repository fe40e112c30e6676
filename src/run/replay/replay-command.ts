/** `kube-audit replay`: stored logs -> events in a backend. */

import { Command, Option } from "commander";
import { CollectorError } from "../../contract/errors.ts";
import { NO_METER } from "../../contract/meter.ts";
import { readTime } from "../../normalise/times.ts";
import { FILTER_PRESETS } from "../../policy/filter-presets.ts";
import { REDACTION_PRESETS } from "../../policy/presets.ts";
import { SCHEMAS, type Schema } from "../config/schemas.ts";
import { SINK_FORMS, STDOUT, targetsOf } from "../sinks.ts";
import { systemClock } from "../system-clock.ts";
import { EXIT, repeatable, type Terminal } from "../terminal.ts";
import { startProgress } from "./progress.ts";

const DEFAULT_QUARANTINE = "kube-audit-quarantine.ndjson";

interface Flags {
	readonly as?: string;
	readonly to?: readonly string[];
	readonly schema: Schema;
	readonly cluster?: string;
	readonly from?: number;
	readonly until?: number;
	readonly quarantine: string;
	readonly redact: boolean;
	readonly filter?: readonly string[];
	readonly settings?: string;
	readonly strict?: boolean;
	readonly json?: boolean;
	readonly quiet?: boolean;
}

const list = (entries: readonly (readonly [string, string])[]): string =>
	entries.map(([name, text]) => `  ${name.padEnd(24)}${text}`).join("\n");

const HELP = `
Sinks:
${list(SINK_FORMS)}

Redaction presets (on; turn off in settings, see README):
${list(REDACTION_PRESETS.map(({ name, summary }) => [name, summary]))}

Filter presets (off):
${list(FILTER_PRESETS.map(({ name, summary }) => [name, summary]))}

Events go to standard output (or where --to says), everything else to standard error.

Examples:
  kube-audit replay audit.log > events.ndjson
  kube-audit replay logs/2026-11-*.json.gz --to file:events.ndjson.zst --json
  kube-audit replay eks-export/ --cluster arn:aws:eks:eu-west-1:111122223333:cluster/payments --to duckdb:data/kube-audit.duckdb
  kube-audit replay audit.log --filter leases --filter health-checks --from 2026-11-23T00:00:00Z
  zcat audit.log.gz | kube-audit replay -`;

export function replayCommand(terminal: Terminal, finish: (exitCode: number) => void): Command {
	return new Command("replay")
		.description("read stored audit logs of any cluster and form, and forward them as clean events")
		.argument("<path...>", "files or folders; - is standard input")
		.option("--as <form>", "take the files as this form, such as aws-cloudwatch/export (see: kube-audit connectors)")
		.addOption(repeatable("--to <sink>", "where events go; may be given several times").default(undefined, STDOUT))
		.addOption(new Option("--schema <schema>", "how events are written").choices(SCHEMAS).default("ocsf"))
		.option("--cluster <name>", "the cluster of records that do not say it: a name or a full id")
		.addOption(new Option("--from <time>", "leave out events before this time (RFC 3339)").argParser(parseTime))
		.addOption(new Option("--until <time>", "leave out events from this time on").argParser(parseTime))
		.option("--quarantine <path>", "where records go that cannot be read", DEFAULT_QUARANTINE)
		.option("--no-redact", "forward secrets, tokens and other sensitive values as they are: only for a place you trust with them")
		.addOption(repeatable("--filter <preset|file>", "drop noise: a preset, or an audit.k8s.io/v1 Policy file"))
		.option("--settings <file>", "YAML settings: redaction, filter, limits")
		.option("--strict", "end with 1 if a record went to quarantine")
		.option("--json", "the summary as JSON: on standard output, unless events go there")
		.option("-q, --quiet", "no summary and no progress")
		.addHelpText("after", HELP)
		.action(async (paths: readonly string[], flags: Flags) => finish(await run(paths, flags, terminal)));
}

function parseTime(text: string): number {
	const time = readTime(text);
	if (time === undefined) throw new CollectorError("CONFIG_INVALID", `${text} is no time: write it as 2026-11-23T15:00:00Z`);
	return time.ms;
}

async function run(paths: readonly string[], flags: Flags, terminal: Terminal): Promise<number> {
	const { replay } = await import("./replay.ts");
	const { loadSettings } = await import("../config/settings.ts");
	const { printSummary, summaryJson } = await import("./summary-view.ts");
	const to = flags.to ?? [STDOUT];
	const startedMs = performance.now();
	const progress = startProgress(terminal.isTerminal && flags.quiet !== true && !to.includes(STDOUT));
	const { from, until, as, cluster, settings, filter = [], ...rest } = flags;
	const result = await replay({
		...rest,
		paths,
		to,
		filter,
		settings: await loadSettings(settings),
		...(as === undefined ? {} : { as }),
		...(cluster === undefined ? {} : { cluster }),
		...(from === undefined ? {} : { fromMs: from }),
		...(until === undefined ? {} : { untilMs: until }),
		stdin: terminal.stdin,
		progress,
		host: {
			signal: terminal.signal,
			clock: systemClock,
			random: Math.random,
			log: (line) => terminal.err(`kube-audit: ${line}\n`),
			meter: NO_METER,
		},
	}).finally(progress.stop);
	const elapsedMs = performance.now() - startedMs;
	const [store] = targetsOf("duckdb", to);
	const next = { command: terminal.command, quarantine: flags.quarantine, ...(store === undefined ? {} : { store }) };
	if (flags.json === true) (to.includes(STDOUT) ? terminal.err : terminal.out)(`${summaryJson(result, elapsedMs)}\n`);
	else if (flags.quiet !== true) printSummary(result, elapsedMs, next, (line) => terminal.err(`${line}\n`));
	return flags.strict === true && result.quarantined > 0 ? EXIT.quarantined : EXIT.ok;
}

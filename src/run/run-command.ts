/** `kube-audit run`: collects live, from every source of a settings file, until it is stopped. */

import { unwatchFile, watchFile } from "node:fs";
import { Command, Option } from "commander";
import { CollectorError } from "../contract/errors.ts";
import { readTime } from "../normalise/times.ts";
import { systemClock } from "./system-clock.ts";
import { EXIT, type Finish, type Terminal } from "./terminal.ts";

interface Flags {
	readonly config: string;
	readonly once?: boolean;
	readonly dryRun?: boolean;
	readonly startFrom?: number;
}

const HELP = `
The settings are YAML; a schema for editors is in schema/kube-audit.schema.json:

  sources:
    - id: eks-production
      connector: aws-cloudwatch
      regions: [eu-central-1]
      clusters: [payments]
      labels: { env: production }
      since: 1h
  sinks:
    - duckdb:data/kube-audit.duckdb
  checkpoints: file:data/checkpoints.db

SIGTERM and Ctrl-C end reading; what is in flight is settled and the checkpoints are saved first. A second one ends at once.
SIGHUP, or a change of the file, reads the settings again: only sources that changed are started anew.

Examples:
  kube-audit run --config kube-audit.yaml
  kube-audit run --config kube-audit.yaml --once
  kube-audit run --config kube-audit.yaml --dry-run | jq .message
  kube-audit run --config kube-audit.yaml --start-from 2026-11-23T00:00:00Z`;

export function runCommand(terminal: Terminal, finish: Finish): Command {
	return new Command("run")
		.description("collect live from the sources of a settings file, until stopped")
		.requiredOption("--config <file>", "YAML settings")
		.option("--once", "read up to the present, then end: for schedules and functions")
		.option("--dry-run", "read up to the present, print the first events of each source, and forward, save and move nothing")
		.addOption(
			new Option(
				"--start-from <time>",
				"begin at this time (RFC 3339), whatever the checkpoints say: for those that are damaged or lost",
			).argParser(parseTime),
		)
		.addHelpText("after", HELP)
		.action(async (flags: Flags) => finish(await (flags.dryRun === true ? tryRun : run)(flags, terminal), "final"));
}

function parseTime(text: string): number {
	const time = readTime(text);
	if (time === undefined) throw new CollectorError("CONFIG_INVALID", `${text} is no time: write it as 2026-11-23T15:00:00Z`);
	return time.ms;
}

async function tryRun({ config: path, startFrom }: Flags, terminal: Terminal): Promise<number> {
	const { loadConfig } = await import("./config/config.ts");
	const { environment } = await import("./config/settings.ts");
	const { dryRun } = await import("./dry-run.ts");
	const isDone = await dryRun({
		config: await loadConfig(path, environment),
		env: environment,
		clock: systemClock,
		random: Math.random,
		...(startFrom === undefined ? {} : { startFromMs: startFrom }),
		stop: terminal.signal,
		out: (line) => terminal.out(`${line}\n`),
		err: (line) => terminal.err(`${line}\n`),
	});
	return isDone ? EXIT.ok : EXIT.failure;
}

const WATCH_MS = 2_000;

async function run({ config: path, once, startFrom }: Flags, terminal: Terminal): Promise<number> {
	const { loadConfig } = await import("./config/config.ts");
	const { environment } = await import("./config/settings.ts");
	const { collect } = await import("./collect.ts");
	const { openOutside } = await import("./outside/open-outside.ts");
	const config = await loadConfig(path, environment);
	await using outside = await openOutside(config, terminal, path);
	const { log } = outside;
	const kill = new AbortController();
	terminal.signal.addEventListener("abort", () => {
		log.info("stopping: what is in flight is settled first");
		void systemClock.wait(config.shutdownMs, kill.signal).then(
			() => kill.abort(new Error(`what was in flight could not be settled within ${config.shutdownMs / 1000} s`)),
			() => {},
		);
	});
	await collect({
		config,
		env: environment,
		until: once === true ? "caught-up" : "stopped",
		...(startFrom === undefined ? {} : { startFromMs: startFrom }),
		kill: kill.signal,
		stop: terminal.signal,
		host: { clock: systemClock, random: Math.random, log: (line) => log.info(line) },
		outside,
		onStarted(service) {
			async function reload(): Promise<void> {
				try {
					const next = await loadConfig(path, environment);
					for (const line of await service.exchange(next.sources)) log.info(line);
				} catch (error) {
					log.error(`the settings are not taken over, and what ran goes on: ${(error as Error).message}`);
				}
			}
			terminal.onHangup(() => void reload());
			watchFile(path, { interval: WATCH_MS }, () => void reload()).unref();
		},
	}).finally(() => unwatchFile(path));
	const isLate = kill.signal.aborted;
	kill.abort();
	if (isLate) log.error("stopped before everything was settled: it will be read again at the next start");
	return isLate || outside.hasFailed() ? EXIT.failure : EXIT.ok;
}

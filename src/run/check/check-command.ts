/** `kube-audit check`: says of every source, store and sink of a settings file whether it works, and what to do if not. */

import { Command, Option } from "commander";
import { CollectorError } from "../../contract/errors.ts";
import { parseDuration } from "../config/duration.ts";
import { redactSecrets } from "../config/secrets.ts";
import { systemClock } from "../system-clock.ts";
import { EXIT, type Finish, type Terminal } from "../terminal.ts";

interface Flags {
	readonly config: string;
	readonly json?: boolean;
	readonly timeout: number;
}

const HELP = `
For each source: whether its identity works (if not, the permission that is missing), which scopes it has, whether audit
logging is on, how much comes and how late, how far behind the checkpoint is, and what collecting will cost in calls.
The last ten minutes are read, and forwarded nowhere; no cursor moves. The checkpoint store is given a probe key, check-probe.

Exit codes:
  0  nothing failed
  2  wrong settings
  3  something failed

Examples:
  kube-audit check --config kube-audit.yaml
  kube-audit check --config kube-audit.yaml --json | jq '.sources[].scopes[].facts.callsPerHour'`;

const TIMEOUT_MS = 20_000;
const TIMEOUT_MS_MAX = 3_600_000;

export function checkCommand(terminal: Terminal, finish: Finish): Command {
	return new Command("check")
		.description("say whether each source, store and sink of a settings file works, and what it will cost")
		.requiredOption("--config <file>", "YAML settings, as run takes them")
		.option("--json", "as JSON")
		.addOption(new Option("--timeout <duration>", "how long each source may take").default(TIMEOUT_MS, "20s").argParser(parseTimeout))
		.addHelpText("after", HELP)
		.action(async (flags: Flags) => finish(await runCheck(flags, terminal)));
}

function parseTimeout(text: string): number {
	const ms = parseDuration(text);
	if (ms !== undefined && ms >= 1_000 && ms <= TIMEOUT_MS_MAX) return ms;
	throw new CollectorError("CONFIG_INVALID", `--timeout ${text}: expected a duration from 1s to 1h, such as 20s`);
}

async function runCheck({ config: path, json, timeout }: Flags, terminal: Terminal): Promise<number> {
	const { loadConfig } = await import("../config/config.ts");
	const { environment } = await import("../config/settings.ts");
	const { check } = await import("./check.ts");
	const { hasFailed, printReport, reportJson } = await import("./check-view.ts");
	const report = await check({
		config: await loadConfig(path, environment),
		env: environment,
		clock: systemClock,
		random: Math.random,
		limitMs: timeout,
		signal: terminal.signal,
		log: (line) => terminal.err(`${redactSecrets(line)}\n`),
	});
	if (json === true) terminal.out(`${reportJson(report)}\n`);
	else printReport(report, (line) => terminal.out(`${line}\n`));
	return hasFailed(report) ? EXIT.failure : EXIT.ok;
}

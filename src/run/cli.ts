/** The command line `kube-audit`: options, help, exit codes. */

import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { CollectorError } from "../contract/errors.ts";
import { backfillCommand } from "./backfill/backfill-command.ts";
import { checkCommand } from "./check/check-command.ts";
import { coverageCommand } from "./completeness/coverage-command.ts";
import { connectorsCommand } from "./connectors-command.ts";
import { DEFAULT_STORE, queryCommand } from "./query-command.ts";
import { replayCommand } from "./replay/replay-command.ts";
import { restoreCommand } from "./replay/restore-command.ts";
import { runCommand } from "./run-command.ts";
import { simulateCommand } from "./simulate/simulate-command.ts";
import { EXIT, type Finish, type Terminal } from "./terminal.ts";

const EXIT_CODES = `
Exit codes:
  0  all well
  1  some records are in quarantine (only with --strict); coverage: something is missing
  2  wrong usage or settings
  3  a failure
  130  stopped by Ctrl-C`;

function createProgram(terminal: Terminal, finish: Finish): Command {
	const program = new Command("kube-audit")
		.description(packageJson.description)
		.version(packageJson.version, "-V, --version")
		.exitOverride()
		.configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
		.addHelpText(
			"after",
			`${EXIT_CODES}

Examples:
  kube-audit replay audit.log | jq .message
  kube-audit replay logs/ --cluster prod --to duckdb:${DEFAULT_STORE}
  kube-audit query 'SELECT time, actor, operation, resource, name FROM failures'
  kube-audit connectors`,
		);
	program.addCommand(replayCommand(terminal, finish));
	program.addCommand(runCommand(terminal, finish));
	program.addCommand(checkCommand(terminal, finish));
	program.addCommand(backfillCommand(terminal, finish));
	program.addCommand(simulateCommand(terminal, finish));
	program.addCommand(queryCommand(terminal));
	program.addCommand(coverageCommand(terminal, finish));
	program.addCommand(restoreCommand(terminal));
	program.addCommand(connectorsCommand(terminal));
	for (const command of program.commands) command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
	return program;
}

/** Runs the command line; resolves to the exit code. Every fault ends in one line on standard error. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
	let exitCode: number = EXIT.ok;
	let isFinal = false;
	const program = createProgram(terminal, (code, when) => {
		exitCode = code;
		isFinal = when === "final";
	});
	try {
		await program.parseAsync(argv, { from: "user" });
		return terminal.signal.aborted && !isFinal ? EXIT.interrupted : exitCode;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		if (terminal.signal.aborted) return EXIT.interrupted;
		return tell(error, terminal);
	}
}

function tell(error: unknown, terminal: Terminal): number {
	if (error instanceof CollectorError) {
		if ((error.cause as NodeJS.ErrnoException | undefined)?.code === "EPIPE") return EXIT.ok;
		terminal.err(`kube-audit: ${error.message}\n`);
		return error.action === "stop" ? EXIT.usage : EXIT.failure;
	}
	terminal.err(`kube-audit: a fault of ours (${(error as Error | undefined)?.message ?? String(error)}); please report it\n`);
	return EXIT.failure;
}

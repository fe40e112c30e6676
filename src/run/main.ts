/** Ties the command line to the process: streams, Ctrl-C, exit code. */

import { once } from "node:events";
import { runCli } from "./cli.ts";
import type { Terminal } from "./terminal.ts";

const IN_CHECKOUT = import.meta.filename.endsWith(".ts");

export async function main(): Promise<void> {
	const stop = new AbortController();
	process.once("SIGINT", () => stop.abort(new Error("stopped by Ctrl-C")));
	process.once("SIGTERM", () => stop.abort(new Error("stopped by a signal")));
	process.stdout.on("error", () => {});
	const terminal: Terminal = {
		stdin: process.stdin,
		out: (text) => void process.stdout.write(text),
		err: (text) => void process.stderr.write(text),
		isTerminal: process.stderr.isTTY === true,
		command: IN_CHECKOUT ? "npm run -s kube-audit --" : "kube-audit",
		signal: stop.signal,
		onHangup: (listener) => void process.on("SIGHUP", listener),
	};
	process.exitCode = await runCli(process.argv.slice(2), terminal);
	if (process.stdout.writableNeedDrain) await once(process.stdout, "drain").catch(() => {});
}

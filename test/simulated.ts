/** Simulated services for tests of the front door: with settings written to a folder, and an environment that finds them. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../src/run/cli.ts";
import { simulate } from "../src/run/simulate/simulate.ts";
import type { FixtureEvent } from "../src/run/simulate/simulate-fixtures.ts";
import { systemClock } from "../src/run/system-clock.ts";
import { eventText } from "../src/simulation/planted-event.ts";
import type { Ended } from "./program.ts";
import { type Json, parseLines } from "./replay-kit.ts";

export interface RunHere {
	/** Stops it, as Ctrl-C does. */
	readonly signal?: AbortSignal;
	/** Told all that was printed so far. */
	onStdout?(stdout: string, stderr: string): void;
}

/** The command line without a process of its own. */
export async function runHere(args: readonly string[], { signal, onStdout }: RunHere = {}): Promise<Ended> {
	let [stdout, stderr] = ["", ""];
	const code = await runCli(args, {
		stdin: (async function* () {})(),
		out(text) {
			stdout += text;
			onStdout?.(stdout, stderr);
		},
		err(text) {
			stderr += text;
		},
		isTerminal: false,
		command: "kube-audit",
		signal: signal ?? new AbortController().signal,
		onHangup() {},
	});
	return { code, stdout, stderr };
}

/** Events `everyMs` apart, with the audit ids "event-0", "event-1", ... */
export function eventsEvery(everyMs: number, count: number): readonly FixtureEvent[] {
	return Array.from({ length: count }, (_, i) => {
		const auditID = `event-${i}`;
		return { event: { ...(JSON.parse(eventText(auditID, i * everyMs)) as object), auditID }, timeMs: i * everyMs };
	});
}

export interface ServedEvents extends AsyncDisposable {
	/** Path of settings that find the service, and write to `out`. */
	readonly config: string;
	readonly out: string;
	readonly oldestMs: number;
	readonly newestMs: number;
	/** What was written to `out`. */
	delivered(): readonly Json[];
}

/** Serves events; the environment of this process finds the service as long as it is open. */
export async function serveEvents(connector: string, events: readonly FixtureEvent[], folder: string): Promise<ServedEvents> {
	const service = await simulate({ connector, events, port: 0, faultRate: 0, clock: systemClock, random: Math.random });
	const leave = enter(service.env);
	const [config, out] = [join(folder, "kube-audit.yaml"), join(folder, "events.ndjson")];
	writeFileSync(out, "");
	writeFileSync(config, service.config.replace('"stdout:"', JSON.stringify(`file:${out}`)));
	return {
		config,
		out,
		oldestMs: service.oldestMs,
		newestMs: service.newestMs,
		delivered: () => parseLines(readFileSync(out, "utf8")),
		async [Symbol.asyncDispose]() {
			leave();
			await service[Symbol.asyncDispose]();
		},
	};
}

/** Sets variables of this process's environment; gives how to set them back. */
export function enter(env: Readonly<Record<string, string>>): () => void {
	const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
	Object.assign(process.env, env);
	return () => {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	};
}

/** Opens what the outside sees of a running collector: log lines about its sources, and whether any of them gave up. */

import { NO_METER } from "../contract/meter.ts";
import type { SourceState } from "../pipeline/supervise.ts";
import { accountedFor } from "../pipeline/tally.ts";
import type { Config } from "./config.ts";
import type { Outside } from "./outside.ts";
import { redactSecrets } from "./secrets.ts";
import type { Terminal } from "./terminal.ts";

export interface Log {
	info(line: string): void;
	error(line: string): void;
}

export interface OpenOutside extends Outside, AsyncDisposable {
	readonly log: Log;
	/** A source has stopped for good, and not because it was asked to. */
	hasFailed(): boolean;
}

export async function openOutside(_: Config, terminal: Terminal): Promise<OpenOutside> {
	let failed = false;
	const log: Log = {
		info: (line) => terminal.err(`${redactSecrets(line)}\n`),
		error: (line) => terminal.err(`error: ${redactSecrets(line)}\n`),
	};

	function tell(name: string, state: SourceState): void {
		if (state.kind === "running") return;
		const reason = state.error instanceof Error ? state.error.message : String(state.error);
		if (state.kind === "stopped") {
			failed = true;
			log.error(`${name} has stopped: ${reason}`);
		} else if (state.kind === "parked") log.error(`${name} is parked for ${state.waitMs / 60_000} minutes: ${reason}`);
	}

	return {
		log,
		hasFailed: () => failed,
		watch: ({ id }, scope) => ({
			source: id,
			scope,
			state: (state) => tell(scope === undefined ? id : `${id}: ${scope.name}`, state),
			settled() {},
			ended() {},
		}),
		meterOf: () => NO_METER,
		observerOf: () => ({ event() {}, skipped() {}, bad() {} }),
		done({ id }, scope, tallies) {
			const [tally] = tallies;
			if (tally !== undefined) log.info(`${id}: ${scope.name}: ${tally.forwarded} of ${accountedFor(tally)} records forwarded`);
		},
		async [Symbol.asyncDispose]() {},
	};
}

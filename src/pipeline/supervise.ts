/** Keeps a source running: what each error means is read from the table, and one way of recovery serves all of them. */

import { CollectorError, type ErrorAction } from "../contract/errors.ts";
import type { Tally } from "../contract/tally.ts";
import { type PipelineOptions, runPipeline } from "./pipeline.ts";
import { newTally } from "./tally.ts";

export interface Supervision {
	/** Failures in a row, without a checkpoint in between, after which the error is thrown on. Infinity: never. */
	readonly failuresMax: number;
	readonly delayMinMs: number;
	readonly delayMaxMs: number;
	/** How long a source rests whose access is denied. */
	readonly parkMs: number;
	/** Told of every change. */
	onState?(state: SourceState): void;
}

export type SourceState =
	| { readonly kind: "running" }
	| { readonly kind: "waiting" | "parked"; readonly error: CollectorError; readonly waitMs: number }
	| { readonly kind: "stopped"; readonly error: unknown };

export const DEFAULT_SUPERVISION: Supervision = {
	failuresMax: Number.POSITIVE_INFINITY,
	delayMinMs: 1_000,
	delayMaxMs: 5 * 60_000,
	parkMs: 10 * 60_000,
};

/**
 * Runs the pipeline again from its checkpoints after every failure that the table of errors allows it for. Resolves as
 * runPipeline does; rejects with an error that says "stop", with a bug, or when failures in a row are too many.
 */
export async function keepRunning(options: PipelineOptions, supervision: Supervision): Promise<readonly Tally[]> {
	const { host, stop, checkpoints } = options;
	const tallies = options.routes.map(newTally);
	const over = AbortSignal.any([host.signal, ...(stop === undefined ? [] : [stop])]);
	let failures = 0;
	const store: typeof checkpoints.store = {
		load: (key) => checkpoints.store.load(key),
		async save(key, cursor, expected) {
			const version = await checkpoints.store.save(key, cursor, expected);
			failures = 0;
			return version;
		},
	};
	for (;;) {
		supervision.onState?.({ kind: "running" });
		try {
			return await runPipeline({ ...options, checkpoints: { ...checkpoints, store } }, tallies);
		} catch (error) {
			const action = over.aborted ? "stop" : actionOn(error);
			const isTooMany = ++failures > supervision.failuresMax;
			if (!(error instanceof CollectorError) || isTooMany || (action !== "retry" && action !== "park")) {
				supervision.onState?.({ kind: "stopped", error });
				throw error;
			}
			const waitMs = action === "park" ? supervision.parkMs : backOff(supervision, failures, host.random);
			supervision.onState?.({ kind: action === "park" ? "parked" : "waiting", error, waitMs });
			host.log(`${error.message}; reading on from the last checkpoint in ${Math.ceil(waitMs / 1000)} s`);
			await host.clock.wait(waitMs, over).catch(() => {});
			if (over.aborted) return tallies;
		}
	}
}

function actionOn(error: unknown): ErrorAction {
	return error instanceof CollectorError ? error.action : "stop";
}

function backOff({ delayMinMs, delayMaxMs }: Supervision, failures: number, random: () => number): number {
	return random() * Math.min(delayMaxMs, delayMinMs * 2 ** Math.min(failures, 30));
}

/** What a running collector tells of itself to whoever looks from outside: the part of what sources share that only watches. */

import type { CheckpointStore } from "../../contract/checkpoint.ts";
import type { Sink } from "../../contract/sink.ts";
import type { Gate } from "../../pipeline/gate.ts";
import type { Shared } from "../source-runner.ts";

/** Told of every scope's state and progress, counts what happens, and gives out the meters and observers that count. */
export interface Outside extends Pick<Shared, "watch" | "meterOf" | "observerOf" | "done"> {
	/** Puts counters around what was opened. Absent: nobody counts. */
	readonly counted?: {
		sink(sink: Sink, name: string): Sink;
		store(store: CheckpointStore): CheckpointStore;
		gate(gate: Gate): Gate;
	};
	/** Everything is open, and sources are about to start. The sinks are those that take OCSF. */
	opened?(sinks: readonly Sink[], store: CheckpointStore): void;
	/** All sources have ended; sinks are about to close. */
	ended?(kill: AbortSignal): Promise<void>;
}

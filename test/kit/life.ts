/** The state of a simulated world, and the numbered calls at which its process dies. */

import type { CheckpointStore } from "../../src/contract/checkpoint.ts";
import type { Timing } from "../../src/contract/connector.ts";
import type { Meter } from "../../src/contract/meter.ts";
import type { Delivery, EncodedEvent, SendResult } from "../../src/contract/sink.ts";
import type { PipelineLimits } from "../../src/pipeline/pipeline.ts";
import type { FakeClock } from "../../src/simulation/fake-clock.ts";
import type { FaultRates } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import type { Service, Subject } from "./subject.ts";

/** When every simulation begins: an arbitrary Monday. */
export const BEGIN_MS = Date.UTC(2026, 0, 5, 9);

export interface WorldOptions {
	readonly seed: number;
	readonly events: readonly PlantedEvent[];
	/** The world is left alone until then, epoch milliseconds of the collector's clock; then it is stopped. */
	readonly endMs: number;
	/** When the collector starts for the first time: until then a backlog grows. Absent: at once. */
	readonly startAtMs?: number;
	/** How long a send takes: reading goes on meanwhile. */
	readonly sendMs?: number;
	/** The service's clock minus the collector's. */
	readonly skewMs?: number;
	readonly clientFaults?: FaultRates;
	/** How likely a send or a save fails, in one of several ways. */
	readonly sinkFaultRate?: number;
	readonly storeFaultRate?: number;
	/** Faults end then, so that what they held up can arrive. */
	readonly calmMs?: number;
	/** Numbers of calls at which the process dies, before the call takes effect or after it. */
	readonly crashes?: readonly Crash[];
	readonly limits?: Partial<PipelineLimits>;
	/** The world ends with a kill, not with a stop. */
	readonly killAtEnd?: boolean;
	/** Instead of a sink that takes events and fails by plan. */
	readonly send?: (delivery: Delivery, signal: AbortSignal) => Promise<SendResult>;
	/** Told of each event that the sink takes, in place of counting serials in `sends`. */
	readonly took?: (event: EncodedEvent) => void;
	/** Goes on beside the collector from the beginning, as what plants more while time passes; it must end by itself. */
	readonly meanwhile?: (world: World) => Promise<void>;
	readonly timing?: Partial<Timing>;
	readonly meter?: Meter;
}

export interface Crash {
	readonly call: number;
	readonly when: "before" | "after";
}

export interface Outcome {
	/** Serials that were planted and neither delivered nor quarantined. */
	readonly missing: readonly string[];
	/** Serial -> how often the sink took it. */
	readonly sends: ReadonlyMap<string, number>;
	/** Every call on client, sink, store and clock. */
	readonly calls: readonly string[];
	readonly restarts: number;
	readonly logs: readonly string[];
	readonly pagesListed: number;
	/** How long the world took to stop, milliseconds of its clock, and waits that were left behind. */
	readonly stoppedInMs: number;
	readonly waitsLeft: number;
	/** What ended the collector before its time. */
	readonly error?: unknown;
}

export const CRASH = new Error("the process is gone");

export interface World {
	readonly options: WorldOptions;
	readonly subject: Subject;
	readonly clock: FakeClock;
	readonly random: () => number;
	readonly service: Service;
	readonly store: CheckpointStore;
	readonly sends: Map<string, number>;
	readonly quarantined: Set<string>;
	readonly calls: string[];
	readonly logs: string[];
	readonly crashes: Crash[];
	/** Of the process that runs now. */
	process: AbortController;
}

export type Numbered = Pick<World, "calls" | "crashes" | "process" | "options" | "clock">;

export function isCalm({ options, clock }: Numbered): boolean {
	return clock.now() >= (options.calmMs ?? Number.POSITIVE_INFINITY);
}

/** A numbered call begins: a dead process makes none. */
export function enter(world: Numbered, what: string): void {
	if (world.process.signal.aborted) throw CRASH;
	world.calls.push(what);
	die(world, "before");
}

function die(world: Numbered, when: Crash["when"]): void {
	const due = world.crashes.findIndex((crash) => crash.when === when && world.calls.length >= crash.call);
	if (due < 0) return;
	world.crashes.splice(due, 1);
	world.process.abort(CRASH);
	throw CRASH;
}

export async function numbered<T>(world: World, what: string, effect: () => T | Promise<T>): Promise<T> {
	enter(world, what);
	const result = await effect();
	die(world, "after");
	return result;
}

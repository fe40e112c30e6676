/** A simulated world around one connector: a service, a network, a sink and a store that fail by plan, and a process that dies. */

import { createMemoryCheckpoints } from "../../src/checkpoint/memory.ts";
import type { CheckpointStore } from "../../src/contract/checkpoint.ts";
import type { Host, Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import type { Delivery, SendResult, Sink } from "../../src/contract/sink.ts";
import { DEFAULT_PIPELINE_LIMITS, type PipelineLimits, type PipelineOptions } from "../../src/pipeline/pipeline.ts";
import { DEFAULT_SUPERVISION, keepRunning } from "../../src/pipeline/supervise.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { createPrepare } from "../../src/run/prepare.ts";
import { createFakeClock, type FakeClock } from "../../src/simulation/fake-clock.ts";
import { type FaultRates, seededFaults } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { serialIn } from "./load.ts";
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

/** Made once: it is the same for all worlds, and its tables are not small. */
const PREPARE = createPrepare({
	schema: "ocsf",
	policy: createPolicy({ redaction: { enabled: true } }),
	clock: { now: () => BEGIN_MS, wait: async () => {} },
});

const CRASH = new Error("the process is gone");

interface World {
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

/** Runs the collector in a world until `endMs`, starting it anew whenever it dies. The same options give the same outcome. */
export async function runWorld(subject: Subject, options: WorldOptions): Promise<Outcome> {
	const clock = createFakeClock(BEGIN_MS);
	const world = createWorld(subject, options, clock);
	for (const event of options.events) world.service.plant(event);
	return clock.run(live(world));
}

function createWorld(subject: Subject, options: WorldOptions, clock: FakeClock): World {
	const random = randomOf(options.seed);
	const skewMs = options.skewMs ?? 0;
	const serviceClock = { now: () => clock.now() + skewMs, wait: clock.wait };
	const plan = seededFaults(random, options.clientFaults ?? {});
	const world: Omit<World, "service"> = {
		options,
		subject,
		clock,
		random,
		store: createMemoryCheckpoints(),
		sends: new Map(),
		quarantined: new Set(),
		calls: [],
		logs: [],
		crashes: [...(options.crashes ?? [])],
		process: new AbortController(),
	};
	const faults = (operation: string): ReturnType<typeof plan> => {
		enter(world, `client ${operation}`);
		return isCalm(world) ? undefined : plan(operation);
	};
	return Object.assign(world, { service: subject.create({ clock: serviceClock, random, faults }) });
}

type Numbered = Pick<World, "calls" | "crashes" | "process" | "options" | "clock">;

function isCalm({ options, clock }: Numbered): boolean {
	return clock.now() >= (options.calmMs ?? Number.POSITIVE_INFINITY);
}

/** A numbered call begins: a dead process makes none. */
function enter(world: Numbered, what: string): void {
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

async function numbered<T>(world: World, what: string, effect: () => T | Promise<T>): Promise<T> {
	enter(world, what);
	const result = await effect();
	die(world, "after");
	return result;
}

async function live(world: World): Promise<Outcome> {
	const { options, clock } = world;
	const stop = new AbortController();
	const end = clock.wait(options.endMs - clock.now()).then(() => {
		stop.abort();
		if (options.killAtEnd === true) world.process.abort(CRASH);
	});
	let restarts = 0;
	let error: unknown;
	await clock.wait((options.startAtMs ?? BEGIN_MS) - clock.now());
	for (; !stop.signal.aborted; restarts++) {
		const ended = await collect(world, stop.signal).then(
			() => "stopped",
			(reason: unknown) => ({ reason }),
		);
		if (world.process.signal.aborted) world.process = new AbortController();
		else if (typeof ended === "object") {
			error = ended.reason;
			break;
		}
	}
	const stoppedInMs = clock.now() - options.endMs;
	const waitsLeft = clock.waiting();
	if (error === undefined) await end;
	const isThere = ({ serial }: PlantedEvent): boolean => world.sends.has(serial) || world.quarantined.has(serial);
	return {
		missing: options.events.filter((event) => !isThere(event)).map(({ serial }) => serial),
		sends: world.sends,
		calls: world.calls,
		restarts,
		logs: world.logs,
		pagesListed: world.calls.filter((call) => call.startsWith("client")).length,
		stoppedInMs,
		waitsLeft,
		...(error === undefined ? {} : { error }),
	};
}

/** One life of the process. */
async function collect(world: World, stop: AbortSignal): Promise<void> {
	const { subject, service } = world;
	const pulls = service.pulls();
	const host = hostOf(world);
	const scopes = await scopesOf(world, host, pulls, stop);
	await Promise.all(
		scopes.map((scope) => {
			const options: PipelineOptions = {
				open: (saved, signal) =>
					pulls.read({
						settings: service.settings as never,
						scope,
						saved: saved.get(scope.name) ?? new Map(),
						startMs: BEGIN_MS - 60_000,
						until: "stopped",
						host: { ...host, signal },
					}),
				partitions: [scope.name],
				connectorOf: () => subject.connector,
				routes: [{ sink: sinkOf(world), prepare: PREPARE }],
				quarantine: quarantineOf(world),
				checkpoints: { store: storeOf(world), source: "simulated" },
				observer: { event() {}, skipped() {}, bad() {} },
				limits: { ...DEFAULT_PIPELINE_LIMITS, ...world.options.limits },
				host,
				stop,
			};
			return keepRunning(options, DEFAULT_SUPERVISION);
		}),
	);
}

/** As the front door does it: a service that cannot be asked now is asked again. */
async function scopesOf(world: World, host: Host, pulls: ReturnType<Service["pulls"]>, stop: AbortSignal): Promise<readonly Scope[]> {
	for (;;) {
		try {
			return await pulls.scopes(world.service.settings as never, host);
		} catch (error) {
			if (host.signal.aborted || !(error instanceof CollectorError)) throw error;
			if (stop.aborted || !["retry", "park"].includes(error.action)) throw error;
			await host.clock.wait(60_000, AbortSignal.any([host.signal, stop])).catch(() => {});
		}
	}
}

function hostOf(world: World): Host {
	const { clock, random, logs } = world;
	const { signal } = world.process;
	async function wait(ms: number, until?: AbortSignal): Promise<void> {
		enter(world, "clock wait");
		await clock.wait(ms, AbortSignal.any([signal, ...(until === undefined ? [] : [until])]));
	}
	return { signal, clock: { now: clock.now, wait }, random, log: (line) => void logs.push(line), meter: NO_METER };
}

function sinkOf(world: World): Sink {
	const take = (delivery: Delivery, indexes: readonly number[]): void => {
		for (const index of indexes) {
			const serial = serialIn(delivery.events[index]?.bytes ?? new Uint8Array(0));
			if (serial !== undefined) world.sends.set(serial, (world.sends.get(serial) ?? 0) + 1);
		}
	};
	return {
		name: "recorder",
		send: (delivery, signal) =>
			numbered(world, `sink ${delivery.events.length}`, () => world.options.send?.(delivery, signal) ?? seededSend(world, delivery, take)),
		[Symbol.asyncDispose]: async () => {},
	};
}

const error = (code: "SINK_UNAVAILABLE" | "SINK_REJECTED" | "CHECKPOINT_UNAVAILABLE"): CollectorError =>
	new CollectorError(code, "by plan of the simulation");

async function seededSend(
	world: World,
	delivery: Delivery,
	take: (delivery: Delivery, indexes: readonly number[]) => void,
): Promise<SendResult> {
	const { random, clock, options } = world;
	const all = [...delivery.events.keys()];
	if (options.sendMs !== undefined) await clock.wait(options.sendMs, world.process.signal);
	const dice = isCalm(world) ? 1 : random() / (options.sinkFaultRate ?? 0);
	if (dice < 0.2) return { status: "retry", error: error("SINK_UNAVAILABLE") };
	if (dice < 0.4) {
		// It took everything, and we do not get to know.
		take(delivery, all);
		return { status: "retry", error: error("SINK_UNAVAILABLE") };
	}
	if (dice < 0.6) {
		const retry = all.filter(() => random() < 0.5);
		take(
			delivery,
			all.filter((index) => !retry.includes(index)),
		);
		return retry.length === 0 ? { status: "settled", rejected: [] } : { status: "partial", rejected: [], retry };
	}
	if (dice < 0.7) return { status: "settled", rejected: all.map((index) => ({ index, error: error("SINK_REJECTED") })) };
	if (dice < 1) await clock.wait(random() * 20_000, world.process.signal);
	take(delivery, all);
	return { status: "settled", rejected: [] };
}

function storeOf(world: World): CheckpointStore {
	const { store, random, options } = world;
	const isFault = (): boolean => !isCalm(world) && random() < (options.storeFaultRate ?? 0);
	return {
		load: (key) =>
			numbered(world, `store load ${key.tier}`, () => {
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				return store.load(key);
			}),
		save: (key, cursor, expected) =>
			numbered(world, `store save ${key.tier}`, async () => {
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				// What is saved is what JSON makes of it.
				const version = await store.save(key, JSON.parse(JSON.stringify(cursor)), expected);
				if (isFault()) throw error("CHECKPOINT_UNAVAILABLE");
				return version;
			}),
	};
}

function quarantineOf(world: World): PipelineOptions["quarantine"] {
	return {
		async add({ body }) {
			if (world.process.signal.aborted) throw CRASH;
			const serial = serialIn(body);
			if (serial !== undefined) world.quarantined.add(serial);
		},
		[Symbol.asyncDispose]: async () => {},
	};
}

/** A simulated world around one connector: a service, a network, a sink and a store that fail by plan, and a process that dies. */

import { createMemoryCheckpoints } from "../../src/checkpoint/memory.ts";
import type { Host, Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { DEFAULT_PIPELINE_LIMITS, type PipelineOptions } from "../../src/pipeline/pipeline.ts";
import { DEFAULT_SUPERVISION, keepRunning } from "../../src/pipeline/supervise.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { createPrepare } from "../../src/run/prepare.ts";
import { createFakeClock, type FakeClock } from "../../src/simulation/fake-clock.ts";
import { seededFaults } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { hostOf, quarantineOf, sinkOf, storeOf } from "./around.ts";
import { BEGIN_MS, CRASH, enter, isCalm, type Outcome, type World, type WorldOptions } from "./life.ts";
import type { Service, Subject } from "./subject.ts";

/** Made once: it is the same for all worlds, and its tables are not small. */
const PREPARE = createPrepare({
	schema: "ocsf",
	policy: createPolicy({ redaction: { enabled: true } }),
	clock: { now: () => BEGIN_MS, wait: async () => {} },
});

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

async function live(world: World): Promise<Outcome> {
	const { options, clock } = world;
	const stop = new AbortController();
	const end = clock.wait(options.endMs - clock.now()).then(() => {
		stop.abort();
		if (options.killAtEnd === true) world.process.abort(CRASH);
	});
	const beside = options.meanwhile?.(world);
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
	if (error === undefined) await Promise.all([end, beside]);
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
	const host = hostOf(world);
	const pulls = service.pulls(host.clock);
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
						timing: world.options.timing ?? {},
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

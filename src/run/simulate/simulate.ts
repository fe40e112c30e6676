/** Serves audit events through a connector's simulator, and writes the settings that find it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { OpenSimulation, Simulation } from "../../simulation/simulation.ts";
import { endlessly, movedTimes, plantedOf } from "./simulate-events.ts";
import type { FixtureEvent } from "./simulate-fixtures.ts";

/** Connector -> its simulator, loaded only if it is the one. */
const SIMULATIONS: Readonly<Record<string, () => Promise<{ readonly openSimulation: OpenSimulation }>>> = {
	"aws-cloudwatch": () => import("../../../connectors/aws-cloudwatch/simulate.ts"),
	"azure-diagnostics": () => import("../../../connectors/azure-diagnostics/simulate.ts"),
	"gcp-cloud-logging": () => import("../../../connectors/gcp-cloud-logging/simulate.ts"),
};

/** Connectors that have one. */
export const SIMULATED: readonly string[] = Object.keys(SIMULATIONS);

export interface SimulateOptions {
	/** One of SIMULATED. */
	readonly connector: string;
	/** Sorted by time; at least one. */
	readonly events: readonly FixtureEvent[];
	/** 0: any free port. */
	readonly port: number;
	readonly faultRate: number;
	readonly clock: Clock;
	random(): number;
}

export interface Simulated extends AsyncDisposable, Pick<Simulation, "url" | "env"> {
	/** A whole settings file for `kube-audit run`. */
	readonly config: string;
	/** Of the events that are served, epoch milliseconds. */
	readonly oldestMs: number;
	readonly newestMs: number;
	/** Goes on with the events, with new times and audit ids, until the signal fires. */
	serve(perSecond: number, signal: AbortSignal): Promise<void>;
}

/** So that a reader who asks at once sees all: services' dates have whole seconds. */
const NEWEST_AGO_MS = 1_000;
const TICK_MS = 50;

/**
 * Serves the events on loopback, the newest as if it had happened a second ago. Throws CONFIG_INVALID if the port cannot be had.
 */
export async function simulate(options: SimulateOptions): Promise<Simulated> {
	const { connector, events, clock } = options;
	await using stack = new AsyncDisposableStack();
	const folder = await mkdtemp(join(tmpdir(), "kube-audit-simulated-"));
	stack.defer(() => rm(folder, { recursive: true, force: true }));
	const simulation = await open(options, folder);
	stack.defer(() => simulation.close());
	const times = movedTimes(
		events.map(({ timeMs }) => timeMs),
		clock.now() - NEWEST_AGO_MS,
	);
	for (const [i, event] of events.entries()) simulation.plant(plantedOf(event, times[i] as number));
	const [oldestMs = 0, newestMs = 0] = [times[0], times.at(-1)];
	const { url, env } = simulation;
	const opened = stack.move();
	return {
		url,
		env,
		config: configOf(connector, simulation, oldestMs, folder),
		oldestMs,
		newestMs,
		serve: (perSecond, signal) => serve(simulation, perSecond, options, signal),
		[Symbol.asyncDispose]: () => opened.disposeAsync(),
	};
}

async function open({ connector, port, faultRate, clock, random }: SimulateOptions, folder: string): Promise<Simulation> {
	const load = Object.hasOwn(SIMULATIONS, connector) ? SIMULATIONS[connector] : undefined;
	if (load === undefined) throw new CollectorError("CONFIG_INVALID", `${connector} is not simulated: only ${SIMULATED.join(", ")}`);
	const { openSimulation } = await load();
	return openSimulation({ clock, random, port, faultRate, folder }).catch((error: NodeJS.ErrnoException) => {
		if (error.syscall !== "listen") throw error;
		const reason = error.code === "EADDRINUSE" ? "is in use" : `cannot be had (${error.code})`;
		throw new CollectorError("CONFIG_INVALID", `port ${port} ${reason}: choose another with --port`, { cause: error });
	});
}

async function serve(simulation: Simulation, perSecond: number, { clock, events }: SimulateOptions, signal: AbortSignal): Promise<void> {
	const next = endlessly(events);
	const beganMs = clock.now();
	for (let planted = 0; !signal.aborted; ) {
		const nowMs = clock.now();
		for (const due = Math.floor(((nowMs - beganMs) * perSecond) / 1000); planted < due; planted++) simulation.plant(next(nowMs));
		await clock.wait(perSecond > 0 ? TICK_MS : Number.POSITIVE_INFINITY, signal).catch(() => {});
	}
}

/** What has been read of this simulation is forgotten with it: the next one begins anew. */
function configOf(connector: string, { url, settings }: Simulation, oldestMs: number, folder: string): string {
	const entry = ["id: simulated", ...settings.split("\n"), `since: ${new Date(oldestMs).toISOString()}`];
	return [
		`# ${connector}, simulated by kube-audit on ${url} for as long as that runs.`,
		"sources:",
		...entry.map((line, i) => `${i === 0 ? "  - " : "    "}${line}`),
		"sinks:",
		'  - "stdout:"',
		`checkpoints: ${JSON.stringify(`file:${join(folder, "checkpoints.db")}`)}`,
		"listen: false",
		"",
	].join("\n");
}

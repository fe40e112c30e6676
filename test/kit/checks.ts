/** What every connector that pulls must do, each as a simulation that can fail. */

import assert from "node:assert/strict";
import type { Delivery, SendResult } from "../../src/contract/sink.ts";
import type { Fault, FaultRates } from "../../src/simulation/faults.ts";
import { randomOf } from "../../src/simulation/random.ts";
import { BEGIN_MS, type Crash, type Outcome, type WorldOptions } from "./life.ts";
import { type LoadOptions, plannedEvents } from "./load.ts";
import type { Subject } from "./subject.ts";
import { runWorld } from "./world.ts";

export interface Check {
	readonly name: string;
	/** Rejects with what the connector did wrong. */
	run(subject: Subject): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const CALM_LOAD: LoadOptions = {
	events: 60,
	fromMs: BEGIN_MS,
	toMs: BEGIN_MS + 3 * MINUTE,
	delayMs: 5 * SECOND,
	slowRate: 0,
	slowMs: 100 * SECOND,
	lateRate: 0,
	lateMs: 12 * MINUTE,
	twinRate: 0,
	futureRate: 0,
	futureMs: 30 * SECOND,
	largeRate: 0,
	largeCharacters: 20_000,
};

/** All kinds of awkward events at once. */
const ROUGH_LOAD: LoadOptions = { ...CALM_LOAD, slowRate: 0.2, twinRate: 0.3, futureRate: 0.05, largeRate: 0.03 };

function world(seed: number, load: LoadOptions, more: Partial<WorldOptions> = {}): WorldOptions {
	return { seed, events: plannedEvents(load, randomOf(seed)), endMs: load.toMs + 4 * MINUTE, ...more };
}

function expectAll(outcome: Outcome, what: string): void {
	if (outcome.error !== undefined) throw new Error(`${what}: the collector ended`, { cause: outcome.error });
	assert.deepEqual(
		outcome.missing,
		[],
		`${what}: ${outcome.missing.length} events were lost; ${outcome.restarts} restarts, ${outcome.calls.length} calls`,
	);
}

function mostSends({ sends }: Outcome): number {
	return Math.max(...sends.values());
}

async function deliversOnce(subject: Subject): Promise<void> {
	for (const seed of [1, 2, 3]) {
		const outcome = await runWorld(subject, world(seed, ROUGH_LOAD, { skewMs: (seed - 2) * 20 * SECOND }));
		expectAll(outcome, `seed ${seed}`);
		assert.equal(mostSends(outcome), 1, "an event was sent twice although nothing failed");
	}
}

async function goesByTheServicesClock(subject: Subject): Promise<void> {
	for (const skewMs of [-45 * MINUTE, 45 * MINUTE]) {
		const options = world(4, ROUGH_LOAD, { skewMs, endMs: ROUGH_LOAD.toMs + 55 * MINUTE });
		expectAll(await runWorld(subject, options), `the service's clock is ${skewMs / MINUTE} minutes off`);
	}
}

/** It starts with a backlog, and its sink is slow: windows are wider than the overlap, and reading runs ahead of settling. */
async function survivesEveryCrash(subject: Subject): Promise<void> {
	const load = { ...CALM_LOAD, events: 40, toMs: BEGIN_MS + 12 * MINUTE, slowRate: 0.3 };
	const slow: Partial<WorldOptions> = { startAtMs: BEGIN_MS + 9 * MINUTE, sendMs: 15 * SECOND, endMs: load.toMs + 8 * MINUTE };
	const calm = await runWorld(subject, world(7, load, slow));
	for (const when of ["before", "after"] as const) {
		for (let call = 1; call <= calm.calls.length; call++) {
			const outcome = await runWorld(subject, world(7, load, { ...slow, crashes: [{ call, when }] }));
			expectAll(outcome, `killed ${when} call ${call} (${calm.calls[call - 1]})`);
			assert.ok(mostSends(outcome) <= 3, `killed ${when} call ${call}: an event was sent ${mostSends(outcome)} times`);
		}
	}
}

async function survivesCrashesInRecovery(subject: Subject): Promise<void> {
	for (let seed = 1; seed <= 20; seed++) {
		const random = randomOf(seed);
		const crashes = Array.from(
			{ length: 6 },
			(): Crash => ({ call: 1 + Math.floor(random() * 250), when: random() < 0.5 ? "before" : "after" }),
		);
		expectAll(await runWorld(subject, world(seed, ROUGH_LOAD, { crashes })), `seed ${seed}`);
	}
}

function getsOver(fault: Fault, rate: number): Check {
	return {
		name: `gets over a service that answers with "${fault}"`,
		async run(subject) {
			const rates: FaultRates = { [fault]: rate };
			for (const seed of [11, 12, 13]) {
				const options = world(seed, CALM_LOAD, {
					clientFaults: rates,
					calmMs: CALM_LOAD.toMs + 30 * MINUTE,
					endMs: CALM_LOAD.toMs + 75 * MINUTE,
				});
				expectAll(await runWorld(subject, options), `seed ${seed}`);
			}
		},
	};
}

async function getsOverSinkAndStore(subject: Subject): Promise<void> {
	for (let seed = 21; seed <= 30; seed++) {
		const options = world(seed, ROUGH_LOAD, {
			sinkFaultRate: 0.5,
			storeFaultRate: 0.2,
			calmMs: ROUGH_LOAD.toMs + 20 * MINUTE,
			endMs: ROUGH_LOAD.toMs + 60 * MINUTE,
		});
		expectAll(await runWorld(subject, options), `seed ${seed}`);
	}
}

async function findsLateEvents(subject: Subject): Promise<void> {
	const load = { ...CALM_LOAD, lateRate: 0.2 };
	for (const seed of [31, 32, 33])
		expectAll(await runWorld(subject, world(seed, load, { endMs: load.toMs + 50 * MINUTE })), `seed ${seed}`);
}

async function stopsSoon(subject: Subject): Promise<void> {
	for (let seed = 41; seed <= 45; seed++) {
		const outcome = await runWorld(subject, world(seed, CALM_LOAD, { endMs: BEGIN_MS + seed * 3_331 }));
		assert.equal(outcome.error, undefined);
		assert.ok(outcome.stoppedInMs <= 5 * SECOND, `it took ${outcome.stoppedInMs} ms to stop`);
		assert.equal(outcome.waitsLeft, 0, "something still waits after the collector has stopped");
	}
}

/** A sink that takes nothing until it is told to: reading must come to a stop, and go on later. */
async function boundsWhatIsInFlight(subject: Subject): Promise<void> {
	const load = { ...CALM_LOAD, events: 2_000, toMs: BEGIN_MS + MINUTE };
	let held = 0;
	let mostHeld = 0;
	const send = async (delivery: Delivery, signal: AbortSignal): Promise<SendResult> => {
		held += delivery.events.length;
		mostHeld = Math.max(mostHeld, held);
		await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
		held -= delivery.events.length;
		return { status: "settled", rejected: [] };
	};
	const limits = { batchesInFlightMax: 4, bytesInFlightMax: 64 * 1024 };
	const options = world(51, load, { send, limits, crashes: [], endMs: BEGIN_MS + 30 * MINUTE, killAtEnd: true });
	const outcome = await runWorld(subject, options);
	const pages = outcome.calls.filter((call) => call.startsWith("client")).length;
	assert.ok(mostHeld > 0 && pages < 200, `a stalled sink did not stop reading: ${pages} calls`);
}

async function refusesUnknownSettings(subject: Subject): Promise<void> {
	const { accepts, settings } = subject.create({ clock: { now: () => 0, wait: async () => {} }, random: () => 0, faults: () => undefined });
	if (accepts === undefined) return;
	assert.ok(accepts(settings), "the subject's own settings are refused");
	assert.ok(!accepts({ ...(settings as object), surprise: 1 }), "an unknown key of the settings is let pass");
}

async function keepsSecrets(subject: Subject): Promise<void> {
	const rates: FaultRates = { throttle: 0.1, unavailable: 0.1, denied: 0.02, "expired-credentials": 0.1, garbled: 0.05 };
	const outcome = await runWorld(subject, world(61, CALM_LOAD, { clientFaults: rates, endMs: CALM_LOAD.toMs + 40 * MINUTE }));
	const told = outcome.logs.join("\n");
	for (const secret of subject.secrets ?? []) assert.ok(!told.includes(secret), "a secret of the settings was logged");
	for (const { text } of world(61, CALM_LOAD).events) assert.ok(!told.includes(text.slice(20, 60)), "a record's content was logged");
}

/** A world in which everything happens that a seed can think of. */
export function seededWorld(seed: number): WorldOptions {
	const random = randomOf(seed);
	const chance = (probability: number, rate: number): number => (random() < probability ? random() * rate : 0);
	const load: LoadOptions = {
		...CALM_LOAD,
		events: 20 + Math.floor(random() * 200),
		toMs: BEGIN_MS + MINUTE + Math.floor(random() * 8 * MINUTE),
		delayMs: 1 + random() * 20 * SECOND,
		slowRate: chance(0.7, 0.4),
		lateRate: chance(0.4, 0.1),
		twinRate: chance(0.6, 0.6),
		futureRate: chance(0.3, 0.2),
		largeRate: chance(0.3, 0.05),
	};
	const faults: Fault[] = ["throttle", "unavailable", "reset", "timeout", "garbled", "bad-token", "expired-credentials"];
	const rates = Object.fromEntries(faults.map((fault) => [fault, chance(0.4, 0.15)]));
	const crashes = Array.from(
		{ length: random() < 0.6 ? Math.floor(random() * 5) : 0 },
		(): Crash => ({
			call: 1 + Math.floor(random() * 600),
			when: random() < 0.5 ? "before" : "after",
		}),
	);
	const calmMs = load.toMs + 10 * MINUTE;
	return {
		...world(seed, load),
		...(random() < 0.4 ? { startAtMs: BEGIN_MS + Math.floor(random() * (load.toMs - BEGIN_MS)) } : {}),
		...(random() < 0.4 ? { sendMs: Math.floor(random() * 30 * SECOND) } : {}),
		skewMs: Math.floor((random() - 0.5) * 60 * SECOND),
		clientFaults: { ...rates, denied: chance(0.1, 0.01) },
		sinkFaultRate: chance(0.5, 0.6),
		storeFaultRate: chance(0.4, 0.2),
		limits: { batchesInFlightMax: 1 + Math.floor(random() * 8), bytesInFlightMax: random() < 0.3 ? 2_000 : 1 << 20 },
		crashes,
		calmMs,
		// A source may be parked for ten minutes when all is calm again; and what came too late waits for a sweep, or for the next wider one.
		endMs: calmMs + (load.lateRate > 0 ? 7 * 60 * MINUTE : 30 * MINUTE),
	};
}

/** Throws with the seed if an event is lost, or sent more often than the faults explain. */
export async function runSeed(subject: Subject, seed: number): Promise<Outcome> {
	const options = seededWorld(seed);
	const outcome = await runWorld(subject, options);
	expectAll(outcome, `seed ${seed}`);
	assert.ok(outcome.restarts <= (options.crashes?.length ?? 0) + 1, `seed ${seed}: ${outcome.restarts} restarts`);
	return outcome;
}

export const CHECKS: readonly Check[] = [
	{ name: "delivers everything once: late, twin, future-stamped, large, out of order", run: deliversOnce },
	{ name: "goes by the service's clock, not by its own", run: goesByTheServicesClock },
	{ name: "loses nothing when it is killed at any call of client, sink, store or clock", run: survivesEveryCrash },
	{ name: "loses nothing when it is killed again while it recovers", run: survivesCrashesInRecovery },
	getsOver("throttle", 0.3),
	getsOver("unavailable", 0.3),
	getsOver("reset", 0.3),
	getsOver("timeout", 0.2),
	getsOver("garbled", 0.2),
	getsOver("bad-token", 0.2),
	getsOver("expired-credentials", 0.2),
	getsOver("denied", 0.02),
	{ name: "gets over sinks and stores that fail before a call takes effect, or after it", run: getsOverSinkAndStore },
	{ name: "finds what came later than the overlap", run: findsLateEvents },
	{ name: "stops within a bound and leaves nothing behind", run: stopsSoon },
	{ name: "reads no more than a bound while the sink stalls", run: boundsWhatIsInFlight },
	{ name: "refuses settings that it does not know", run: refusesUnknownSettings },
	{ name: "logs no secret and no content", run: keepsSecrets },
];

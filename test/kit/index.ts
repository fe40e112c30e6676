/** The conformance kit: `checkConnector` registers the tests that every connector that pulls must pass, whoever wrote it. */

import { test } from "node:test";
import { CHECKS, runSeed } from "./checks.ts";
import type { Subject } from "./subject.ts";

export { eventText, type PlantedEvent } from "../../src/simulation/planted-event.ts";
export { CHECKS, type Check, runSeed, seededWorld } from "./checks.ts";
export type { Outcome, WorldOptions } from "./life.ts";
export type { Service, Subject, Surroundings } from "./subject.ts";
export { runWorld } from "./world.ts";

export interface CheckOptions {
	/** Simulations with everything at once; each has its own seed, printed if it fails. */
	readonly seeds?: number;
	readonly firstSeed?: number;
}

/** To be called at the top of a test file that `node --test` runs. */
export function checkConnector(subject: Subject, { seeds = 100, firstSeed = 1 }: CheckOptions = {}): void {
	const { name } = subject.connector;
	for (const check of CHECKS) test(`${name} ${check.name}`, () => check.run(subject));
	test(`${name} loses nothing in ${seeds} simulated worlds`, async () => {
		for (let seed = firstSeed; seed < firstSeed + seeds; seed++) await runSeed(subject, seed);
	});
}

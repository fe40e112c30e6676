/**
 * Runs the seeded simulations of the conformance kit by the thousand, for every connector that pulls:
 * `node scripts/run.mjs test/soak.ts --seeds 1000 [--first 1] [--connector aws-cloudwatch] [--faults]`.
 * With `--faults` it also plants each known fault in each connector's loop. Exits with 1 if a seed fails or no check catches a fault.
 */

import { parseArgs } from "node:util";
import { caughtBy } from "./caught-by.ts";
import { chosenSubjects, type SubjectOf } from "./conformance/subjects.ts";
import { runSeed, runWorld, type Subject, seededWorld } from "./kit/index.ts";
import { PLANTED_FAULTS } from "./kit/planted-faults.ts";
import { quantileOf } from "./quantile.ts";

const FAULT_SEEDS = 10;
/** Of what catches a fault, that many are named. */
const NAMED_MAX = 4;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface Soaked {
	seeds: number;
	failed: number;
	planted: number;
	lost: number;
	restarts: number;
	restartsMax: number;
	/** How many serials were sent that often. */
	readonly sends: number[];
}

async function soak(subject: Subject, name: string, first: number, seeds: number): Promise<void> {
	const startedMs = performance.now();
	const soaked: Soaked = { seeds, failed: 0, planted: 0, lost: 0, restarts: 0, restartsMax: 0, sends: [] };
	for (let seed = first; seed < first + seeds; seed++) {
		soaked.planted += seededWorld(seed).events.length;
		await runOne(subject, name, seed, soaked);
	}
	tell(name, first, soaked, (performance.now() - startedMs) / 1000);
	if (soaked.failed > 0) process.exitCode = 1;
}

async function runOne(subject: Subject, name: string, seed: number, soaked: Soaked): Promise<void> {
	try {
		// The first life of a process counts, too.
		const { restarts, sends } = await runSeed(subject, seed);
		soaked.restarts += restarts - 1;
		soaked.restartsMax = Math.max(soaked.restartsMax, restarts - 1);
		for (const times of sends.values()) soaked.sends[times] = (soaked.sends[times] ?? 0) + 1;
	} catch (error) {
		soaked.failed++;
		// The same seed loses the same events again.
		const lost = await runWorld(subject, seededWorld(seed)).then(
			({ missing }) => missing.length,
			() => 0,
		);
		soaked.lost += lost;
		print(`${name}: seed ${seed} failed, ${lost} events lost: ${wordsOf(error)}`);
		print(`  alone: node scripts/run.mjs test/soak.ts --connector ${name} --first ${seed} --seeds 1`);
	}
}

function wordsOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const [line = ""] = error.message.split("\n", 1);
	return error.cause === undefined ? line : `${line}; ${wordsOf(error.cause)}`;
}

function tell(name: string, first: number, soaked: Soaked, seconds: number): void {
	const { seeds, failed, planted, lost, restarts, restartsMax, sends } = soaked;
	const serials = sends.reduce((sum, count) => sum + count, 0);
	const total = sends.reduce((sum, count, times) => sum + count * times, 0);
	const mean = serials === 0 ? 0 : total / serials;
	print(name);
	print(`  seeds             ${first} to ${first + seeds - 1}: ${failed} failed; ${(seeds / seconds).toFixed(1)} a second`);
	print(`  events planted    ${planted}`);
	print(`  events lost       ${lost}`);
	print(`  sends per serial  mean ${mean.toFixed(3)}, p99 ${Math.max(0, quantileOf(sends, 0.99))}, max ${Math.max(0, sends.length - 1)}`);
	print(`  restarts          ${restarts}, at most ${restartsMax} in one world`);
}

async function plantFaults(subjectOf: SubjectOf): Promise<void> {
	for (const [fault, read] of Object.entries(PLANTED_FAULTS)) {
		const caught = await caughtBy(subjectOf(read), FAULT_SEEDS);
		print(`  fault: ${fault}`);
		print(`    ${caught.length === 0 ? "NOT CAUGHT" : `caught by ${caught.slice(0, NAMED_MAX).join("; ")}${more(caught)}`}`);
		if (caught.length === 0) process.exitCode = 1;
	}
}

function more({ length }: readonly string[]): string {
	return length > NAMED_MAX ? `; and ${length - NAMED_MAX} more` : "";
}

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "1000" },
		first: { type: "string", default: "1" },
		connector: { type: "string" },
		faults: { type: "boolean", default: false },
	},
});
for (const [name, subjectOf] of chosenSubjects(values.connector)) {
	await soak(subjectOf(), name, Number(values.first), Number(values.seeds));
	if (values.faults) await plantFaults(subjectOf);
}

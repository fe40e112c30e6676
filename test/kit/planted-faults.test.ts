import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECKS, runSeed } from "./checks.ts";
import { plainSubject } from "./plain-subject.ts";
import { PLANTED_FAULTS, type PlantedFault } from "./planted-faults.ts";

/** The checks that a fault makes fail, and the seeds of the first thirty. */
async function caughtBy(fault: PlantedFault): Promise<readonly string[]> {
	const subject = plainSubject(fault);
	const caught: string[] = [];
	for (const { name, run } of CHECKS) await run(subject).catch(() => caught.push(name));
	for (let seed = 1; seed <= 10; seed++) await runSeed(subject, seed).catch(() => caught.push(`seed ${seed}`));
	return caught;
}

for (const [name, fault] of Object.entries(PLANTED_FAULTS)) {
	test(`the kit catches a loop in which ${name}`, async (context) => {
		const caught = await caughtBy(fault);
		context.diagnostic(`caught by ${caught.length}: ${caught.join("; ")}`);
		assert.notEqual(caught.length, 0);
	});
}

/** Which of the kit's checks and seeds catch a planted fault: shows that the kit can fail. */

import { CHECKS, runSeed, type Subject } from "./kit/index.ts";

/** The names of the checks that reject, and "seed n" of the first `seeds` seeds. */
export async function caughtBy(subject: Subject, seeds: number): Promise<readonly string[]> {
	const caught: string[] = [];
	for (const { name, run } of CHECKS) await run(subject).catch(() => caught.push(name));
	for (let seed = 1; seed <= seeds; seed++) await runSeed(subject, seed).catch(() => caught.push(`seed ${seed}`));
	return caught;
}

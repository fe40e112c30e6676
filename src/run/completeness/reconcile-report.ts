/** What a comparison with the service's own count has to say to people. */

import type { Reconciled, Stretch } from "../../contract/connector.ts";

/** `backfill`: the command that reads a stretch. */
export function reconciledText(outcome: Reconciled, backfill: (stretch: Stretch) => string): string {
	const { fromMs, untilMs, expected, delivered, found, missing, gaps } = outcome;
	const stretch = `from ${at(fromMs)} to ${at(untilMs)}`;
	if (found + missing === 0) return `the service counts ${expected} records ${stretch}, and ${delivered} were seen: none is missing`;
	const counted = `the service counts ${expected} records ${stretch}, of which ${delivered} had been seen`;
	const read = `${found} were found by reading again, and are delivered`;
	const [first, last] = [gaps[0], gaps.at(-1)];
	if (first === undefined || last === undefined) return `${counted}; ${read}`;
	const whole = { fromMs: first.fromMs, untilMs: last.untilMs };
	return `${counted}; ${read}; ${missing} are missing, since the service does not list them. Later it may: ${backfill(whole)}`;
}

export function backfillTo(command: string, path: string, source: string): (stretch: Stretch) => string {
	return ({ fromMs, untilMs }) => `${command} backfill --config ${path} --source ${source} --from ${at(fromMs)} --until ${at(untilMs)}`;
}

function at(ms: number): string {
	return new Date(ms).toISOString();
}

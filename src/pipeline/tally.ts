/** Keeps the conservation sum: framed = joined + forwarded + filtered + skipped + quarantined. */

import assert from "node:assert/strict";
import type { Tally } from "../contract/tally.ts";

export function newTally(): Tally {
	return { framed: 0, joined: 0, forwarded: 0, filtered: new Map(), skipped: new Map(), quarantined: new Map() };
}

export function count(counts: Map<string, number>, key: string, by = 1): void {
	counts.set(key, (counts.get(key) ?? 0) + by);
}

export function total(counts: ReadonlyMap<string, number>): number {
	let sum = 0;
	for (const value of counts.values()) sum += value;
	return sum;
}

export function addTally(to: Tally, more: Tally): void {
	to.framed += more.framed;
	to.joined += more.joined;
	to.forwarded += more.forwarded;
	for (const key of ["filtered", "skipped", "quarantined"] as const) for (const [name, by] of more[key]) count(to[key], name, by);
}

/** Records that are accounted for. */
export function accountedFor(tally: Tally): number {
	return tally.joined + tally.forwarded + total(tally.filtered) + total(tally.skipped) + total(tally.quarantined);
}

/** A sum that does not hold is a bug of ours: better to stop than to lose without knowing it. */
export function assertConserved(route: string, tally: Tally): void {
	assert.equal(
		accountedFor(tally),
		tally.framed,
		`route ${route} lost count of records: ${JSON.stringify({ ...tally, accountedFor: accountedFor(tally) })}`,
	);
}

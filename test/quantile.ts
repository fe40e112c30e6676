/** Reads quantiles off counts of a bucket each. */

/** The first bucket up to which that share of all is counted; -1 if nothing is. Buckets that are absent count as empty. */
export function quantileOf(counts: ArrayLike<number | undefined>, share: number): number {
	let total = 0;
	for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0;
	let seen = 0;
	for (let i = 0; i < counts.length; i++) {
		seen += counts[i] ?? 0;
		if (seen > 0 && seen >= share * total) return i;
	}
	return -1;
}

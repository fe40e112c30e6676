/** Finds what a mistyped word was meant to be, for "did you mean". */

/** Longer words are not typed by hand. */
const WORD_LENGTH_MAX = 64;

/** The candidate that is a few slips of the keyboard away, the nearest first; undefined if none is. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
	if (word.length > WORD_LENGTH_MAX) return undefined;
	let found: string | undefined;
	let foundDistance = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		if (candidate.length > WORD_LENGTH_MAX) continue;
		const distance = editDistance(plain(word), plain(candidate));
		if (distance <= slipsAllowed(word, candidate) && distance < foundDistance) [found, foundDistance] = [candidate, distance];
	}
	return found;
}

/** In short words nearly everything is near. */
function slipsAllowed(word: string, candidate: string): number {
	return Math.min(3, Math.floor(Math.max(word.length, candidate.length) / 3));
}

/** Case and separators are what people confuse most: `log_groups` is `logGroups`. */
function plain(word: string): string {
	return word.toLowerCase().replace(/[-_. ]/g, "");
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other. */
function editDistance(a: string, b: string): number {
	let earlier: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const isSame = a[i - 1] === b[j - 1];
			const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
			const replaced = (last[j - 1] as number) + (isSame ? 0 : 1);
			const swapped = isSwap ? (earlier[j - 2] as number) + 1 : Number.POSITIVE_INFINITY;
			row.push(Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, replaced, swapped));
		}
		[earlier, last] = [last, row];
	}
	return last[b.length] as number;
}

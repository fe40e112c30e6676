/** Stretches of time: what several of them cover together, and what they leave out. */

/** Epoch milliseconds; `toMs` is not in it. */
export interface Range {
	readonly fromMs: number;
	readonly toMs: number;
}

/** In order, apart from one another, none empty: together they cover what the given ones cover. */
export function merged(ranges: Iterable<Range>): readonly Range[] {
	const found: { fromMs: number; toMs: number }[] = [];
	for (const { fromMs, toMs } of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
		if (!(toMs > fromMs)) continue;
		const last = found.at(-1);
		if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
		else found.push({ fromMs, toMs });
	}
	return found;
}

/** What of `whole` none of the ranges covers, in order. */
export function uncovered(whole: Range, ranges: Iterable<Range>): readonly Range[] {
	const left: Range[] = [];
	let atMs = whole.fromMs;
	for (const { fromMs, toMs } of merged(ranges)) {
		if (toMs <= atMs) continue;
		if (fromMs >= whole.toMs) break;
		if (fromMs > atMs) left.push({ fromMs: atMs, toMs: fromMs });
		atMs = toMs;
	}
	if (atMs < whole.toMs) left.push({ fromMs: atMs, toMs: whole.toMs });
	return left;
}

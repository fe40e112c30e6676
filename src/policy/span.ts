/** Parts of a text that are to be replaced. */

/** `text.slice(start, end)`. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** The spans in the order of the text; those that overlap become one. */
export function mergeSpans(spans: readonly Span[]): readonly Span[] {
	if (spans.length < 2) return spans;
	const merged: { start: number; end: number }[] = [];
	for (const span of [...spans].sort((a, b) => a.start - b.start)) {
		const last = merged.at(-1);
		if (last !== undefined && span.start < last.end) last.end = Math.max(last.end, span.end);
		else merged.push({ ...span });
	}
	return merged;
}

/** Those of `others` that touch none of the `spans`; both in the order of the text and apart, as `mergeSpans` gives them. */
export function besideSpans(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
	let next = 0;
	return others.filter((other) => {
		while (next < spans.length && (spans[next] as Span).end <= other.start) next++;
		const span = spans[next];
		return span === undefined || span.start >= other.end;
	});
}

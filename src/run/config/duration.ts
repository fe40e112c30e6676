/** Durations as people write them in settings: `10s`, `2m`, `1h30m`, `1d`. */

const UNITS = [
	["d", 86_400_000],
	["h", 3_600_000],
	["m", 60_000],
	["s", 1_000],
	["ms", 1],
] as const;

const UNIT_MS: ReadonlyMap<string, number> = new Map(UNITS);

/** Larger units first, each at most once; at least one. */
export const DURATION = /^(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,9}s)?(?:\d{1,12}ms)?$/;

/** Milliseconds; undefined if the text is no duration. A bare number is none: nobody could tell its unit. */
export function parseDuration(text: string): number | undefined {
	if (!DURATION.test(text)) return undefined;
	const parts = text.matchAll(/(\d+)(ms|[dhms])/g);
	return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS.get(unit as string) as number), 0);
}

/** What `parseDuration` reads as `ms` again: whole milliseconds, from 0 to a million days. */
export function formatDuration(ms: number): string {
	let rest = ms;
	let text = "";
	for (const [unit, unitMs] of UNITS) {
		const count = Math.floor(rest / unitMs);
		if (count > 0) text += `${count}${unit}`;
		rest -= count * unitMs;
	}
	return text === "" ? "0s" : text;
}

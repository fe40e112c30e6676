/** How `check` writes numbers, sizes and times for people. */

const UNITS = [
	["day", 86_400_000],
	["hour", 3_600_000],
	["minute", 60_000],
] as const;

/** "3 days", "90 minutes", "4 s": exact enough to act on. */
export function span(ms: number): string {
	for (const [unit, unitMs] of UNITS) {
		if (ms >= 2 * unitMs) return `${number(ms / unitMs)} ${unit}s`;
		if (ms === unitMs) return `1 ${unit}`;
	}
	return `${ms < 10_000 ? Number((ms / 1000).toFixed(1)) : Math.round(ms / 1000)} s`;
}

/** Small numbers with one digit after the point, if there is something. */
export function number(value: number): string {
	return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

export function bytes(value: number): string {
	return value < 1_000_000 ? `${number(value / 1000)} kB` : `${number(value / 1_000_000)} MB`;
}

/** The times that CloudWatch Logs writes around an event, made RFC 3339. */

/** Milliseconds have had more digits since March 1973; below it stand seconds, as some stored samples have them. */
const MILLISECONDS_MIN = 100_000_000_000;
const MILLISECONDS_MAX = Date.parse("9999-12-31T23:59:59.999Z");

const DIGITS = /^"?(\d{1,16})"?$/;
/** Logs Insights writes UTC without saying so. */
const DATE = /^"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?"$/;

/** RFC 3339 of a time given as its JSON text: epoch milliseconds (or seconds), or a date. Undefined if it is neither. */
export function loggedTimeOf(json: string): string | undefined {
	const [, date, clock, zone = "Z"] = DATE.exec(json) ?? [];
	if (date !== undefined) return `${date}T${clock}${zone}`;
	const digits = DIGITS.exec(json)?.[1];
	if (digits === undefined) return undefined;
	const value = Number(digits);
	const ms = value < MILLISECONDS_MIN ? value * 1000 : value;
	return ms > MILLISECONDS_MAX ? undefined : new Date(ms).toISOString();
}

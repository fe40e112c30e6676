/** Times of log entries: to integer nanoseconds for the identity, and from BigQuery's spellings to RFC 3339. */

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;
const NANO_DIGITS = 9;

/** Nanoseconds since 1970 of an RFC 3339 time with any number of fractional digits; undefined if it is none. */
export function nanosOf(time: string): bigint | undefined {
	const match = RFC_3339.exec(time);
	if (match === null) return undefined;
	const [, date, clock, fraction = "", zone = ""] = match;
	const ms = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
	if (Number.isNaN(ms)) return undefined;
	return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, NANO_DIGITS).padEnd(NANO_DIGITS, "0"));
}

const SQL_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?: UTC|\+00(?::00)?)?$/;
/** Epoch seconds, with a fraction or as a power of ten: `1.795446515190321E9`, the way the BigQuery API writes TIMESTAMP. */
const SECONDS = /^(\d+)(?:\.(\d+))?(?:[eE]\+?(\d\d?))?$/;
const MICRO_DIGITS = 6;
/** Seconds have fewer digits until the year 33658, microseconds have had more since 1970-01-12. */
const MICROS_DIGITS_MIN = 13;

/** BigQuery's `2026-11-23 15:08:35.190321 UTC`, microseconds or seconds, as RFC 3339; what is none of them stays as it is. */
export function rfc3339OfSql(value: string | number): string {
	const text = String(value);
	const sql = SQL_TIME.exec(text);
	if (sql !== null) return `${sql[1]}T${sql[2]}Z`;
	const seconds = SECONDS.exec(text);
	if (seconds === null) return text;
	const [, whole = "", fraction = "", exponent = "0"] = seconds;
	if (fraction === "" && exponent === "0" && whole.length >= MICROS_DIGITS_MIN) return rfc3339OfMicros(BigInt(whole)) ?? text;
	const shift = Number(exponent) + MICRO_DIGITS;
	return rfc3339OfMicros(BigInt(whole + fraction.slice(0, shift).padEnd(shift, "0"))) ?? text;
}

const MS_MAX = 8_640_000_000_000_000n;

function rfc3339OfMicros(micros: bigint): string | undefined {
	const ms = micros / 1000n;
	if (ms > MS_MAX) return undefined;
	const rest = String(micros % 1000n).padStart(3, "0");
	return new Date(Number(ms)).toISOString().replace("Z", `${rest}Z`);
}

const SECONDS_MIN = -62_135_596_800n;
const SECONDS_MAX = 253_402_300_799n;

/** Seconds and nanoseconds since 1970 as RFC 3339, without zeros at the end, as the API writes it; undefined beyond the years 1 to 9999. */
export function rfc3339Of(seconds: bigint, nanos: number): string | undefined {
	if (seconds < SECONDS_MIN || seconds > SECONDS_MAX || nanos < 0) return undefined;
	const time = new Date(Number(seconds) * 1000).toISOString().slice(0, -".000Z".length);
	const fraction = String(nanos).padStart(NANO_DIGITS, "0").replace(/0+$/, "");
	return `${time}${fraction === "" ? "" : `.${fraction}`}Z`;
}

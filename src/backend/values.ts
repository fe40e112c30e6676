/** DuckDB's values as JSON.stringify takes them: numbers stay exact, times are RFC 3339. */

import type { DuckDBValue, DuckDBValueConverter } from "@duckdb/node-api";
import { parseForWriting } from "../json/value.ts";

type Duckdb = typeof import("@duckdb/node-api");
type Convert = DuckDBValueConverter<unknown>;

/** Digits that a JavaScript number holds for certain. */
const NUMBER_DIGITS = 15;
const DATE_MS_MAX = 8.64e15;

/**
 * BIGINT and its like: a number, or text where a number would not be exact. JSON columns: what they say, written with
 * the numbers they had. UUID, DATE, INTERVAL, BLOB: DuckDB's text. Lists and structs: arrays and objects. NULL: null.
 */
export function jsonConverter({ DuckDBTypeId, JsonDuckDBValueConverter }: Duckdb): Convert {
	const unitsPerMs = new Map<number, bigint>([
		[DuckDBTypeId.TIMESTAMP, 1_000n],
		[DuckDBTypeId.TIMESTAMP_TZ, 1_000n],
		[DuckDBTypeId.TIMESTAMP_NS, 1_000_000n],
	]);
	const fallback = JsonDuckDBValueConverter as Convert;
	const convert: Convert = (value, type) => {
		if (value === null) return null;
		if (typeof value === "string") return type.alias === "JSON" ? parseForWriting(value) : value;
		if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
		const units = unitsPerMs.get(type.typeId);
		if (units !== undefined) return instantOf(value, units);
		if (type.typeId === DuckDBTypeId.DECIMAL) return decimalOf(String(value));
		if (type.typeId === DuckDBTypeId.INTERVAL) return String(value);
		return fallback(value, type, convert);
	};
	return convert;
}

/** RFC 3339 in UTC, with as many digits as the type has and the value needs; DuckDB's text for what no Date can hold. */
function instantOf(value: DuckDBValue, unitsPerMs: bigint): string {
	const units = unitsOf(value);
	if (units === undefined) return String(value);
	const rest = ((units % unitsPerMs) + unitsPerMs) % unitsPerMs;
	const ms = Number((units - rest) / unitsPerMs);
	if (Math.abs(ms) > DATE_MS_MAX) return String(value);
	const digits = rest === 0n ? "" : String(rest).padStart(String(unitsPerMs).length - 1, "0");
	return new Date(ms).toISOString().replace("Z", `${digits}Z`);
}

function unitsOf(value: DuckDBValue): bigint | undefined {
	const { micros, nanos } = value as { readonly micros?: bigint; readonly nanos?: bigint };
	return micros ?? nanos;
}

function decimalOf(text: string): number | string {
	return text.replace(/\D/g, "").length <= NUMBER_DIGITS ? Number(text) : text;
}

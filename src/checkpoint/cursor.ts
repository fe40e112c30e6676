/** Tells a cursor from anything else that a store may give back. */

import type { Cursor } from "../contract/record.ts";

/** Whatever its version: the connector that wrote it knows its older shapes. */
export function isCursor(value: unknown): value is Cursor {
	return typeof value === "object" && value !== null && !Array.isArray(value) && typeof (value as { v?: unknown }).v === "number";
}

/** Undefined for what is no JSON. */
export function parsedOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

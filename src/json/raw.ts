/** Tells exact text from the other values that JSON is carried as. */

import type { RawJson } from "../contract/json.ts";
import { NULL_FIRST } from "./bytes.ts";

/** Whether a value stands for exact text: nothing that JSON.parse returns does. */
export function isRaw(value: unknown): value is RawJson {
	return typeof value === "object" && value !== null && (value as { raw?: unknown }).raw instanceof Uint8Array;
}

/** Whether the exact text is `null`. */
export function isNullText({ raw }: RawJson): boolean {
	return raw[0] === NULL_FIRST;
}

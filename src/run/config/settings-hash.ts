/** Tells whether settings changed without keeping them: what a reload compares. */

import { createHmac, randomBytes } from "node:crypto";
import { isObject } from "../../json/value.ts";

/** Secrets may be short and the rest known, so that a bare hash could be tried out by whoever sees it. */
const KEY = randomBytes(32);

/** Equal for equal settings, whatever the order of their keys, inside one process; gives nothing away of what is in them. */
export function settingsHash(settings: unknown): string {
	return createHmac("sha256", KEY).update(canonical(settings)).digest("hex");
}

/** As JSON, with the keys of maps in order. Settings are plain values of bounded depth. */
function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (!isObject(value)) return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "absent");
	const keys = Object.keys(value).sort();
	return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

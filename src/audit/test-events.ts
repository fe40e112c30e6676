/** For the tests of this folder: recorded lines, and decoded events as the plain values that they came from. */

import { readdirSync, readFileSync } from "node:fs";
import type { AuditEvent } from "../contract/audit-event.ts";
import { isRaw } from "../json/raw.ts";
import { textOf } from "../json/scan.ts";
import { isObject } from "../json/value.ts";

const RECORDED = new URL("../../fixtures/recorded/", import.meta.url);

/** Lines that API servers wrote, one event each. */
export function recordedLines(): Buffer[] {
	const files = readdirSync(RECORDED).filter((name) => name.endsWith(".jsonl") && !name.includes("eventlists"));
	return files.flatMap((name) => splitLines(readFileSync(new URL(name, RECORDED))));
}

function splitLines(bytes: Buffer): Buffer[] {
	const lines: Buffer[] = [];
	for (let at = 0; at < bytes.length; ) {
		const end = bytes.indexOf("\n", at);
		lines.push(bytes.subarray(at, end < 0 ? bytes.length : end));
		at = end < 0 ? bytes.length : end + 1;
	}
	return lines;
}

/** The event as one value, its exact texts parsed and its extras back in their places. */
export function restored({ extras = [], ...event }: AuditEvent): unknown {
	const value = parsed(event) as Record<string, unknown>;
	for (const { path, value: text } of extras) {
		const [key, inner] = path as [string, string?];
		if (inner !== undefined) value[key] ??= {};
		const target = inner === undefined ? value : (value[key] as Record<string, unknown>);
		Object.defineProperty(target, inner ?? key, { value: parsed(text), enumerable: true, configurable: true, writable: true });
	}
	return value;
}

/** The value with its exact texts parsed. */
function parsed(value: unknown): unknown {
	if (isRaw(value)) return JSON.parse(textOf(value.raw));
	if (Array.isArray(value)) return value.map(parsed);
	return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, parsed(member)])) : value;
}

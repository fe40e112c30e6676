/** Turns the text of one audit.k8s.io event, whole or cut, into an AuditEvent. Total: it never throws. */

import type { AuditEvent, Extra } from "../contract/audit-event.ts";
import type { Repair, SkipReason, Truncation } from "../contract/decode.ts";
import { CollectorError } from "../contract/errors.ts";
import { DEPTH_MAX, MEMBERS_MAX, type Member, type Scan, scanObject, trimJson } from "../json/scan.ts";
import { cleanText } from "../json/text.ts";
import { isObject, parseOrNone } from "../json/value.ts";
import { identityOf } from "./identity.ts";
import { countKeys } from "./keys.ts";
import { closeCutObject, withoutMarker } from "./salvage.ts";
import { BODIES, isAuditEvent, NESTED, PLAIN } from "./shape.ts";

export type AuditText =
	| {
			readonly kind: "event";
			readonly event: AuditEvent;
			readonly identity: Uint8Array;
			readonly truncated?: Truncation;
			readonly repaired?: Repair;
	  }
	| { readonly kind: "skip"; readonly reason: SkipReason }
	| { readonly kind: "bad"; readonly error: CollectorError };

/** A real event has some fifty keys outside of its bodies; each one that has no place costs hundreds of bytes of memory. */
const KEYS_MAX = 100_000;
const TOO_MANY_KEYS = `more than ${KEYS_MAX} keys outside of its bodies`;

/** Decodes the text of one event. The event's bodies are views into `original` (or into its repaired copy). */
export function decodeAuditText(original: Uint8Array): AuditText {
	const trimmed = trimJson(original);
	const clean = cleanText(trimmed);
	const scan = scanObject(clean.bytes, 0, clean.bytes.length, DEPTH_MAX);
	if (scan.state === "deep") return bad(`nested deeper than ${DEPTH_MAX} levels, or of more than ${MEMBERS_MAX} members`);
	const isWhole = scan.state === "whole" && scan.end === clean.bytes.length;
	const text = isWhole ? { bytes: clean.bytes, scan } : closedText(clean.bytes, trimmed.length);
	if (text === undefined) return bad("not a JSON object");
	const value = parseOrNone(text.bytes);
	if (!isObject(value)) return bad("not valid JSON");
	if (!isAuditEvent(value)) return isWhole ? { kind: "skip", reason: "not-an-audit-event" } : bad("cut before it says who did what");
	const truncated = text.truncated;
	if (truncated !== undefined && value["verb"] === undefined && value["requestURI"] === undefined)
		return bad("cut before it says who did what");
	const keys = countKeys(text.bytes, text.scan.members, value);
	if (keys.count > KEYS_MAX) return bad(TOO_MANY_KEYS);
	const what = [...clean.what, ...(keys.repeats ? (["repeated-key"] as const) : [])];
	return {
		kind: "event",
		event: buildEvent(text.bytes, lastOfEach(text.scan.members, value), value),
		identity: identityOf(trimmed),
		...(truncated === undefined ? {} : { truncated }),
		...(what.length === 0 ? {} : { repaired: { what, original: trimmed } }),
	};
}

interface Text {
	readonly bytes: Uint8Array;
	readonly scan: Scan;
	readonly truncated?: Truncation;
}

/** A cut text, of which `sizeBytes` arrived, closed; undefined if it is broken rather than cut. */
function closedText(text: Uint8Array, sizeBytes: number): Text | undefined {
	const body = trimJson(withoutMarker(text));
	const scan = scanObject(body, 0, body.length, DEPTH_MAX);
	if (scan.state === "whole" && scan.end === body.length) return { bytes: body, scan, truncated: { sizeBytes } };
	if (scan.state !== "cut") return undefined;
	const { bytes, cutIn } = closeCutObject(body, scan);
	return {
		bytes,
		scan: scanObject(bytes, 0, bytes.length, DEPTH_MAX),
		truncated: { sizeBytes, ...(cutIn === undefined ? {} : { cutIn }) },
	};
}

function buildEvent(bytes: Uint8Array, members: readonly Member[], value: Record<string, unknown>): AuditEvent {
	const event: Record<string, unknown> = {};
	const extras: Extra[] = [];
	for (const { key, start, end } of members) {
		const member = value[key];
		const nested = NESTED.get(key);
		if (PLAIN.get(key)?.(member)) event[key] = member;
		else if (BODIES.has(key)) event[key] = { raw: bytes.subarray(start, end) };
		else if (nested !== undefined && isObject(member)) event[key] = buildNested(bytes, start, key, member, nested, extras);
		else extras.push({ path: [key], value: { raw: bytes.subarray(start, end) } });
	}
	return extras.length === 0 ? event : { ...event, extras };
}

type Checks = ReadonlyMap<string, (value: unknown) => boolean>;

function buildNested(
	bytes: Uint8Array,
	start: number,
	parent: string,
	value: Record<string, unknown>,
	checks: Checks,
	extras: Extra[],
): object {
	const keys = Object.keys(value);
	const fits = (key: string): boolean => checks.get(key)?.(value[key]) === true;
	if (keys.every(fits)) return value;
	for (const member of lastOfEach(scanObject(bytes, start).members, value)) {
		if (!fits(member.key)) extras.push({ path: [parent, member.key], value: { raw: bytes.subarray(member.start, member.end) } });
	}
	return Object.fromEntries(keys.filter(fits).map((key) => [key, value[key]]));
}

/** Of a key that is repeated the last member counts, as for JSON.parse. */
function lastOfEach(members: readonly Member[], value: Record<string, unknown>): readonly Member[] {
	if (Object.keys(value).length === members.length) return members;
	return [...new Map(members.map((member) => [member.key, member])).values()];
}

function bad(what: string): AuditText {
	return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", `cannot read the record as an audit event: ${what}`) };
}

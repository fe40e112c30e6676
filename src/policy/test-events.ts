/** Decoded events for tests of policy. */

import { decodeAuditText } from "../audit/decode-text.ts";
import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import { textOf } from "../json/scan.ts";

/** A member whose text is given, not made. */
export const exact = (text: string): { readonly exact: string } => ({ exact: text });

/** The event with these members, decoded from its text; `exact` values are spliced in as they are. */
export function decodedOf(members: Readonly<Record<string, unknown>>): DecodedEvent {
	const all = { auditID: "a-1", stage: "ResponseComplete", ...members };
	return decodedText(`{${Object.entries(all).map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`)}}`);
}

const jsonOf = (value: unknown): string =>
	typeof value === "object" && value !== null && "exact" in value ? String(value.exact) : JSON.stringify(value);

export function decodedText(text: string | Uint8Array): DecodedEvent {
	const decoded = decodeAuditText(typeof text === "string" ? Buffer.from(text) : text);
	if (decoded.kind !== "event") throw new Error(`no event: ${decoded.kind}`);
	return { ...decoded, envelope: {}, inferred: [] };
}

/** An event about an object of a resource, with a body in its request. */
export function requestOf(resource: string, body: unknown, more: Readonly<Record<string, unknown>> = {}): DecodedEvent {
	return decodedOf({ verb: "create", objectRef: { resource }, requestObject: body, ...more });
}

/** All that could leave the house with the event, as text; its identity only ever leaves as a hash. */
export function textOfDecoded({ event, envelope, repaired }: DecodedEvent): string {
	return JSON.stringify(withTexts({ event, envelope, repaired }));
}

/** Bytes as text, everywhere. */
function withTexts(value: unknown): unknown {
	if (value instanceof Uint8Array) return textOf(value);
	if (Array.isArray(value)) return value.map(withTexts);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTexts(inner)]));
}

/** The text of the request's body. */
export function bodyOf({ requestObject }: AuditEvent): string {
	return requestObject === undefined ? "" : textOf(requestObject.raw);
}

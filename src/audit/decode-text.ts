/** Turns the text of one audit.k8s.io event, whole or cut, into an AuditEvent. Total: it never throws. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { Repair, SkipReason, Truncation } from "../contract/decode.ts";
import { CollectorError } from "../contract/errors.ts";
import { DEPTH_MAX, MEMBERS_MAX, scanObject, trimJson } from "../json/scan.ts";
import { cleanText, type TextFault } from "../json/text.ts";
import { type EventRead, readEvent } from "./event-text.ts";
import { identityOf } from "./identity.ts";
import { KEYS_MAX } from "./member.ts";
import { withoutRepeated } from "./repeated.ts";
import { closeCutText } from "./salvage.ts";
import { isAuditEvent } from "./shape.ts";

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

/** Decodes the text of one event. The event's bodies are views into `original` (or into its repaired copy). */
export function decodeAuditText(original: Uint8Array): AuditText {
	const arrived = trimJson(original);
	const { bytes, what } = cleanText(arrived);
	const read = readEvent(bytes);
	if (read !== undefined) return decodedOf(read, { bytes, arrived, faults: what });
	const { state, end } = scanObject(bytes);
	if (state === "deep") return bad(`nested deeper than ${DEPTH_MAX} levels, or of more than ${MEMBERS_MAX} members`);
	if (state === "whole" && end === bytes.length) return bad("not valid JSON");
	const closed = closeCutText(bytes);
	if (closed === undefined) return bad("not a JSON object");
	const salvaged = readEvent(closed.bytes);
	if (salvaged === undefined) return bad("not valid JSON");
	const truncated = { sizeBytes: arrived.length, ...(closed.cutIn === undefined ? {} : { cutIn: closed.cutIn }) };
	return decodedOf(salvaged, { bytes: closed.bytes, arrived, faults: what, truncated });
}

interface Source {
	/** The text that was read. */
	readonly bytes: Uint8Array;
	/** The text before anything was done to it. */
	readonly arrived: Uint8Array;
	readonly faults: readonly TextFault[];
	readonly truncated?: Truncation;
}

function decodedOf(read: EventRead, { bytes, arrived, faults, truncated }: Source): AuditText {
	const { event } = (read.repeatsMember ? readEvent(withoutRepeated(bytes)) : undefined) ?? read;
	if (!isAuditEvent(event) || isMistyped(event, "kind"))
		return truncated === undefined ? { kind: "skip", reason: "not-an-audit-event" } : bad(CUT_TOO_SOON);
	if (truncated !== undefined && !says(event, "verb") && !says(event, "requestURI")) return bad(CUT_TOO_SOON);
	if (read.keyCount > KEYS_MAX) return bad(`more than ${KEYS_MAX} keys outside of its bodies`);
	const identity = identityOf(arrived);
	const repeats = read.repeatsKey || read.repeatsMember;
	// Nearly always; spreading what is not there would cost as much as a member.
	if (truncated === undefined && !repeats && faults.length === 0) return { kind: "event", event, identity };
	const what: Repair["what"] = repeats ? [...faults, "repeated-key"] : faults;
	return {
		kind: "event",
		event,
		identity,
		...(truncated === undefined ? {} : { truncated }),
		...(what.length === 0 ? {} : { repaired: { what, original: arrived } }),
	};
}

const CUT_TOO_SOON = "cut before it says who did what";

function says(event: AuditEvent, key: "verb" | "requestURI"): boolean {
	return event[key] !== undefined || isMistyped(event, key);
}

/** Whether the event says it, with a value of another type. */
function isMistyped({ extras = [] }: AuditEvent, key: string): boolean {
	return extras.some(({ path }) => path.length === 1 && path[0] === key);
}

function bad(what: string): AuditText {
	return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", `cannot read the record as an audit event: ${what}`) };
}

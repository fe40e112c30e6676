/** Policy as one step: the filter first, so that what is dropped costs nothing more, then redaction. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import { createFilter } from "./filter.ts";
import { createRedactor, type Redaction } from "./redact.ts";
import type { FilterSettings, RedactionSettings } from "./settings.ts";

export interface PolicySettings {
	readonly redaction: RedactionSettings;
	readonly filter?: FilterSettings;
}

/** What became of an event. `bytes` are those that the filter saved. */
type Treated =
	| { readonly kind: "filtered"; readonly rule: string; readonly bytes: number }
	| {
			readonly kind: "kept";
			readonly decoded: DecodedEvent;
			readonly redacted: ReadonlyMap<string, number>;
			readonly reduced?: { readonly rule: string; readonly bytes: number };
	  };

/** Pure and total. */
export type Policy = (decoded: DecodedEvent) => Treated;

/** Throws CONFIG_INVALID for settings that cannot be meant. */
export function createPolicy(settings: PolicySettings): Policy {
	const filter = createFilter(settings.filter ?? {});
	const redact = createRedactor(settings.redaction);
	return (original) => {
		const filtered = filter(original.event, original.rpcCode);
		if (filtered.action === "drop") return { kind: "filtered", rule: filtered.rule, bytes: sizeOf(original.event) };
		if (filtered.action === "keep") return kept(redact(original));
		const bytes = bodyBytes(original.event) - bodyBytes(filtered.event);
		return { kind: "kept", ...redact(withoutOriginal({ ...original, event: filtered.event })), reduced: { rule: filtered.rule, bytes } };
	};
}

function kept({ decoded, redacted }: Redaction): Treated {
	return { kind: "kept", decoded, redacted };
}

/** The original has the bodies that were dropped on purpose. */
function withoutOriginal(decoded: DecodedEvent): DecodedEvent {
	return decoded.repaired === undefined ? decoded : { ...decoded, repaired: { what: decoded.repaired.what } };
}

/** The size of the event's JSON. */
function sizeOf(event: AuditEvent): number {
	const { requestObject, responseObject, extras = [], ...head } = event;
	const extraBytes = extras.reduce((sum, { path, value }) => sum + path.join("").length + value.raw.length, 0);
	return Buffer.byteLength(JSON.stringify(head)) + bodyBytes({ requestObject, responseObject } as AuditEvent) + extraBytes;
}

function bodyBytes({ requestObject, responseObject }: AuditEvent): number {
	return (requestObject?.raw.length ?? 0) + (responseObject?.raw.length ?? 0);
}

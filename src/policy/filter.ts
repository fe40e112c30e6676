/** The volume filter: which events are worth forwarding, and how much of them. */

import type { AuditEvent } from "../contract/audit-event.ts";
import { CollectorError } from "../contract/errors.ts";
import type { RawJson } from "../contract/json.ts";
import { type Allowance, createAuditPolicy } from "./audit-policy.ts";
import { FILTER_PRESETS } from "./filter-presets.ts";
import { withoutManagedFields } from "./managed-fields.ts";
import type { FilterSettings } from "./settings.ts";

/** `rule` is a preset's name or "policy:<n>", the n-th rule of the policy file. */
export type Filtered =
	| { readonly action: "keep" }
	| { readonly action: "drop"; readonly rule: string }
	/** Bodies are gone or smaller; everything else, the level as the source wrote it included, is as it was. */
	| { readonly action: "reduce"; readonly rule: string; readonly event: AuditEvent };

/** A pure function of an event; `rpcCode`, where the source has one, says more of the outcome than the event. */
export type Filter = (event: AuditEvent, rpcCode?: number) => Filtered;

const KEEP: Filtered = { action: "keep" };

/** Presets first, then the policy. Throws CONFIG_INVALID for an unknown preset and for a policy that the API server would refuse. */
export function createFilter(settings: FilterSettings): Filter {
	const presets = (settings.presets ?? []).map(presetOf);
	const allow = settings.policy === undefined ? undefined : createAuditPolicy(settings.policy);
	return (event, rpcCode = 0) => {
		const noise = rpcCode === 0 ? presets.find((preset) => preset.matches(event)) : undefined;
		if (noise !== undefined) return { action: "drop", rule: noise.name };
		return allow === undefined ? KEEP : reduced(event, allow(event));
	};
}

function presetOf(name: string): (typeof FILTER_PRESETS)[number] {
	const preset = FILTER_PRESETS.find((candidate) => candidate.name === name);
	if (preset !== undefined) return preset;
	const known = FILTER_PRESETS.map((candidate) => candidate.name).join(", ");
	throw new CollectorError("CONFIG_INVALID", `unknown filter preset ${JSON.stringify(name)}; known are ${known}`);
}

function reduced(event: AuditEvent, { rule, level, omitManagedFields }: Allowance): Filtered {
	if (level === "None") return { action: "drop", rule };
	const { requestObject, responseObject, ...rest } = event;
	const request = level === "Metadata" ? undefined : bodyOf(requestObject, omitManagedFields);
	const response = level === "RequestResponse" ? bodyOf(responseObject, omitManagedFields) : undefined;
	if (request === requestObject && response === responseObject) return KEEP;
	const bodies = {
		...(request === undefined ? {} : { requestObject: request }),
		...(response === undefined ? {} : { responseObject: response }),
	};
	return { action: "reduce", rule, event: { ...rest, ...bodies } };
}

function bodyOf(body: RawJson | undefined, omitManagedFields: boolean): RawJson | undefined {
	return body !== undefined && omitManagedFields ? withoutManagedFields(body) : body;
}

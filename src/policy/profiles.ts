/** The kinds of object that hold secrets by their nature, and which of their members are worth keeping. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { PresetName } from "./presets.ts";

/**
 * What stays at a place: "value": a single value; "values": a list of single values; "tree": everything, under the general rules;
 * "object": another object of the same sort; "quote": a text, but for the input that it quotes; or members by name.
 * What has no place in a profile is replaced, leaf by leaf.
 */
export type Keep = "value" | "values" | "tree" | "object" | "quote" | Keeps;
export type Keeps = ReadonlyMap<string, Keep>;

export interface Profile {
	readonly preset: PresetName;
	readonly keeps: Keeps;
}

interface Members {
	readonly [key: string]: Keep | Members;
}

function keepsOf(members: Members): Keeps {
	return new Map(
		Object.entries(members).map(([key, keep]) => [key, typeof keep === "string" || keep instanceof Map ? keep : keepsOf(keep as Members)]),
	);
}

/** What lists, tables and the options of a deletion have in common with every object. */
const ENVELOPE: Members = {
	kind: "value",
	apiVersion: "value",
	metadata: "tree",
	items: "object",
	columnDefinitions: "tree",
	rows: { cells: "values", object: "object", conditions: "tree" },
	propagationPolicy: "value",
	gracePeriodSeconds: "value",
	orphanDependents: "value",
	dryRun: "values",
	preconditions: { uid: "value", resourceVersion: "value" },
};

/** What the API server itself says of a credential: identifiers, by which a later use of it is recognised. */
const EXTRA: Members = Object.fromEntries(
	["credential-id", "node-name", "node-uid", "pod-name", "pod-uid"].map((key) => [
		`authentication.kubernetes.io/${key}`,
		"values" as const,
	]),
);

/** metav1.Status; its texts may quote what was sent. */
export const STATUS_KEEPS = keepsOf({
	kind: "value",
	apiVersion: "value",
	metadata: "tree",
	status: "value",
	message: "quote",
	reason: "value",
	code: "value",
	details: { name: "value", group: "value", kind: "value", uid: "value", retryAfterSeconds: "value", causes: "quote" },
});

/** One operation of a JSON patch. */
export const PATCH_KEEPS = keepsOf({ op: "value", path: "value", from: "value" });

const SECRETS: Profile = { preset: "secrets", keeps: keepsOf({ ...ENVELOPE, type: "value", immutable: "value" }) };
const CONFIG_MAPS: Profile = { preset: "config-maps", keeps: keepsOf({ ...ENVELOPE, immutable: "value" }) };
const TOKENS: Profile = {
	preset: "tokens",
	keeps: keepsOf({
		...ENVELOPE,
		spec: {
			audiences: "values",
			expirationSeconds: "value",
			boundObjectRef: { kind: "value", apiVersion: "value", name: "value", uid: "value" },
		},
		status: {
			expirationTimestamp: "value",
			authenticated: "value",
			audiences: "values",
			error: "quote",
			user: { username: "value", uid: "value", groups: "values", extra: EXTRA },
		},
	}),
};
const CERTIFICATE_REQUESTS: Profile = {
	preset: "certificate-requests",
	keeps: keepsOf({
		...ENVELOPE,
		spec: {
			signerName: "value",
			usages: "values",
			username: "value",
			groups: "values",
			uid: "value",
			extra: EXTRA,
			expirationSeconds: "value",
		},
		status: { conditions: "tree" },
	}),
};

const BY_RESOURCE: ReadonlyMap<string, Profile> = new Map([
	["secrets", SECRETS],
	["tokenreviews", TOKENS],
	["certificatesigningrequests", CERTIFICATE_REQUESTS],
	["configmaps", CONFIG_MAPS],
]);

/** In lower case; a List of them holds items without a kind of their own. */
const BY_KIND: ReadonlyMap<string, Profile> = new Map(
	(
		[
			["secret", SECRETS],
			["configmap", CONFIG_MAPS],
			["tokenreview", TOKENS],
			["tokenrequest", TOKENS],
			["certificatesigningrequest", CERTIFICATE_REQUESTS],
		] as const
	).flatMap(([kind, profile]) => [[kind, profile] as const, [`${kind}list`, profile] as const]),
);

/** The profile of an object that says its kind. */
export function profileOfKind(kind: string): Profile | undefined {
	return BY_KIND.get(kind.toLowerCase());
}

/** The profile of all that an event carries; told by the resource, or by the URI where the event names no resource. */
export function profileOfEvent(event: AuditEvent): Profile | undefined {
	const { resource, subresource } = event.objectRef ?? {};
	if (resource !== undefined) return profileOfResource(resource, subresource);
	return event.requestURI === undefined ? undefined : profileOfPath(event.requestURI);
}

function profileOfResource(resource: string, subresource: string | undefined): Profile | undefined {
	if (resource === "serviceaccounts") return subresource === "token" ? TOKENS : undefined;
	return BY_RESOURCE.get(resource);
}

/** Any segment that is the name of such a resource counts: without an objectRef, the safe side is to believe it. */
function profileOfPath(uri: string): Profile | undefined {
	const segments = uri.split("?", 1)[0]?.split("/") ?? [];
	const found = segments.map((segment) => BY_RESOURCE.get(segment)).find((profile) => profile !== undefined);
	return found ?? (segments.includes("serviceaccounts") && segments.includes("token") ? TOKENS : undefined);
}

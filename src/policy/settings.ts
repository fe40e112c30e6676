/** What a user can ask of policy: which events to keep, and which values to replace in those that are kept. */

import type { FilterPresetName } from "./filter-presets.ts";

/** Every group of redaction rules, with what it replaces. All are on by default; counts are kept under these names. */
export const REDACTION_PRESETS = {
	secrets: "values of Secrets in bodies, patches, lists, tables and webhook patches; names, labels and keys stay",
	tokens: "what TokenRequests and TokenReviews carry, but not whom and how long they are for",
	"certificate-requests": "the request and the certificate of CertificateSigningRequests, but not who signs what for whom",
	"config-maps": "values of ConfigMaps; keys stay",
	"last-applied": "annotations in which a tool keeps the whole object as last applied",
	env: "values of environment variables, members and command-line flags whose name or value looks like a credential",
	uri: "commands of exec, attach and proxy requests and credential parameters in request URIs",
	patterns: "bearer tokens, JWTs, private keys, cloud and service keys, passwords in URLs and assignments, in any text",
} as const satisfies Record<string, string>;

export type PresetName = keyof typeof REDACTION_PRESETS;

export interface RedactionSettings {
	readonly enabled: boolean;
	/** Turns a preset off (or on, as it is by default). */
	readonly presets?: Partial<Readonly<Record<PresetName, boolean>>>;
	/** More values to replace, counted as "paths"; syntax in path-pattern.ts: `requestObject.spec.foo`, `annotations."my.key/x"`. */
	readonly paths?: readonly string[];
	/** Values that are never replaced, whatever a rule says. */
	readonly keep?: readonly string[];
	/** With a key, a value becomes `hmac-sha256:<32 hex>` of itself: equal values stay recognisable as equal. */
	readonly hmacKey?: string | Uint8Array;
}

export interface FilterSettings {
	/** Drop what these match. */
	readonly presets?: readonly FilterPresetName[];
	/** An audit.k8s.io Policy, parsed from its YAML: keeps of each event what the API server would have logged under it. */
	readonly auditPolicy?: unknown;
}

export interface PolicySettings {
	readonly redaction: RedactionSettings;
	readonly filter?: FilterSettings;
}

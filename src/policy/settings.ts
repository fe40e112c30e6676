/** What a user can ask of policy: which events to keep, and which values to replace in those that are kept. */

import type { PresetName } from "./presets.ts";

export interface RedactionSettings {
	readonly enabled: boolean;
	/** Turns a preset off (or on, as it is by default). */
	readonly presets?: { readonly [name in PresetName]?: boolean | undefined };
	/** More values to replace, counted as "paths"; syntax in path-pattern.ts: `requestObject.spec.foo`, `annotations."my.key/x"`. */
	readonly paths?: readonly string[];
	/** Values that are never replaced, whatever a rule says; unless something above them is replaced whole. */
	readonly keep?: readonly string[];
	/** With a key, a value becomes `hmac-sha256:<32 hex>` of itself: equal values stay recognisable as equal. */
	readonly hmacKey?: string | Uint8Array;
}

export interface FilterSettings {
	/** Names of filter presets: what they match is dropped. */
	readonly presets?: readonly string[];
	/** An audit.k8s.io Policy, parsed from its YAML: of each event, what the API server would have logged under it is kept. */
	readonly policy?: unknown;
}

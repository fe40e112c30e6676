/** The audit.k8s.io Event inside this project: known members typed, bodies and everything unknown as exact text. */

import type { RawJson } from "./json.ts";

/**
 * One audit event. A member is here only if the source said it (or the decoder lists it as inferred).
 * A member whose value has not the type below is in `extras` instead, so types here can be trusted.
 * Shape: apiserver pkg/apis/audit/v1/types.go.
 */
export interface AuditEvent {
	readonly kind?: string;
	readonly apiVersion?: string;
	/** Metadata, Request or RequestResponse. */
	readonly level?: string;
	/** Chosen by the client if it likes (header Audit-ID): any text, repeated at will. */
	readonly auditID?: string;
	/** RequestReceived, ResponseStarted, ResponseComplete or Panic. */
	readonly stage?: string;
	readonly requestURI?: string;
	readonly verb?: string;
	readonly user?: AuditUser;
	readonly impersonatedUser?: AuditUser;
	readonly authenticationMetadata?: { readonly impersonationConstraint?: string };
	/** X-Forwarded-For first; only the last is trustworthy. */
	readonly sourceIPs?: readonly string[];
	readonly userAgent?: string;
	readonly objectRef?: ObjectRef;
	readonly responseStatus?: ResponseStatus;
	/** Any JSON: an object, an array (JSON Patch), null, a string. */
	readonly requestObject?: RawJson;
	readonly responseObject?: RawJson;
	/** RFC 3339, or whatever the source wrote. */
	readonly requestReceivedTimestamp?: string;
	readonly stageTimestamp?: string;
	readonly annotations?: Readonly<Record<string, string>>;
	/** Members with no place above, at their paths, in the order of the text. */
	readonly extras?: readonly Extra[];
}

/** A member of the event that this project has no field for: `["hostname"]`, `["responseStatus", "kind"]`. */
export interface Extra {
	readonly path: readonly string[];
	readonly value: RawJson;
}

export interface AuditUser {
	readonly username?: string;
	readonly uid?: string;
	readonly groups?: readonly string[];
	readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ObjectRef {
	readonly resource?: string;
	readonly namespace?: string;
	readonly name?: string;
	readonly uid?: string;
	readonly apiGroup?: string;
	readonly apiVersion?: string;
	readonly resourceVersion?: string;
	readonly subresource?: string;
}

/** metav1.Status without its kind. */
export interface ResponseStatus {
	/** Of objects; of a status it is nearly always `{}`. */
	readonly metadata?: RawJson;
	readonly status?: string;
	readonly message?: string;
	readonly reason?: string;
	readonly details?: RawJson;
	/** HTTP status code, an integer. */
	readonly code?: number;
}

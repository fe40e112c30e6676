/** The part of OCSF 1.8.0 API Activity (class 6003) that this project emits, as types. Schema: schema.ocsf.io, tag 1.8.0. */

import type { JsonObject, RawJson } from "./json.ts";

/** One API Activity event. Never holds null: what is not known is left out. */
export interface OcsfEvent {
	readonly class_uid: 6003;
	readonly class_name: "API Activity";
	readonly category_uid: 6;
	readonly category_name: "Application Activity";
	readonly activity_id: ActivityId;
	readonly activity_name: string;
	/** 600300 + activity_id. */
	readonly type_uid: number;
	readonly type_name: string;
	readonly severity_id: 1;
	readonly severity: "Informational";
	/** Epoch milliseconds, rounded down. */
	readonly time: number;
	readonly time_dt?: string;
	readonly start_time?: number;
	readonly start_time_dt?: string;
	readonly end_time?: number;
	/** Milliseconds, not below 0. */
	readonly duration?: number;
	readonly message: string;
	readonly status_id: 0 | 1 | 2;
	readonly status: "Unknown" | "Success" | "Failure";
	/** HTTP code, or "rpc:7" where the source gives a google.rpc code only. */
	readonly status_code?: string;
	readonly status_detail?: string;
	readonly action_id?: 1 | 2;
	readonly action?: "Allowed" | "Denied";
	readonly disposition_id?: 1 | 2;
	readonly disposition?: "Allowed" | "Blocked";
	readonly metadata: OcsfMetadata;
	readonly actor: OcsfActor;
	readonly src_endpoint: OcsfEndpoint;
	readonly dst_endpoint?: OcsfEndpoint;
	readonly cloud?: OcsfCloud;
	readonly http_request?: {
		readonly http_method?: string;
		readonly url?: { readonly path: string; readonly query_string?: string };
		readonly user_agent?: string;
	};
	readonly http_response?: { readonly code: number };
	readonly resources?: readonly OcsfResource[];
	readonly observables?: readonly OcsfObservable[];
	/** Base64 of the original bytes, only where the text had to be repaired and nothing was redacted. */
	readonly raw_data?: string;
	readonly api: OcsfApi;
	readonly unmapped?: OcsfUnmapped;
}

export type ActivityId = 0 | 1 | 2 | 3 | 4 | 99;

export interface OcsfMetadata {
	readonly version: "1.8.0";
	readonly profiles: readonly string[];
	readonly product: { readonly name: string; readonly vendor_name: string; readonly feature: { readonly name: string } };
	/** UUIDv8; see design: equal for a redelivery, different for a forgery. */
	readonly uid: string;
	readonly log_format: "JSON";
	readonly log_provider?: string;
	readonly log_name?: string;
	readonly log_source?: string;
	readonly log_level?: string;
	readonly log_version?: string;
	readonly type?: string;
	readonly reporter?: OcsfNamed;
	/** The auditID. */
	readonly correlation_uid?: string;
	/** The stage. */
	readonly event_code?: string;
	readonly original_event_uid?: string;
	readonly original_time?: string;
	readonly logged_time?: number;
	readonly logged_time_dt?: string;
	readonly is_truncated?: true;
	/** The audit annotations, nothing else. */
	readonly tags?: readonly { readonly name: string; readonly value: string }[];
}

export interface OcsfNamed {
	readonly name?: string;
	readonly uid?: string;
}

export interface OcsfUser extends OcsfNamed {
	/** 0 Unknown, 1 User, 2 Admin, 3 System, 4 Service. */
	readonly type_id: 0 | 1 | 2 | 3 | 4;
	readonly groups?: readonly { readonly name: string }[];
	readonly email_addr?: string;
	readonly uid_alt?: string;
}

export interface OcsfActor {
	readonly user?: OcsfUser;
	readonly session?: { readonly credential_uid?: string; readonly uid?: string; readonly issuer?: string; readonly uid_alt?: string };
	readonly app_name?: string;
	readonly authorizations?: readonly OcsfAuthorization[];
}

export interface OcsfAuthorization {
	readonly decision?: string;
	readonly policy?: { readonly type: string; readonly name?: string; readonly desc: string };
}

export interface OcsfEndpoint extends OcsfNamed {
	readonly ip?: string;
	readonly intermediate_ips?: readonly string[];
	readonly svc_name?: string;
}

export interface OcsfCloud {
	readonly provider: "AWS" | "GCP" | "Azure";
	readonly account?: { readonly uid: string; readonly type_id: number; readonly type: string };
	readonly region?: string;
	readonly zone?: string;
	readonly cloud_partition?: string;
}

export interface OcsfResource extends OcsfNamed {
	/** 1 Target, 2 Actor, 4 Related. */
	readonly role_id: 1 | 2 | 4;
	readonly role: "Target" | "Actor" | "Related";
	readonly type?: string;
	readonly namespace?: string;
	readonly version?: string;
	readonly group?: { readonly name: string; readonly type: string };
	readonly owner?: OcsfUser;
	/** The source's labels, as its settings have them. */
	readonly tags?: readonly { readonly name: string; readonly value: string }[];
}

export interface OcsfObservable {
	readonly name: string;
	readonly type_id: number;
	readonly type: string;
	readonly value: string;
}

export interface OcsfContainer {
	readonly name: string;
	readonly orchestrator: "Kubernetes";
	readonly image?: { readonly name: string; readonly uid: string };
}

export interface OcsfApi {
	readonly operation: string;
	readonly version?: string;
	readonly group?: { readonly name: string };
	readonly service: { readonly name: "kube-apiserver" };
	readonly request: { readonly uid: string; readonly data?: RawJson; readonly containers?: readonly OcsfContainer[] };
	readonly response?: {
		readonly code?: number;
		readonly error?: string;
		readonly message?: string;
		readonly data?: RawJson;
		readonly containers?: readonly OcsfContainer[];
	};
}

export interface OcsfUnmapped {
	/** What of the audit event has no home in OCSF, at its own paths. */
	readonly audit?: JsonObject;
	/** The rest of the log service's envelope. */
	readonly envelope?: JsonObject;
	/** What the collector says itself. */
	readonly collector?: JsonObject;
}

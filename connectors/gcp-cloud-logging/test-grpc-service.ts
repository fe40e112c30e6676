/** For tests: the model behind Cloud Logging's gRPC protocol on loopback. Payloads are encoded by a library, from the public descriptions. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type ServiceDefinition, type sendUnaryData } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import { asRecord, isObject } from "../../src/json/value.ts";
import type { ListRequest } from "./client.ts";
import { isRefusal, type Model } from "./model.ts";
import type { Identity } from "./simulator-identity.ts";

type Members = Readonly<Record<string, unknown>>;

const AUDIT_LOG_PROTO = `syntax = "proto3";
package google.cloud.audit;
message Struct { map<string, Value> fields = 1; }
message Value { oneof kind { int32 null_value = 1; double number_value = 2; string string_value = 3; bool bool_value = 4; Struct struct_value = 5; ListValue list_value = 6; } }
message ListValue { repeated Value values = 1; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message Any { string type_url = 1; bytes value = 2; }
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message AuditLog {
  string service_name = 7; string method_name = 8; string resource_name = 11; ResourceLocation resource_location = 20;
  Struct resource_original_state = 19; int64 num_response_items = 12; Status status = 2; AuthenticationInfo authentication_info = 3;
  repeated AuthorizationInfo authorization_info = 9; PolicyViolationInfo policy_violation_info = 25; RequestMetadata request_metadata = 4;
  Struct request = 16; Struct response = 17; Struct metadata = 18; Any service_data = 15; string unheard_of = 99;
}
message AuthenticationInfo {
  string principal_email = 1; string authority_selector = 2; Struct third_party_principal = 4; string service_account_key_name = 5;
  repeated ServiceAccountDelegationInfo service_account_delegation_info = 6; string principal_subject = 8;
}
message AuthorizationInfo {
  enum PermissionType { PERMISSION_TYPE_UNSPECIFIED = 0; ADMIN_READ = 1; ADMIN_WRITE = 2; DATA_READ = 3; DATA_WRITE = 4; }
  string resource = 1; string permission = 2; bool granted = 3; Resource resource_attributes = 5; PermissionType permission_type = 7;
}
message Resource { string service = 1; string name = 2; string type = 3; map<string, string> labels = 4; string uid = 5; Timestamp create_time = 8; }
message RequestMetadata { string caller_ip = 1; string caller_supplied_user_agent = 2; string caller_network = 3; Request request_attributes = 7; Peer destination_attributes = 8; }
message Request { string id = 1; map<string, string> headers = 3; Timestamp time = 9; int64 size = 10; Auth auth = 13; }
message Auth { string principal = 1; repeated string audiences = 2; Struct claims = 4; }
message Peer { string ip = 1; int64 port = 2; map<string, string> labels = 6; }
message ResourceLocation { repeated string current_locations = 1; repeated string original_locations = 2; }
message ServiceAccountDelegationInfo {
  message FirstPartyPrincipal { string principal_email = 1; Struct service_metadata = 2; }
  message ThirdPartyPrincipal { Struct third_party_claims = 1; }
  string principal_subject = 3;
  oneof Authority { FirstPartyPrincipal first_party_principal = 1; ThirdPartyPrincipal third_party_principal = 2; }
}
message PolicyViolationInfo { OrgPolicyViolationInfo org_policy_violation_info = 1; }
message OrgPolicyViolationInfo { Struct payload = 1; string resource_type = 2; map<string, string> resource_tags = 3; repeated ViolationInfo violation_info = 4; }
message ViolationInfo { enum PolicyType { POLICY_TYPE_UNSPECIFIED = 0; BOOLEAN_CONSTRAINT = 1; LIST_CONSTRAINT = 2; CUSTOM_CONSTRAINT = 3; } string constraint = 1; string error_message = 2; string checked_value = 3; PolicyType policy_type = 4; }
`;
const { root } = protobuf.parse(AUDIT_LOG_PROTO);
const AUDIT_LOG = root.lookupType("google.cloud.audit.AuditLog");
const STRUCTS = new Set([
	"request",
	"response",
	"metadata",
	"resourceOriginalState",
	"thirdPartyPrincipal",
	"serviceMetadata",
	"thirdPartyClaims",
	"claims",
	"payload",
]);
const TIMES = new Set(["time", "createTime"]);

/** The bytes of an AuditLog, of its JSON. */
export function auditLogBytes(payload: Members): Uint8Array {
	return AUDIT_LOG.encode(AUDIT_LOG.fromObject(messageOf(payload))).finish();
}

/** JSON of protobuf, as the library wants it: Structs and times are messages. */
function messageOf(value: Members): Members {
	return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, memberOf(key, member)]));
}

function memberOf(key: string, value: unknown): unknown {
	// A principal of a delegation is a message of that name, one of a caller is a Struct.
	const isMessage = key === "thirdPartyPrincipal" && isObject(value) && "thirdPartyClaims" in value;
	if (STRUCTS.has(key) && isObject(value) && !isMessage) return structOf(value);
	if (TIMES.has(key)) return timestampOf(String(value));
	if (key === "serviceData" || key === "details") return anyOf(value);
	if (Array.isArray(value)) return value.map((element) => memberOf("", element));
	return isObject(value) ? messageOf(value) : value;
}

function anyOf(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(anyOf);
	const { "@type": type, value: bytes = "" } = asRecord(value);
	return { typeUrl: type, value: Buffer.from(String(bytes), "base64") };
}

function structOf(value: Members): Members {
	return { fields: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, valueMessage(member)])) };
}

function valueMessage(value: unknown): Members {
	if (value === null) return { nullValue: 0 };
	if (typeof value === "number") return { numberValue: value };
	if (typeof value === "string") return { stringValue: value };
	if (typeof value === "boolean") return { boolValue: value };
	return Array.isArray(value) ? { listValue: { values: value.map(valueMessage) } } : { structValue: structOf(value as Members) };
}

function timestampOf(time: string): { readonly seconds: number; readonly nanos: number } {
	const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
	return { seconds: Math.floor(Date.parse(time) / 1000), nanos: Number(fraction.padEnd(9, "0")) };
}

/** A LogEntry for the wire, of its JSON. */
function entryMessage(entry: Members): Members {
	const { "@type": type, ...payload } = asRecord(entry["protoPayload"]);
	return {
		...entry,
		timestamp: timestampOf(String(entry["timestamp"])),
		receiveTimestamp: timestampOf(String(entry["receiveTimestamp"])),
		protoPayload: { type_url: type, value: auditLogBytes(payload) },
	};
}

/** The service's own description, out of the library's folder. */
function serviceDefinition(): ServiceDefinition {
	const { resolve } = createRequire(import.meta.url);
	const api = dirname(dirname(createRequire(resolve("@google-cloud/logging")).resolve("@google-cloud/logging-api")));
	const gax = dirname(dirname(createRequire(resolve("@google-cloud/logging")).resolve("google-gax")));
	const includeDirs = [join(api, "protos"), join(gax, "protos")];
	const all = loadSync("google/logging/v2/logging.proto", { includeDirs, longs: String, enums: String });
	return all["google.logging.v2.LoggingServiceV2"] as ServiceDefinition;
}

export interface GrpcServiceOptions {
	readonly model: Pick<Model, "answer">;
	readonly identity: Pick<Identity, "objectionTo">;
	readonly now?: () => number;
	readonly tls?: { readonly key: string; readonly cert: string };
	/** Calls are not answered. */
	readonly isSilent?: () => boolean;
}

/** Serves on 127.0.0.1 until it is disposed of. */
export async function serveGrpc({ model, identity, now = Date.now, tls, isSilent }: GrpcServiceOptions) {
	const server = new Server();

	function list(call: ServerUnaryCall<ListRequest, object>, answer: sendUnaryData<object>): void {
		if (isSilent?.() === true) return;
		const date = new Metadata();
		date.set("date", new Date(now()).toUTCString());
		call.sendMetadata(date);
		const authorization = String(call.metadata.get("authorization")[0] ?? "");
		const { pageToken, ...rest } = call.request;
		const said = identity.objectionTo({ headers: { authorization } }) ?? model.answer({ ...rest, ...(pageToken ? { pageToken } : {}) });
		if (typeof said === "string") return void answer({ code: 14, details: said });
		if (isRefusal(said)) return void answer({ code: said.code, details: said.message });
		const entries = said.entries.map(({ body }) => entryMessage(JSON.parse(Buffer.from(body).toString())));
		answer(null, { entries, nextPageToken: said.nextPageToken ?? "" });
	}

	server.addService(serviceDefinition(), { listLogEntries: list });
	const credentials =
		tls === undefined
			? ServerCredentials.createInsecure()
			: ServerCredentials.createSsl(null, [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }]);
	const port = await new Promise<number>((resolve, reject) => {
		server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
	});
	return {
		url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
		async [Symbol.asyncDispose]() {
			server.forceShutdown();
		},
	};
}

/** The messages of `google.cloud.audit.AuditLog`, as far as its JSON has them: field numbers, names and kinds (google/cloud/audit/audit_log.proto). */

/** How a field's bytes are read; a list of texts is an enum, by number. */
export type Kind = "string" | "bool" | "int32" | "int64" | "time" | "duration" | "struct" | "any" | "labels" | readonly string[] | Message;

export interface Field {
	/** Of JSON. */
	readonly name: string;
	readonly kind: Kind;
	readonly isList?: true;
}

/** Number -> field. */
export type Message = ReadonlyMap<number, Field>;

function message(fields: Readonly<Record<number, readonly [name: string, kind: Kind, isList?: true]>>): Message {
	return new Map(
		Object.entries(fields).map(([number, [name, kind, isList]]) => [Number(number), { name, kind, ...(isList && { isList }) }]),
	);
}

/** google.rpc.Status */
const STATUS = message({ 1: ["code", "int32"], 2: ["message", "string"], 3: ["details", "any", true] });

/** google.rpc.context.AttributeContext */
const PEER = message({
	1: ["ip", "string"],
	2: ["port", "int64"],
	6: ["labels", "labels"],
	7: ["principal", "string"],
	8: ["regionCode", "string"],
});
const AUTH = message({
	1: ["principal", "string"],
	2: ["audiences", "string", true],
	3: ["presenter", "string"],
	4: ["claims", "struct"],
	5: ["accessLevels", "string", true],
});
const REQUEST = message({
	1: ["id", "string"],
	2: ["method", "string"],
	3: ["headers", "labels"],
	4: ["path", "string"],
	5: ["host", "string"],
	6: ["scheme", "string"],
	7: ["query", "string"],
	9: ["time", "time"],
	10: ["size", "int64"],
	11: ["protocol", "string"],
	12: ["reason", "string"],
	13: ["auth", AUTH],
	14: ["origin", "string"],
});
const RESOURCE = message({
	1: ["service", "string"],
	2: ["name", "string"],
	3: ["type", "string"],
	4: ["labels", "labels"],
	5: ["uid", "string"],
	6: ["annotations", "labels"],
	7: ["displayName", "string"],
	8: ["createTime", "time"],
	9: ["updateTime", "time"],
	10: ["deleteTime", "time"],
	11: ["etag", "string"],
	12: ["location", "string"],
});

const DELEGATION = message({
	1: ["firstPartyPrincipal", message({ 1: ["principalEmail", "string"], 2: ["serviceMetadata", "struct"] })],
	2: ["thirdPartyPrincipal", message({ 1: ["thirdPartyClaims", "struct"] })],
	3: ["principalSubject", "string"],
});
const AUTHENTICATION = message({
	1: ["principalEmail", "string"],
	2: ["authoritySelector", "string"],
	4: ["thirdPartyPrincipal", "struct"],
	5: ["serviceAccountKeyName", "string"],
	6: ["serviceAccountDelegationInfo", DELEGATION, true],
	8: ["principalSubject", "string"],
});
const AUTHORIZATION = message({
	1: ["resource", "string"],
	2: ["permission", "string"],
	3: ["granted", "bool"],
	5: ["resourceAttributes", RESOURCE],
	7: ["permissionType", ["PERMISSION_TYPE_UNSPECIFIED", "ADMIN_READ", "ADMIN_WRITE", "DATA_READ", "DATA_WRITE"]],
});
const REQUEST_METADATA = message({
	1: ["callerIp", "string"],
	2: ["callerSuppliedUserAgent", "string"],
	3: ["callerNetwork", "string"],
	7: ["requestAttributes", REQUEST],
	8: ["destinationAttributes", PEER],
});
const VIOLATION = message({
	1: ["constraint", "string"],
	2: ["errorMessage", "string"],
	3: ["checkedValue", "string"],
	4: ["policyType", ["POLICY_TYPE_UNSPECIFIED", "BOOLEAN_CONSTRAINT", "LIST_CONSTRAINT", "CUSTOM_CONSTRAINT"]],
});
const ORG_POLICY = message({
	1: ["payload", "struct"],
	2: ["resourceType", "string"],
	3: ["resourceTags", "labels"],
	4: ["violationInfo", VIOLATION, true],
});

export const AUDIT_LOG_TYPE = "type.googleapis.com/google.cloud.audit.AuditLog";

export const AUDIT_LOG = message({
	2: ["status", STATUS],
	3: ["authenticationInfo", AUTHENTICATION],
	4: ["requestMetadata", REQUEST_METADATA],
	7: ["serviceName", "string"],
	8: ["methodName", "string"],
	9: ["authorizationInfo", AUTHORIZATION, true],
	11: ["resourceName", "string"],
	12: ["numResponseItems", "int64"],
	15: ["serviceData", "any"],
	16: ["request", "struct"],
	17: ["response", "struct"],
	18: ["metadata", "struct"],
	19: ["resourceOriginalState", "struct"],
	20: ["resourceLocation", message({ 1: ["currentLocations", "string", true], 2: ["originalLocations", "string", true] })],
	25: ["policyViolationInfo", message({ 1: ["orgPolicyViolationInfo", ORG_POLICY] })],
});

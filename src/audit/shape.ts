/** Which members an audit event has, and of what type: everything else is carried as exact text. */

import type { AuditEvent, AuditUser, ObjectRef, ResponseStatus } from "../contract/audit-event.ts";
import { isObject, isStringMap } from "../json/value.ts";

/** Whether a value is of a type. */
export type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isCode: Check = (value) => Number.isSafeInteger(value);
const isStrings: Check = (value) => Array.isArray(value) && value.every(isString);
const isStringsMap: Check = (value) => isObject(value) && Object.values(value).every(isStrings);
/** Of members that are carried as exact text, whatever they are. */
export const AS_TEXT: Check = () => true;

/** A member of an audit event: of one type, or an object with typed members of its own. */
export interface Field {
	readonly key: string;
	readonly type: Check | ReadonlyMap<string, Check>;
	/** Two events hardly ever say the same: what was read is not worth remembering. */
	readonly isOwn: boolean;
	/** Mostly hundreds of bytes, of which the first tell one from another. */
	readonly isLong: boolean;
}

type Key = Exclude<keyof AuditEvent, "extras">;

function shared(key: Key, type: Check): Field {
	return { key, type, isOwn: false, isLong: false };
}

function own(key: Key, type: Check): Field {
	return { key, type, isOwn: true, isLong: false };
}

function nested<T>(key: Key, members: Readonly<Record<keyof T & string, Check>>, isLong = false): Field {
	return { key, type: new Map(Object.entries<Check>(members)), isOwn: false, isLong };
}

const USER: Readonly<Record<keyof AuditUser, Check>> = { username: isString, uid: isString, groups: isStrings, extra: isStringsMap };

/** In the order in which API servers write them. */
export const FIELDS: readonly Field[] = [
	shared("kind", isString),
	shared("apiVersion", isString),
	shared("level", isString),
	own("auditID", isString),
	shared("stage", isString),
	shared("requestURI", isString),
	shared("verb", isString),
	nested<AuditUser>("user", USER, true),
	nested<AuditUser>("impersonatedUser", USER, true),
	nested<NonNullable<AuditEvent["authenticationMetadata"]>>("authenticationMetadata", { impersonationConstraint: isString }),
	shared("sourceIPs", isStrings),
	shared("userAgent", isString),
	nested<ObjectRef>("objectRef", {
		resource: isString,
		namespace: isString,
		name: isString,
		uid: isString,
		apiGroup: isString,
		apiVersion: isString,
		resourceVersion: isString,
		subresource: isString,
	}),
	nested<ResponseStatus>("responseStatus", {
		metadata: AS_TEXT,
		status: isString,
		message: isString,
		reason: isString,
		details: AS_TEXT,
		code: isCode,
	}),
	own("requestObject", AS_TEXT),
	own("responseObject", AS_TEXT),
	own("requestReceivedTimestamp", isString),
	own("stageTimestamp", isString),
	shared("annotations", isStringMap),
];

const NESTED = new Set(FIELDS.filter(({ type }) => typeof type !== "function").map(({ key }) => key));

/** Whether the member is an object with typed members of its own. */
export function isNested(key: string): boolean {
	return NESTED.has(key);
}

/** Members that tell an audit event from other objects. */
type Marks = { readonly [key in "kind" | "apiVersion" | "auditID" | "verb" | "requestURI" | "stage"]?: unknown };

/** Whether an object's members say that it is an audit event, of any version. */
export function isAuditEvent({ kind, apiVersion, auditID, verb, requestURI, stage }: Marks): boolean {
	if (typeof apiVersion === "string" && !apiVersion.startsWith("audit.k8s.io/")) return false;
	if (kind !== undefined && kind !== "Event") return false;
	return typeof auditID === "string" && (isString(verb) || isString(requestURI) || isString(stage));
}

/** Which members an audit event has, and of what type: everything else is carried as exact text. */

import type { AuditEvent } from "../contract/audit-event.ts";
import { isObject, isStringMap } from "../json/value.ts";

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isCode: Check = (value) => Number.isSafeInteger(value);
const isStrings: Check = (value) => Array.isArray(value) && value.every(isString);
const isStringsMap: Check = (value) => isObject(value) && Object.values(value).every(isStrings);
const anything: Check = () => true;

/** Members whose value is one typed thing. */
export const PLAIN: ReadonlyMap<string, Check> = new Map<keyof AuditEvent, Check>([
	["kind", isString],
	["apiVersion", isString],
	["level", isString],
	["auditID", isString],
	["stage", isString],
	["requestURI", isString],
	["verb", isString],
	["sourceIPs", isStrings],
	["userAgent", isString],
	["requestReceivedTimestamp", isString],
	["stageTimestamp", isString],
	["annotations", isStringMap],
]);

const USER: ReadonlyMap<string, Check> = new Map([
	["username", isString],
	["uid", isString],
	["groups", isStrings],
	["extra", isStringsMap],
]);

/** Members that are objects with typed members of their own. */
export const NESTED: ReadonlyMap<string, ReadonlyMap<string, Check>> = new Map<keyof AuditEvent, ReadonlyMap<string, Check>>([
	["user", USER],
	["impersonatedUser", USER],
	["authenticationMetadata", new Map([["impersonationConstraint", isString]])],
	[
		"objectRef",
		new Map(
			["resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource"].map((key) => [key, isString]),
		),
	],
	[
		"responseStatus",
		new Map([
			["status", isString],
			["message", isString],
			["reason", isString],
			["code", isCode],
		]),
	],
]);

/** Members that are carried as exact text, whatever they are. */
export const BODIES: ReadonlyMap<string, Check> = new Map<keyof AuditEvent, Check>([
	["requestObject", anything],
	["responseObject", anything],
]);

/** Whether an object's members say that it is an audit event, of any version. */
export function isAuditEvent(value: { readonly [key: string]: unknown }): boolean {
	const { kind, apiVersion, auditID } = value;
	if (typeof apiVersion === "string" && !apiVersion.startsWith("audit.k8s.io/")) return false;
	if (kind !== undefined && kind !== "Event") return false;
	return (
		typeof auditID === "string" &&
		(typeof value["verb"] === "string" || typeof value["requestURI"] === "string" || typeof value["stage"] === "string")
	);
}

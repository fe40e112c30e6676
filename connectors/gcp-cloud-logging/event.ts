/** LogEntry -> AuditEvent: what the entry says, and what can be concluded from it, which is listed. */

import type { AuditEvent, AuditUser, ObjectRef } from "../../src/contract/audit-event.ts";
import type { RawJson } from "../../src/contract/json.ts";
import { isObject, isStringMap, textOrNone } from "../../src/json/value.ts";
import { bodyOf } from "./body.ts";
import { type EntryText, memberOf, type Part } from "./entry-text.ts";
import { objectRefOf, verbOf } from "./resource-name.ts";

import { responseStatusOf } from "./rpc-status.ts";
import { SERVICE } from "./selection.ts";

type Members = Readonly<Record<string, unknown>>;

export interface Reading {
	readonly event: AuditEvent;
	/** Members of the event that the entry does not say. */
	readonly inferred: readonly string[];
}

/** What a reader has to know of the entry beside its text. */
export interface Circumstances {
	/** Parts are missing: half a body is no body. */
	readonly isIncomplete: boolean;
	/** Made of a BigQuery row: the names of labels are guesses. */
	readonly isRow: boolean;
}

const TRUNCATED_LABEL = "audit.k8s.io/truncated";

export function readEvent(text: EntryText, payload: Part, { isIncomplete, isRow }: Circumstances): Reading {
	const { entry } = text;
	const isWhole = text.truncated === undefined && !isIncomplete;
	const inferred: string[] = [];
	const conclude = <K extends keyof AuditEvent>(
		key: K,
		value: AuditEvent[K] | undefined,
		path: string = key,
	): Pick<AuditEvent, K> | object => {
		if (value !== undefined) inferred.push(path);
		return defined(key, value);
	};
	const operation = objectOf(entry.value["operation"]);
	const { status, response } = payload.value;
	const labels = labelsOf(entry.value["labels"]);
	const bodies = isIncomplete ? {} : { ...bodyMember(text, payload, "request"), ...bodyMember(text, payload, "response") };
	const event: AuditEvent = {
		...(isWhole ? conclude("level", levelOf(bodies, labels)) : {}),
		...auditIdOf(entry.value, operation, inferred),
		...(isWhole || operation !== undefined ? conclude("stage", stageOf(operation ?? {})) : {}),
		...defined("verb", verbOf(textOrNone(payload.value["methodName"]) ?? "")),
		...callerOf(payload.value, inferred),
		...defined("objectRef", targetOf(payload.value, isWhole, isIncomplete ? undefined : response, inferred)),
		...defined("responseStatus", responseStatusOf(status, isIncomplete ? undefined : response)),
		...bodies,
		...conclude("stageTimestamp", typeof entry.value["timestamp"] === "string" ? entry.value["timestamp"] : undefined),
		...(isRow && labels !== undefined ? conclude("annotations", labels) : defined("annotations", labels)),
	};
	return { event, inferred };
}

/** From the bodies that are there. If the API server says that it left them out, nothing can be concluded. */
function levelOf(bodies: Pick<AuditEvent, "requestObject" | "responseObject">, labels: AuditEvent["annotations"]): string | undefined {
	if (labels?.[TRUNCATED_LABEL] === "true") return undefined;
	if (isBody(bodies.responseObject)) return "RequestResponse";
	return isBody(bodies.requestObject) ? "Request" : "Metadata";
}

function isBody(body: RawJson | undefined): boolean {
	return body !== undefined && Buffer.from(body.raw).toString("latin1") !== "null";
}

/** The operation's id is the audit id; entries of 2018 have another word for insertId, later ones have the same. */
function auditIdOf(entry: Members, operation: Members | undefined, inferred: string[]): Pick<AuditEvent, "auditID"> {
	const id = operation?.["producer"] === SERVICE ? textOrNone(operation["id"]) : undefined;
	if (id !== undefined) return { auditID: id };
	const insertId = textOrNone(entry["insertId"]);
	if (insertId !== undefined) inferred.push("auditID");
	return defined("auditID", insertId);
}

/** A long-running call has one entry with only `first`, at its start. Old entries have neither. */
function stageOf({ first, last }: Members): string {
	return first === true && last !== true ? "ResponseStarted" : "ResponseComplete";
}

function callerOf(payload: Members, inferred: string[]): Pick<AuditEvent, "user" | "impersonatedUser" | "sourceIPs" | "userAgent"> {
	const who = objectOf(payload["authenticationInfo"]) ?? {};
	const from = objectOf(payload["requestMetadata"]) ?? {};
	const selector = textOrNone(who["authoritySelector"]);
	// Documented as the authority that was asked for, for any service; nobody says what GKE puts there.
	if (selector !== undefined) inferred.push("impersonatedUser");
	const address = [from["callerIp"], from["callerIP"]].find((value) => typeof value === "string");
	return {
		...defined("user", userOf(textOrNone(who["principalEmail"]) ?? textOrNone(who["principalSubject"]))),
		...defined("impersonatedUser", userOf(selector)),
		...(typeof address === "string" ? { sourceIPs: [address] } : {}),
		...(typeof from["callerSuppliedUserAgent"] === "string" ? { userAgent: from["callerSuppliedUserAgent"] } : {}),
	};
}

function userOf(username: string | undefined): AuditUser | undefined {
	return username === undefined ? undefined : { username };
}

function targetOf(payload: Members, isWhole: boolean, response: unknown, inferred: string[]): ObjectRef | undefined {
	const methodName = textOrNone(payload["methodName"]);
	const resourceName = textOrNone(payload["resourceName"]);
	if (methodName === undefined) return undefined;
	if (resourceName === undefined) return isWhole ? undefined : authorizedTarget(payload, methodName, inferred);
	const ref = objectRefOf(methodName, resourceName);
	if (ref === undefined || ref.name !== undefined || ref.subresource !== undefined || verbOf(methodName) !== "create") return ref;
	const name = generatedName(response);
	if (name === undefined) return ref;
	inferred.push("objectRef.name");
	return { ...ref, name };
}

/** Of an entry that is cut before resourceName, the same name stands in authorizationInfo, which comes earlier. */
function authorizedTarget(payload: Members, methodName: string, inferred: string[]): ObjectRef | undefined {
	const list: unknown = payload["authorizationInfo"];
	const first: unknown = Array.isArray(list) ? list[0] : undefined;
	const resource = isObject(first) ? textOrNone(first["resource"]) : undefined;
	const ref = resource === undefined ? undefined : objectRefOf(methodName, resource);
	if (ref !== undefined) inferred.push("objectRef");
	return ref;
}

/** With generateName the API server chose the name, and only its answer has it. */
function generatedName(response: unknown): string | undefined {
	const metadata = isObject(response) ? response["metadata"] : undefined;
	return isObject(metadata) ? textOrNone(metadata["name"]) : undefined;
}

function bodyMember(text: EntryText, payload: Part, key: "request" | "response"): Pick<AuditEvent, "requestObject" | "responseObject"> {
	const member = memberOf(payload, key);
	if (member === undefined) return {};
	return { [`${key}Object`]: { raw: bodyOf(text.bytes, member.start, member.end) } };
}

function labelsOf(labels: unknown): AuditEvent["annotations"] {
	if (!isObject(labels) || isStringMap(labels)) return labels as AuditEvent["annotations"];
	const texts = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === "string");
	return Object.fromEntries(texts);
}

function objectOf(value: unknown): Members | undefined {
	return isObject(value) ? value : undefined;
}

function defined<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
	return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}

/** Makes the log entry that GKE would have written of an audit event, for events that are planted in the model. */

import { asRecord, textOrNone } from "../../src/json/value.ts";
import { SERVICE } from "./selection.ts";

type Members = Readonly<Record<string, unknown>>;

/** Where an entry lies, and which cluster it is of. */
export interface PlantedPlace {
	/** "projects/example", "folders/7", ...: what the log's name begins with. */
	readonly parent: string;
	readonly project: string;
	readonly location: string;
	readonly cluster: string;
}

export interface PlantedTimes {
	/** RFC 3339. */
	readonly timestamp: string;
	readonly receiveTimestamp: string;
}

const READS: ReadonlySet<unknown> = new Set(["get", "list", "watch"]);
/** google.rpc codes of HTTP statuses, as GKE has them. */
const RPC_CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 500: 13, 503: 14 };
const RPC_UNKNOWN = 2;

/**
 * The entry, with its keys in the order of the alphabet as the API writes them. The serial is its insertId and its
 * operation's id. Of the event it has what GKE keeps: no groups, no requestURI, no stage.
 */
export function plantedEntry(serial: string, text: string, place: PlantedPlace, times: PlantedTimes): Members {
	const event = JSON.parse(text) as Members;
	const { annotations, verb } = event;
	return {
		insertId: serial,
		...(annotations === undefined ? {} : { labels: annotations }),
		logName: logNameOf(place.parent, verb),
		operation: { first: true, id: serial, last: true, producer: SERVICE },
		protoPayload: payloadOf(event),
		receiveTimestamp: times.receiveTimestamp,
		resource: { labels: { cluster_name: place.cluster, location: place.location, project_id: place.project }, type: "k8s_cluster" },
		timestamp: times.timestamp,
	};
}

function logNameOf(parent: string, verb: unknown): string {
	return `${parent}/logs/cloudaudit.googleapis.com%2F${READS.has(verb) ? "data_access" : "activity"}`;
}

function payloadOf(event: Members): Members {
	const target = asRecord(event["objectRef"]);
	const verb = textOrNone(event["verb"]) ?? "get";
	const methodName = methodNameOf(target, verb);
	const resourceName = event["objectRef"] === undefined ? pathOf(event["requestURI"]) : resourceNameOf(target);
	const principalEmail = textOrNone(asRecord(event["user"])["username"]);
	const code = Number(asRecord(event["responseStatus"])["code"] ?? 200);
	return {
		"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
		authenticationInfo: principalEmail === undefined ? {} : { principalEmail },
		authorizationInfo: [{ ...(code === 401 || code === 403 ? {} : { granted: true }), permission: methodName, resource: resourceName }],
		methodName,
		...bodyOf("request", event["requestObject"]),
		requestMetadata: callerOf(event),
		resourceName,
		...bodyOf("response", event["responseObject"]),
		serviceName: SERVICE,
		status: code < 400 ? {} : { code: RPC_CODES[code] ?? RPC_UNKNOWN },
	};
}

function callerOf({ sourceIPs, userAgent }: Members): Members {
	const callerIp: unknown = Array.isArray(sourceIPs) ? sourceIPs.at(-1) : undefined;
	return { ...(callerIp === undefined ? {} : { callerIp }), ...(userAgent === undefined ? {} : { callerSuppliedUserAgent: userAgent }) };
}

/** A Struct is an object: what else a body may be is left out. */
function bodyOf(key: string, body: unknown): Members {
	const { kind, apiVersion } = asRecord(body);
	if (typeof body !== "object" || body === null || Array.isArray(body)) return {};
	return { [key]: { "@type": `${apiVersion === "v1" ? "core" : String(apiVersion)}.k8s.io/${String(kind)}`, ...body } };
}

/** The group's labels stand in reverse order. */
function methodNameOf(target: Members, verb: string): string {
	const { apiGroup, apiVersion, resource, subresource } = target;
	if (resource === undefined) return `io.k8s.${verb}`;
	const group = textOrNone(apiGroup) ?? "core";
	const reversed = group.includes(".") ? group.split(".").reverse().join(".") : `io.k8s.${group}`;
	return [reversed, apiVersion, resource, subresource, verb].filter((part) => part !== undefined && part !== "").join(".");
}

function resourceNameOf({ apiGroup, apiVersion, namespace, resource, name, subresource }: Members): string {
	const within = namespace === undefined || resource === "namespaces" ? [] : ["namespaces", namespace];
	const parts = [textOrNone(apiGroup) ?? "core", apiVersion, ...within, resource, name, subresource];
	return parts.filter((part) => part !== undefined && part !== "").join("/");
}

function pathOf(uri: unknown): string {
	return (textOrNone(uri) ?? "/").split("?", 1)[0]?.slice(1) ?? "";
}

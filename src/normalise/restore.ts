/** OCSF -> audit.k8s.io: the way back, which shows that nothing was lost. Works on a parsed, stored event. */

import { isAuditEvent } from "../audit/shape.ts";
import { asRecord, isObject, parseOrNone } from "../json/value.ts";
import { COLLECTION, IMPERSONATED, NON_RESOURCE } from "./resources.ts";

type Plain = Readonly<Record<string, unknown>>;

/**
 * The audit event inside an encoded OCSF event (parsed JSON), as a plain object. What the record's text could not
 * hold for every consumer (invalid UTF-8, lone surrogates) is as the event says, unless `raw_data` has the original.
 */
export function restoreAuditEvent(ocsf: Plain): Plain {
	if (typeof ocsf["raw_data"] === "string") {
		const original = originalEvent(ocsf["raw_data"]);
		if (original !== undefined) return original;
	}
	const metadata = asRecord(ocsf["metadata"]);
	const mapped: Plain = {
		kind: metadata["type"],
		apiVersion: auditVersion(metadata["log_version"]),
		level: metadata["log_level"],
		auditID: metadata["correlation_uid"],
		stage: metadata["event_code"],
		requestURI: requestUri(asRecord(asRecord(ocsf["http_request"])["url"])),
		verb: ocsf["activity_id"] === 0 ? undefined : asRecord(ocsf["api"])["operation"],
		user: userOf(asRecord(asRecord(ocsf["actor"])["user"])),
		impersonatedUser: userOf(
			asRecord(resource(ocsf, (candidate) => candidate["type"] === IMPERSONATED && candidate["role_id"] === 2)["owner"]),
		),
		sourceIPs: sourceIps(asRecord(ocsf["src_endpoint"])),
		userAgent: asRecord(ocsf["http_request"])["user_agent"],
		objectRef: objectRef(ocsf),
		...responseOf(asRecord(asRecord(ocsf["api"])["response"])),
		requestObject: asRecord(asRecord(ocsf["api"])["request"])["data"],
		requestReceivedTimestamp: ocsf["start_time_dt"],
		stageTimestamp: metadata["original_time"],
		annotations: annotations(metadata["tags"]),
	};
	return overlay(withoutUndefined(mapped), asRecord(asRecord(ocsf["unmapped"])["audit"]));
}

function auditVersion(logVersion: unknown): unknown {
	return typeof logVersion === "string" && logVersion.startsWith("audit.k8s.io/") ? logVersion : undefined;
}

function requestUri({ path, query_string: query }: Plain): string | undefined {
	if (typeof path !== "string") return undefined;
	return typeof query === "string" ? `${path}?${query}` : path;
}

function userOf(user: Plain): Plain | undefined {
	if (Object.keys(user).length === 0) return undefined;
	const groups = user["groups"] as readonly Plain[] | undefined;
	return withoutUndefined({ username: user["name"], uid: user["uid"], groups: groups?.map(({ name }) => name) });
}

function sourceIps({ ip, intermediate_ips: others }: Plain): unknown {
	return ip === undefined ? undefined : [ip, ...((others as readonly unknown[] | undefined) ?? [])];
}

function objectRef(ocsf: Plain): Plain | undefined {
	const target = resource(ocsf, (candidate) => candidate["role_id"] === 1);
	if (Object.keys(target).length === 0 || target["type"] === NON_RESOURCE) return undefined;
	const api = asRecord(ocsf["api"]);
	const [name, subresource] = typeof target["type"] === "string" ? splitOnce(target["type"]) : [];
	return withoutUndefined({
		resource: name,
		subresource,
		name: target["name"] === COLLECTION ? undefined : target["name"],
		namespace: target["namespace"],
		uid: target["uid"],
		resourceVersion: target["version"],
		apiGroup: asRecord(api["group"])["name"],
		apiVersion: api["version"],
	});
}

function splitOnce(type: string): readonly (string | undefined)[] {
	const slash = type.indexOf("/");
	return slash < 0 ? [type] : [type.slice(0, slash), type.slice(slash + 1)];
}

function responseOf({ code, error, message, data }: Plain): Plain {
	const status = withoutUndefined({ code, reason: error, message });
	return { responseStatus: Object.keys(status).length === 0 ? undefined : status, responseObject: data };
}

function annotations(tags: unknown): Plain | undefined {
	if (!Array.isArray(tags)) return undefined;
	return Object.fromEntries(tags.map(({ name, value }: { name: string; value: string }) => [name, value]));
}

/** What was kept by path wins over what was mapped. */
function overlay(mapped: Plain, kept: Plain): Plain {
	const entries = new Map(Object.entries(mapped));
	for (const [key, value] of Object.entries(kept)) {
		const below = entries.get(key);
		entries.set(key, isObject(value) && isObject(below) ? overlay(below, value) : value);
	}
	return Object.fromEntries(entries);
}

function resource(ocsf: Plain, wanted: (candidate: Plain) => boolean): Plain {
	return ((ocsf["resources"] as readonly Plain[] | undefined) ?? []).find(wanted) ?? {};
}

function withoutUndefined(value: Plain): Plain {
	return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/**
 * The event in the original bytes. Some log services carry it as a JSON string. Undefined if they are cut, or are a
 * record around the event: then the event is what was mapped of it.
 */
function originalEvent(rawData: string): Plain | undefined {
	const value = parseOrNone(Buffer.from(rawData, "base64"));
	const event = typeof value === "string" ? parseOrNone(value) : value;
	return isObject(event) && isAuditEvent(event) ? event : undefined;
}

/** The same event in Elastic Common Schema, in the fields of Elastic's kubernetes.audit_logs integration. */

import type { AuditEvent, AuditUser } from "../contract/audit-event.ts";
import type { JsonObject } from "../contract/json.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { isNullText } from "../json/raw.ts";
import { newTree, type Tree } from "../json/tree.ts";
import { auditTree } from "./audit.ts";
import { categoriesOf, OUTCOMES, typesOf } from "./ecs-categories.ts";
import { writeLine } from "./line.ts";
import { writeJson } from "./write-json.ts";

const ECS_VERSION = "8.17.0";

/**
 * One line of UTF-8 JSON. Unlike Elastic's pipeline it takes the outcome from the response code and not from the
 * authorisation, puts the cluster's id (not a cloud project) in `orchestrator.cluster.id`, drops nothing from bodies,
 * and says whom the caller impersonates in `user.effective`. Elasticsearch has no null: what is null is left out.
 * Bodies and strings are those of the given events only, so what policy did to them holds here too.
 */
export function encodeEcs(event: OcsfEvent, audit: AuditEvent, origin: Origin): Uint8Array {
	return writeLine(ecsOf(event, audit, origin), writeJson);
}

function ecsOf(event: OcsfEvent, audit: AuditEvent, origin: Origin): JsonObject {
	const ips = sourceIps(event);
	const source = some({ ip: ips, address: event.src_endpoint.ip === undefined ? audit.sourceIPs?.[0] : undefined });
	const { http_request: request } = event;
	return {
		"@timestamp": dateOf(event.time_dt, event.time),
		ecs: { version: ECS_VERSION },
		message: event.message,
		event: eventFields(event, audit),
		user: some({ ...userFields(audit.user), effective: some(userFields(audit.impersonatedUser)) }),
		source,
		client: source,
		related: some({ ip: ips && distinct(ips), user: distinct([audit.user?.username, audit.impersonatedUser?.username]) }),
		user_agent: some({ original: request?.user_agent }),
		url: some({ path: request?.url?.path, query: request?.url?.query_string }),
		http: some({
			request: some({ id: audit.auditID, method: request?.http_method }),
			response: some({ status_code: audit.responseStatus?.code }),
		}),
		orchestrator: orchestratorFields(audit, origin),
		container: some({ image: some({ name: imageNames(event) }) }),
		cloud: cloudFields(event),
		kubernetes: { audit: kubernetesAudit(audit) },
	};
}

function eventFields(event: OcsfEvent, audit: AuditEvent): JsonObject {
	const { metadata } = event;
	return {
		kind: "event",
		category: categoriesOf(audit.objectRef),
		type: typesOf(event),
		action: audit.verb,
		outcome: OUTCOMES[event.status_id],
		id: metadata.uid,
		module: "kubernetes",
		dataset: "kubernetes.audit_logs",
		provider: "kube-apiserver",
		start: event.start_time === undefined ? undefined : dateOf(event.start_time_dt, event.start_time),
		end: event.end_time === undefined ? undefined : dateOf(event.time_dt, event.end_time),
		created: metadata.logged_time === undefined ? undefined : dateOf(metadata.logged_time_dt, metadata.logged_time),
	};
}

/** What Elasticsearch takes as a date unless told otherwise: strict_date_optional_time. */
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** As the source wrote it, or else to the millisecond. */
function dateOf(text: string | undefined, ms: number): string {
	return text !== undefined && DATE.test(text) ? text : new Date(ms).toISOString();
}

function userFields(user: AuditUser = {}): JsonObject {
	return { name: user.username, id: user.uid, roles: user.groups };
}

/** Addresses only, in their order: the fields are of a type that refuses all else. */
function sourceIps({ src_endpoint: source }: OcsfEvent): readonly string[] | undefined {
	const ips = [...(source.ip === undefined ? [] : [source.ip]), ...(source.intermediate_ips ?? [])];
	return ips.length === 0 ? undefined : ips;
}

function orchestratorFields({ objectRef = {} }: AuditEvent, { clusterId, clusterName }: Origin): JsonObject {
	const { resource, name, uid, namespace, apiVersion } = objectRef;
	return {
		type: "kubernetes",
		cluster: some({ id: clusterId, name: clusterName }),
		namespace,
		api_version: apiVersion,
		resource: some({ type: resource, name, id: uid }),
	};
}

function imageNames({ api }: OcsfEvent): readonly string[] | undefined {
	return distinct((api.request.containers ?? []).map(({ image }) => image?.name));
}

function cloudFields({ cloud }: OcsfEvent): JsonObject | undefined {
	if (cloud === undefined) return undefined;
	const { provider, account, region, zone } = cloud;
	const isGoogle = provider === "GCP";
	return {
		provider: provider.toLowerCase(),
		account: some({ id: account?.uid }),
		project: some({ id: isGoogle ? account?.uid : undefined }),
		region,
		availability_zone: zone,
	};
}

/** The whole event. Its one change: dots in the names of annotations would make objects of them. */
function kubernetesAudit({ annotations, extras = [], ...members }: AuditEvent): Tree {
	const tree = auditTree({ ...members, extras: extras.filter(({ value }) => !isNullText(value)) });
	if (annotations !== undefined) tree["annotations"] = underscored(annotations);
	for (const body of ["requestObject", "responseObject"] as const) {
		const value = members[body];
		if (value !== undefined && isNullText(value)) tree[body] = undefined;
	}
	return tree;
}

/** Two names may become one: Elasticsearch takes a list wherever it takes a value, so none is lost. */
function underscored(annotations: Readonly<Record<string, string>>): Tree {
	const values = new Map<string, string[]>();
	for (const [name, value] of Object.entries(annotations)) {
		const key = name.replaceAll(".", "_");
		const known = values.get(key);
		if (known === undefined) values.set(key, [value]);
		else known.push(value);
	}
	return newTree(Object.fromEntries([...values].map(([key, list]) => [key, list.length === 1 ? list[0] : list])));
}

function distinct(values: readonly (string | undefined)[]): readonly string[] | undefined {
	const found = new Set(values.filter((value) => value !== undefined && value !== ""));
	return found.size === 0 ? undefined : ([...found] as string[]);
}

/** Undefined if no member is known. */
function some(members: JsonObject): JsonObject | undefined {
	return Object.values(members).every((member) => member === undefined) ? undefined : members;
}

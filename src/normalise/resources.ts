/** What: the target, and the pod, node, impersonated user and cluster that belong to the call. */

import type { AuditEvent, AuditUser, ObjectRef } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { JsonValue } from "../contract/json.ts";
import type { OcsfResource } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { firstExtra, userOf } from "./actor.ts";
import { sparse } from "./sparse.ts";
import { keep, type Leftovers } from "./unmapped.ts";

/** Cannot be the name of a Kubernetes object. */
export const COLLECTION = "*";
/** Cannot be the name of a Kubernetes resource. */
export const NON_RESOURCE = "nonResourceURL";
export const IMPERSONATED = "impersonatedUser";

const TARGET = { role_id: 1, role: "Target" } as const;
const ACTOR = { role_id: 2, role: "Actor" } as const;
const RELATED = { role_id: 4, role: "Related" } as const;

/** The target first, if there is one. */
export function resourcesOf(decoded: DecodedEvent, origin: Origin, leftovers: Leftovers): readonly OcsfResource[] {
	const { event } = decoded;
	return [
		event.objectRef === undefined ? nonResource(decoded) : targetOf(event.objectRef, leftovers),
		boundTo(event.user, POD),
		boundTo(event.user, NODE),
		impersonated(event, leftovers),
		clusterOf(origin),
	].filter((resource) => resource !== undefined);
}

function targetOf(ref: ObjectRef, leftovers: Leftovers): OcsfResource {
	const { resource, subresource, name, namespace, uid, resourceVersion, apiGroup } = ref;
	const isPlain = resource !== undefined && !resource.includes("/") && resource !== NON_RESOURCE;
	if (!isPlain) keepAll(leftovers, { resource, subresource });
	if (name === COLLECTION) keep(leftovers, ["objectRef", "name"], name);
	if (apiGroup === "") keep(leftovers, ["objectRef", "apiGroup"], "");
	if (Object.keys(ref).length === 0) keep(leftovers, ["objectRef"], {});
	return sparse<OcsfResource>({
		...TARGET,
		type: !isPlain || subresource === undefined ? (isPlain ? resource : undefined) : `${resource}/${subresource}`,
		name: name ?? COLLECTION,
		namespace,
		uid,
		version: resourceVersion,
		group: apiGroup ? { name: apiGroup, type: "API group" } : undefined,
	});
}

function keepAll(leftovers: Leftovers, members: Readonly<Record<string, JsonValue | undefined>>): void {
	for (const [key, value] of Object.entries(members)) if (value !== undefined) keep(leftovers, ["objectRef", key], value);
}

function nonResource({ event, envelope }: DecodedEvent): OcsfResource | undefined {
	const path = event.requestURI?.split("?", 1)[0] ?? googlePath(envelope.rest?.["protoPayload"]);
	return path === undefined ? undefined : { ...TARGET, type: NON_RESOURCE, name: path };
}

/** Google Cloud drops the URI; of requests for no resource it keeps the path, without its first slash. */
function googlePath(protoPayload: JsonValue | undefined): string | undefined {
	const name =
		typeof protoPayload === "object" && protoPayload !== null && "resourceName" in protoPayload ? protoPayload.resourceName : undefined;
	return typeof name === "string" ? `/${name}` : undefined;
}

/** Where an authenticator says which object a token is bound to. */
interface Binding {
	readonly as: Pick<OcsfResource, "role_id" | "role">;
	readonly type: string;
	readonly name: string;
	readonly uid: string;
}

const POD: Binding = {
	as: ACTOR,
	type: "pods",
	name: "authentication.kubernetes.io/pod-name",
	uid: "authentication.kubernetes.io/pod-uid",
};
const NODE: Binding = {
	as: RELATED,
	type: "nodes",
	name: "authentication.kubernetes.io/node-name",
	uid: "authentication.kubernetes.io/node-uid",
};

/** The pod or node that the caller's token is bound to: no proof of where the call came from. */
function boundTo(user: AuditUser | undefined, binding: Binding): OcsfResource | undefined {
	const name = firstExtra(user, binding.name);
	const uid = firstExtra(user, binding.uid);
	if (name === undefined && uid === undefined) return undefined;
	return sparse<OcsfResource>({ ...binding.as, type: binding.type, name, uid });
}

function impersonated(event: AuditEvent, leftovers: Leftovers): OcsfResource | undefined {
	const owner = userOf(event.impersonatedUser, IMPERSONATED, leftovers);
	return owner && sparse<OcsfResource>({ ...ACTOR, type: IMPERSONATED, name: owner.name, uid: owner.uid, owner });
}

function clusterOf({ clusterName, clusterId, resourceGroup }: Origin): OcsfResource | undefined {
	if (clusterName === undefined && clusterId === undefined) return undefined;
	return sparse<OcsfResource>({
		...RELATED,
		type: "cluster",
		name: clusterName,
		uid: clusterId,
		group: resourceGroup === undefined ? undefined : { name: resourceGroup, type: "Azure resource group" },
	});
}

/** What: the target, and the pod, node, impersonated user and cluster that belong to the call. */

import type { AuditUser, ObjectRef } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import type { OcsfEvent, OcsfObservable, OcsfResource } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { arrayAt, elements, type Piece, tree } from "../json/pieces.ts";
import { rememberEach } from "../json/remember.ts";
import { firstExtra, userOf } from "./actor.ts";
import { sparse } from "./sparse.ts";

/** Cannot be the name of a Kubernetes object. */
export const COLLECTION = "*";
/** Cannot be the name of a Kubernetes resource. */
export const NON_RESOURCE = "nonResourceURL";
export const IMPERSONATED = "impersonatedUser";

const TARGET = { role_id: 1, role: "Target" } as const;
const ACTOR = { role_id: 2, role: "Actor" } as const;
const RELATED = { role_id: 4, role: "Related" } as const;

/** A resource, and what it gives to the event besides. */
export interface Listed {
	readonly resource: OcsfResource;
	readonly piece: Piece<readonly OcsfResource[]>;
	/** Observables that name it, by its place in the list; made when they are asked for. */
	readonly owners: Piece<readonly OcsfObservable[]>[];
	readonly uids: Piece<readonly OcsfObservable[]>[];
}

function listed(resource: OcsfResource): Listed {
	return { resource, piece: elements([resource]), owners: [], uids: [] };
}

/** The target first, if there is one. */
export function resourcesOf(decoded: DecodedEvent, origin: Origin): readonly Listed[] {
	const { objectRef, user, impersonatedUser } = decoded.event;
	const resources: Listed[] = [];
	const add = (resource: Listed | undefined): void => void (resource && resources.push(resource));
	add(objectRef === undefined ? nonResource(decoded) : targetOf(objectRef));
	if (user?.extra !== undefined) boundTo(user).forEach(add);
	if (impersonatedUser !== undefined) impersonated(impersonatedUser).forEach(add);
	clusterOf(origin).forEach(add);
	return resources;
}

/** Undefined if there is none. */
export function resourceList(resources: readonly Listed[]): Piece<Pick<OcsfEvent, "resources">> | undefined {
	if (resources.length === 0) return undefined;
	return arrayAt(
		"resources",
		resources.map(({ piece }) => piece),
	);
}

const targetOf = rememberEach((ref: ObjectRef): Listed => {
	const { resource, subresource, name, namespace, uid, resourceVersion, apiGroup } = ref;
	const type = subresource === undefined ? resource : `${resource}/${subresource}`;
	return listed(
		sparse<OcsfResource>({
			...TARGET,
			type: isPlain(ref) ? type : undefined,
			name: name ?? COLLECTION,
			namespace,
			uid,
			version: resourceVersion,
			group: apiGroup ? { name: apiGroup, type: "API group" } : undefined,
		}),
	);
});

/** Whether the resource's type can be told from other things that stand in its place. */
function isPlain({ resource }: ObjectRef): boolean {
	return resource !== undefined && !resource.includes("/") && resource !== NON_RESOURCE;
}

/** What of the objectRef the target and the call's API cannot say. */
export const targetLeftovers = rememberEach((ref: ObjectRef) => {
	const { resource, subresource, name, apiGroup } = ref;
	const left: JsonObject = {
		...(isPlain(ref) ? {} : { resource, subresource }),
		name: name === COLLECTION ? name : undefined,
		apiGroup: apiGroup === "" ? apiGroup : undefined,
	};
	const isLeft = Object.keys(ref).length === 0 || Object.values(left).some((value) => value !== undefined);
	return tree(isLeft ? { objectRef: left } : {});
});

function nonResource({ event, envelope }: DecodedEvent): Listed | undefined {
	const path = event.requestURI?.split("?", 1)[0] ?? googlePath(envelope.rest?.["protoPayload"]);
	return path === undefined ? undefined : listed({ ...TARGET, type: NON_RESOURCE, name: path });
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

/** The pod and the node that the caller's token is bound to: no proof of where the call came from. */
const boundTo = rememberEach((user: AuditUser): readonly Listed[] => [POD, NODE].flatMap((binding) => boundBy(user, binding)));

function boundBy(user: AuditUser, binding: Binding): readonly Listed[] {
	const name = firstExtra(user, binding.name);
	const uid = firstExtra(user, binding.uid);
	if (name === undefined && uid === undefined) return [];
	return [listed(sparse<OcsfResource>({ ...binding.as, type: binding.type, name, uid }))];
}

const impersonated = rememberEach((user: AuditUser): readonly Listed[] => {
	const owner = userOf(user);
	if (owner === undefined) return [];
	return [listed(sparse<OcsfResource>({ ...ACTOR, type: IMPERSONATED, name: owner.name, uid: owner.uid, owner }))];
});

const clusterOf = rememberEach(({ clusterName, clusterId, resourceGroup, labels }: Origin): readonly Listed[] => {
	if (clusterName === undefined && clusterId === undefined) return [];
	const cluster = sparse<OcsfResource>({
		...RELATED,
		type: "cluster",
		name: clusterName,
		uid: clusterId,
		group: resourceGroup === undefined ? undefined : { name: resourceGroup, type: "Azure resource group" },
		tags: labels === undefined ? undefined : Object.entries(labels).map(([name, value]) => ({ name, value })),
	});
	return [listed(cluster)];
});

/** Ready-made volume filters: each drops one kind of noise, and none can hide what somebody did. */

import type { AuditEvent } from "../contract/audit-event.ts";
import { isSuccess } from "./success.ts";

export interface FilterPreset {
	readonly name: string;
	readonly summary: string;
	/** Whether the event is such noise. What it needs and the event does not say is no noise. */
	matches(event: AuditEvent): boolean;
}

const READS: ReadonlySet<string | undefined> = new Set(["get", "list", "watch"]);
const RENEWALS: ReadonlySet<string | undefined> = new Set(["get", "list", "watch", "update", "patch"]);

/** The control plane's own identities: the server gives them to nobody else, and they are no service accounts. */
const COMPONENT = /^system:(?:apiserver|kube-controller-manager|kube-scheduler|cloud-controller-manager|kube-proxy|node:.+)$/;
const CONTROLLER = /^system:serviceaccount:kube-system:[a-z0-9-]*controller$/;

const isComponent = ({ user }: AuditEvent): boolean => COMPONENT.test(user?.username ?? "");

/** A known caller as itself: what somebody does in another's name is never noise. */
function isPlainCall(event: AuditEvent): boolean {
	return event.user?.username !== undefined && event.user.username !== "" && event.impersonatedUser === undefined;
}

/** A resource without what comes after it, unless that is its status: exec, log and proxy are never noise. */
function isOf(event: AuditEvent, group: string, resource: string): boolean {
	const { objectRef } = event;
	return objectRef?.resource === resource && (objectRef.apiGroup ?? "") === group && objectRef.subresource === undefined;
}

/** The path of a request for no resource, as the server sees it; undefined for any other. */
function nonResourcePath({ objectRef, requestURI, verb }: AuditEvent): string | undefined {
	return objectRef === undefined && (verb === "get" || verb === "head") ? requestURI?.split("?", 1)[0] : undefined;
}

function isPathOf(event: AuditEvent, paths: RegExp): boolean {
	const path = nonResourcePath(event);
	return path !== undefined && paths.test(path);
}

function isNodeHeartbeat({ objectRef, user, verb }: AuditEvent): boolean {
	const isOwn = objectRef?.name !== undefined && user?.username === `system:node:${objectRef.name}`;
	if (!isOwn || objectRef?.resource !== "nodes" || (objectRef.apiGroup ?? "") !== "") return false;
	return objectRef.subresource === "status" ? verb === "patch" || verb === "update" : objectRef.subresource === undefined && verb === "get";
}

/** Reads by the control plane's machinery, but of nothing that holds secrets, and of no subresource. */
function isControllerRead({ objectRef, user, verb }: AuditEvent): boolean {
	if (!READS.has(verb) || objectRef?.resource === undefined || objectRef.subresource !== undefined || objectRef.resource === "secrets")
		return false;
	const username = user?.username ?? "";
	return COMPONENT.test(username) || CONTROLLER.test(username);
}

const SELF_REVIEWS: readonly (readonly [string, string])[] = [
	["authorization.k8s.io", "selfsubjectaccessreviews"],
	["authorization.k8s.io", "selfsubjectrulesreviews"],
	["authentication.k8s.io", "selfsubjectreviews"],
];

const isEvents = (event: AuditEvent): boolean => isOf(event, "", "events") || isOf(event, "events.k8s.io", "events");

interface Noise {
	readonly name: string;
	readonly summary: string;
	readonly isNoise: (event: AuditEvent) => boolean;
}

const NOISE: readonly Noise[] = [
	{
		name: "leases",
		summary: "reads and renewals of Leases (leader election, node heartbeats); not their creation or deletion",
		isNoise: (event) => isOf(event, "coordination.k8s.io", "leases") && RENEWALS.has(event.verb),
	},
	{ name: "node-status", summary: "a kubelet's reads of its own Node and updates of that Node's status", isNoise: isNodeHeartbeat },
	{
		name: "health-checks",
		summary: "reads of /healthz, /livez and /readyz that were answered with success",
		isNoise: (event) => isPathOf(event, /^\/(?:healthz|livez|readyz)(?:\/[\w./-]*)?$/),
	},
	{
		name: "controller-watch-noise",
		summary: "get, list and watch by the control plane, its controllers and kubelets, except of Secrets and subresources",
		isNoise: isControllerRead,
	},
	{
		name: "read-only-discovery",
		summary: "authenticated reads of /api, /apis, /openapi and /version",
		isNoise: (event) => event.user?.username !== "system:anonymous" && isPathOf(event, /^\/(?:api|apis|openapi|version)(?:\/[\w./-]*)?$/),
	},
	{
		name: "metrics-scrapes",
		summary: "authenticated reads of /metrics",
		isNoise: (event) => event.user?.username !== "system:anonymous" && isPathOf(event, /^\/metrics(?:\/[\w./-]*)?$/),
	},
	{
		name: "events",
		summary: "reads of Event objects, and those that the control plane and kubelets write; not their deletion",
		isNoise: (event) =>
			isEvents(event) && (READS.has(event.verb) || (isComponent(event) && /^(?:create|update|patch)$/.test(event.verb ?? ""))),
	},
	{
		name: "self-subject-reviews",
		summary: "questions what the caller itself may do or who it is; they change nothing",
		isNoise: (event) => event.verb === "create" && SELF_REVIEWS.some(([group, resource]) => isOf(event, group, resource)),
	},
	{
		name: "component-reviews",
		summary: "token and access reviews that the control plane and kubelets ask for their callers; they change nothing",
		isNoise: (event) =>
			event.verb === "create" &&
			isComponent(event) &&
			(isOf(event, "authentication.k8s.io", "tokenreviews") || isOf(event, "authorization.k8s.io", "subjectaccessreviews")),
	},
];

/** Off unless asked for. All of them keep what was refused or failed, what was done in another's name, and whatever an event leaves unsaid. */
export const FILTER_PRESETS: readonly FilterPreset[] = NOISE.map(({ name, summary, isNoise }) => ({
	name,
	summary,
	matches: (event) => isPlainCall(event) && isNoise(event) && isSuccess(event),
}));

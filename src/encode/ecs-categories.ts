/** What kind of event it is in ECS: categories, types and outcome from the closed lists of the schema. */

import type { ObjectRef } from "../contract/audit-event.ts";
import type { ActivityId, OcsfEvent } from "../contract/ocsf-event.ts";

/** Of the response code; the authorisation is told by `allowed` and `denied` among the types. */
export const OUTCOMES: Record<OcsfEvent["status_id"], string> = { 0: "unknown", 1: "success", 2: "failure" };

const TYPES: Record<ActivityId, string> = { 0: "info", 1: "creation", 2: "access", 3: "change", 4: "deletion", 99: "info" };

export function typesOf({ activity_id: id, action_id: action }: OcsfEvent): readonly string[] {
	return [TYPES[id], ...(action === undefined ? [] : [action === 1 ? "allowed" : "denied"])];
}

const IAM_GROUPS: ReadonlySet<string> = new Set(["rbac.authorization.k8s.io", "certificates.k8s.io"]);
const SERVICE_ACCOUNTS = "serviceaccounts";

/** Every event is an API call; one on an object is also about identities or about configuration. */
export function categoriesOf(objectRef: ObjectRef | undefined): readonly string[] {
	const { apiGroup = "", resource } = objectRef ?? {};
	if (resource === undefined) return ["api"];
	const isIam = IAM_GROUPS.has(apiGroup) || (apiGroup === "" && resource === SERVICE_ACCOUNTS);
	return ["api", isIam ? "iam" : "configuration"];
}

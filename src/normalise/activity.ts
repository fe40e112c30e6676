/** Verb -> activity. The verb alone decides: `create pods/exec` stays Create, as in Security Lake. */

import type { ActivityId, OcsfEvent } from "../contract/ocsf-event.ts";
import { keep, type Leftovers } from "./unmapped.ts";

const CAPTIONS: Record<ActivityId, string> = { 0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other" };

const ACTIVITY_OF: ReadonlyMap<string, ActivityId> = new Map([
	["create", 1],
	["post", 1],
	["get", 2],
	["list", 2],
	["watch", 2],
	["head", 2],
	["update", 3],
	["patch", 3],
	["put", 3],
	["delete", 4],
	["deletecollection", 4],
]);

type ActivityAttributes = Pick<OcsfEvent, "activity_id" | "activity_name" | "type_uid" | "type_name"> & { readonly operation: string };

export function activityAttributes(verb: string | undefined, leftovers: Leftovers): ActivityAttributes {
	if (verb === "") keep(leftovers, ["verb"], "");
	const id = verb === undefined || verb === "" ? 0 : (ACTIVITY_OF.get(verb) ?? 99);
	return {
		activity_id: id,
		activity_name: id === 99 ? (verb as string) : CAPTIONS[id],
		type_uid: 600_300 + id,
		type_name: `API Activity: ${CAPTIONS[id]}`,
		operation: id === 0 ? "unknown" : (verb as string),
	};
}

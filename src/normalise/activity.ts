/** Verb -> activity. The verb alone decides: `create pods/exec` stays Create, as in Security Lake. */

import type { ActivityId, OcsfEvent } from "../contract/ocsf-event.ts";
import { members, type Piece } from "../json/pieces.ts";

type Activity = Pick<OcsfEvent, "activity_id" | "activity_name" | "type_uid" | "type_name">;

const CAPTIONS: Record<ActivityId, string> = { 0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other" };

const CREATE = activity(1);
const READ = activity(2);
const UPDATE = activity(3);
const DELETE = activity(4);

const ACTIVITY_OF: ReadonlyMap<string, Piece<Activity>> = new Map([
	["", activity(0)],
	["create", CREATE],
	["post", CREATE],
	["get", READ],
	["list", READ],
	["watch", READ],
	["head", READ],
	["update", UPDATE],
	["patch", UPDATE],
	["put", UPDATE],
	["delete", DELETE],
	["deletecollection", DELETE],
]);

/** A verb that OCSF does not know (options, connect, ...) is Other under its own name; none at all is Unknown. */
export function activityOf(verb = ""): Piece<Activity> {
	return ACTIVITY_OF.get(verb) ?? activity(99, verb);
}

function activity(id: ActivityId, name = CAPTIONS[id]): Piece<Activity> {
	return members<Activity>({
		activity_id: id,
		activity_name: name,
		type_uid: 600_300 + id,
		type_name: `API Activity: ${CAPTIONS[id]}`,
	});
}

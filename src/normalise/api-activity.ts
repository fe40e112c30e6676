/** AuditEvent -> OCSF API Activity (6003): puts the groups of attributes together. */

import type { AuditEvent, ObjectRef } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { members, type Piece, whole } from "../json/pieces.ts";
import { rememberEach } from "../json/remember.ts";
import { activityOf } from "./activity.ts";
import { actorOf, callerOf } from "./actor.ts";
import { apiOf } from "./api.ts";
import { dstEndpoint, httpRequest, httpResponse, sourceOf } from "./endpoints.ts";
import { cloudOf, isTruncated, metadataOf } from "./metadata.ts";
import { observablesOf } from "./observables.ts";
import { controlOf, statusAttributes, statusOf } from "./outcome.ts";
import { COLLECTION, resourceList, resourcesOf } from "./resources.ts";
import { eventTime, isStageTime, readTime, timesOf } from "./times.ts";
import { type Treatment, unmappedOf } from "./unmapped.ts";

export interface Normalised {
	/** `plainOf` makes a plain object of it. */
	readonly event: Piece<OcsfEvent>;
	/** Epoch milliseconds. */
	readonly timeMs: number;
	readonly isTruncated: boolean;
	readonly inferred: readonly string[];
}

/**
 * Total: every audit event has an OCSF event. `nowMs` is used only where no time can be found anywhere.
 * Each piece is a function of one member of the event, as far as that is possible: then it is made once for all
 * events that have the same.
 */
export function normalise(decoded: DecodedEvent, origin: Origin, uid: string, treatment: Treatment, nowMs: number): Normalised {
	const { event, envelope } = decoded;
	const { verb, userAgent, responseStatus } = event;
	const time = eventTime(decoded, nowMs);
	const start = readTime(event.requestReceivedTimestamp);
	const logged = readTime(envelope.loggedTime);
	const inferred = isStageTime(time) ? decoded.inferred : [...decoded.inferred, "time"];
	const isCut = isTruncated(decoded);
	const operation = verb || "unknown";
	const control = controlOf(event);
	const caller = callerOf(event, origin.platform === "gke");
	const source = sourceOf(event);
	const resources = resourcesOf(decoded, origin);
	const ocsf = whole(
		CLASS,
		activityOf(verb),
		timesOf(time, start),
		messageOf(decoded, operation),
		statusOf(event, decoded.rpcCode),
		control,
		metadataOf(decoded, origin, uid, control !== undefined, isCut, logged),
		actorOf(event, caller),
		source.piece,
		dstEndpoint(origin),
		cloudOf(origin),
		httpRequest(event),
		responseStatus && httpResponse(responseStatus),
		resourceList(resources),
		observablesOf(caller, source.observables, userAgent, resources),
		rawData(decoded, treatment),
		apiOf(event, operation, uid),
		unmappedOf(decoded, { time, start, logged, inferred, source, treatment }),
	);
	return { event: ocsf, timeMs: time.ms, isTruncated: isCut, inferred };
}

const CLASS = members({
	class_uid: 6003,
	class_name: "API Activity",
	category_uid: 6,
	category_name: "Application Activity",
	severity_id: 1,
	severity: "Informational",
} as const);

/** No raw copy, by the back door, of what was redacted or dropped. */
function rawData({ repaired }: DecodedEvent, { redacted, reduced }: Treatment): Piece<Pick<OcsfEvent, "raw_data">> | undefined {
	if (repaired?.original === undefined || redacted.size > 0 || reduced !== undefined) return undefined;
	return members({ raw_data: Buffer.from(repaired.original).toString("base64") });
}

/** One line for people: "jane create pods/exec web-0 in shop: 403". */
function messageOf({ event, rpcCode }: DecodedEvent, operation: string): Piece<Pick<OcsfEvent, "message">> {
	const sentence = `${event.user?.username || "unknown"} ${operation}${targetOf(event)}`;
	const { status_code } = statusAttributes(event, rpcCode);
	return members({ message: status_code === undefined ? sentence : `${sentence}: ${status_code}` });
}

function targetOf({ objectRef, requestURI = "" }: AuditEvent): string {
	if (objectRef !== undefined) return objectText(objectRef);
	const query = requestURI.indexOf("?");
	return words(query < 0 ? requestURI : requestURI.slice(0, query));
}

const objectText = rememberEach(({ resource = "", subresource, name = COLLECTION, namespace }: ObjectRef) =>
	words(subresource ? `${resource}/${subresource}` : resource, name, namespace ? `in ${namespace}` : ""),
);

function words(...some: readonly string[]): string {
	return some.map((word) => (word === "" ? "" : ` ${word}`)).join("");
}

/** AuditEvent -> OCSF API Activity (6003): puts the groups of attributes together. */

import type { AuditEvent, ObjectRef } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfEvent, OcsfUnmapped } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { activityAttributes } from "./activity.ts";
import { actorOf } from "./actor.ts";
import { apiOf } from "./api.ts";
import { dstEndpoint, httpRequest, httpResponse, srcEndpoint } from "./endpoints.ts";
import { cloudOf, metadataOf } from "./metadata.ts";
import { observablesOf } from "./observables.ts";
import { controlAttributes, statusAttributes } from "./outcome.ts";
import { COLLECTION, resourcesOf } from "./resources.ts";
import { sparse } from "./sparse.ts";
import { type EventTime, eventTime, isStageTime, timeAttributes } from "./times.ts";
import { keep, type Leftovers, newLeftovers, unlessEmpty } from "./unmapped.ts";

/** What policy did on the way here. */
export interface Treatment {
	/** Rule -> values replaced. */
	readonly redacted: ReadonlyMap<string, number>;
	/** The filter rule that dropped bodies. */
	readonly reducedBy?: string;
}

export interface Normalised {
	readonly event: OcsfEvent;
	readonly inferred: readonly string[];
}

/** Total: every audit event has an OCSF event. `nowMs` is used only where no time can be found anywhere. */
export function normalise(decoded: DecodedEvent, origin: Origin, uid: string, treatment: Treatment, nowMs: number): Normalised {
	const { event } = decoded;
	const audit = newLeftovers();
	const collector = newLeftovers();
	const time = eventTime(decoded, nowMs);
	const inferred = isStageTime(time) ? decoded.inferred : [...decoded.inferred, "time"];
	const operation = event.verb || "unknown";
	const cloud = cloudOf(origin);
	const control = controlAttributes(event);
	const status = statusAttributes(event, decoded.rpcCode);
	const metadata = metadataOf(decoded, origin, uid, profilesOf(cloud, control), collector);
	const actor = actorOf(event, origin.platform === "gke", audit);
	const source = srcEndpoint(event.sourceIPs, audit);
	const request = httpRequest(event);
	const resources = resourcesOf(decoded, origin, audit);
	const mapped = sparse<Mapped>({
		...CLASS,
		...activityAttributes(event.verb),
		...timeAttributes(event, time, audit),
		message: messageOf(event, operation, status.status_code),
		...status,
		...control,
		metadata,
		actor,
		src_endpoint: source,
		dst_endpoint: dstEndpoint(origin),
		cloud,
		http_request: request,
		http_response: httpResponse(event),
		resources: unlessNone(resources),
		observables: unlessNone(observablesOf(actor, source, request, resources)),
		raw_data: rawData(decoded, treatment),
		api: apiOf(event, operation, uid, audit),
	});
	keepTheRest(event, audit);
	tellTreatment(decoded, treatment, time, inferred, collector);
	return { inferred, event: sparse<OcsfEvent>({ ...mapped, unmapped: unmappedOf(audit, decoded.envelope.rest, collector) }) };
}

type Mapped = Omit<OcsfEvent, "unmapped">;

const CLASS = {
	class_uid: 6003,
	class_name: "API Activity",
	category_uid: 6,
	category_name: "Application Activity",
	severity_id: 1,
	severity: "Informational",
} as const;

/** A profile is declared if the event has its attributes, and only then. */
function profilesOf(cloud: unknown, control: unknown): readonly string[] {
	const profiles = ["datetime"];
	if (cloud !== undefined) profiles.push("cloud");
	if (control !== undefined) profiles.push("security_control");
	return profiles;
}

function unlessNone<T>(list: readonly T[]): readonly T[] | undefined {
	return list.length === 0 ? undefined : list;
}

function keepTheRest(event: AuditEvent, audit: Leftovers): void {
	if (event.verb === "") keep(audit, ["verb"], event.verb);
	if (event.authenticationMetadata !== undefined) keep(audit, ["authenticationMetadata"], { ...event.authenticationMetadata });
	for (const { path, value } of event.extras ?? []) keep(audit, path, value);
}

function tellTreatment(
	decoded: DecodedEvent,
	treatment: Treatment,
	time: EventTime,
	inferred: readonly string[],
	collector: Leftovers,
): void {
	if (inferred.length > 0) keep(collector, ["inferred"], inferred);
	if (!isStageTime(time)) keep(collector, ["time_source"], time.from);
	if (treatment.redacted.size > 0) keep(collector, ["redactions"], Object.fromEntries(treatment.redacted));
	if (treatment.reducedBy !== undefined) keep(collector, ["reduced_by"], treatment.reducedBy);
	if (decoded.repaired !== undefined) keep(collector, ["repaired"], decoded.repaired.what);
	if (decoded.rpcCode !== undefined) keep(collector, ["rpc_code"], decoded.rpcCode);
	const { truncated } = decoded;
	if (truncated !== undefined) {
		keep(collector, ["truncated", "arrived_bytes"], truncated.sizeBytes);
		if (truncated.cutIn !== undefined) keep(collector, ["truncated", "cut_in"], truncated.cutIn);
	}
}

function unmappedOf(audit: Leftovers, envelope: OcsfUnmapped["envelope"], collector: Leftovers): OcsfUnmapped | undefined {
	const unmapped = { audit: unlessEmpty(audit), envelope, collector: unlessEmpty(collector) };
	const isEmpty = unmapped.audit === undefined && envelope === undefined && unmapped.collector === undefined;
	return isEmpty ? undefined : sparse<OcsfUnmapped>(unmapped);
}

/** No raw copy, by the back door, of what was redacted or dropped. */
function rawData({ repaired }: DecodedEvent, { redacted, reducedBy }: Treatment): string | undefined {
	const original = redacted.size > 0 || reducedBy !== undefined ? undefined : repaired?.original;
	return original && Buffer.from(original).toString("base64");
}

/** One line for people: "jane create pods/exec web-0 in shop: 403". */
function messageOf({ user, objectRef, requestURI }: AuditEvent, operation: string, statusCode: string | undefined): string {
	const words = [user?.username || "unknown", operation];
	if (objectRef === undefined) words.push(requestURI?.split("?", 1)[0] ?? "");
	else words.push(...wordsOf(objectRef));
	const sentence = words.filter((word) => word !== "").join(" ");
	return statusCode === undefined ? sentence : `${sentence}: ${statusCode}`;
}

function wordsOf({ resource = "", subresource, name = COLLECTION, namespace }: ObjectRef): readonly string[] {
	return [subresource ? `${resource}/${subresource}` : resource, name, namespace ? `in ${namespace}` : ""];
}

/** AuditEvent -> OCSF API Activity (6003): puts the groups of attributes together. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfEvent, OcsfUnmapped } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { activityAttributes } from "./activity.ts";
import { actorOf } from "./actor.ts";
import { apiOf } from "./api.ts";
import { dstEndpoint, httpAttributes, srcEndpoint } from "./endpoints.ts";
import { cloudOf, metadataOf } from "./metadata.ts";
import { observablesOf } from "./observables.ts";
import { controlAttributes, statusAttributes } from "./outcome.ts";
import { COLLECTION, resourcesOf } from "./resources.ts";
import { type EventTime, eventTime, timeAttributes } from "./times.ts";
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
	const inferred = time.from === "stageTimestamp" ? decoded.inferred : [...decoded.inferred, "time"];
	const { operation, ...activity } = activityAttributes(event.verb, audit);
	const control = controlAttributes(event.annotations, event.responseStatus);
	const cloud = cloudOf(origin);
	const profiles = ["datetime", ...(cloud === undefined ? [] : ["cloud"]), ...("action_id" in control ? ["security_control"] : [])];
	const actor = actorOf(event, origin.platform === "gke", audit);
	const source = srcEndpoint(event.sourceIPs, audit);
	const destination = dstEndpoint(origin);
	const resources = resourcesOf(decoded, origin, audit);
	const http = httpAttributes(event);
	const status = statusAttributes(event, decoded.rpcCode);
	const metadata = metadataOf(decoded, origin, uid, profiles, collector);
	const api = apiOf(event, operation, uid, audit);
	const times = timeAttributes(event, time, audit);
	keepTheRest(event, audit);
	tellTreatment(decoded, treatment, time, inferred, collector);
	const unmapped = unmappedOf(audit, decoded.envelope.rest, collector);
	const observables = observablesOf({ actor, src_endpoint: source, ...http, resources });
	return {
		inferred,
		event: {
			class_uid: 6003,
			class_name: "API Activity",
			category_uid: 6,
			category_name: "Application Activity",
			...activity,
			severity_id: 1,
			severity: "Informational",
			...times,
			message: messageOf(event, operation, status.status_code),
			...status,
			...control,
			metadata,
			actor,
			src_endpoint: source,
			...(destination === undefined ? {} : { dst_endpoint: destination }),
			...(cloud === undefined ? {} : { cloud }),
			...http,
			...(resources.length === 0 ? {} : { resources }),
			...(observables.length === 0 ? {} : { observables }),
			...rawData(decoded, treatment),
			api,
			...(unmapped === undefined ? {} : { unmapped }),
		},
	};
}

function keepTheRest(event: AuditEvent, audit: Leftovers): void {
	if (event.authenticationMetadata !== undefined) keep(audit, ["authenticationMetadata"], { ...event.authenticationMetadata });
	for (const { path, value } of event.extras ?? []) keep(audit, path, value);
}

function tellTreatment(decoded: DecodedEvent, treatment: Treatment, time: EventTime, inferred: readonly string[], collector: Leftovers): void {
	if (inferred.length > 0) keep(collector, ["inferred"], inferred);
	if (time.from !== "stageTimestamp") keep(collector, ["time_source"], time.from);
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
	return unlessEmpty({
		...(unlessEmpty(audit) === undefined ? {} : { audit }),
		...(envelope === undefined ? {} : { envelope }),
		...(unlessEmpty(collector) === undefined ? {} : { collector }),
	});
}

/** No raw copy of what was redacted, by the back door. */
function rawData({ repaired }: DecodedEvent, { redacted }: Treatment): Pick<OcsfEvent, "raw_data"> {
	if (repaired?.original === undefined || redacted.size > 0) return {};
	return { raw_data: Buffer.from(repaired.original).toString("base64") };
}

/** One line for people: "jane create pods/exec web-0 in shop: 403". */
function messageOf(event: AuditEvent, operation: string, statusCode: string | undefined): string {
	const { resource, subresource, name, namespace } = event.objectRef ?? {};
	const type = subresource === undefined ? resource : `${resource ?? ""}/${subresource}`;
	const what = event.objectRef === undefined ? (event.requestURI?.split("?", 1)[0] ?? "") : `${type ?? ""} ${name ?? COLLECTION}`;
	const where = namespace === undefined || namespace === "" ? "" : ` in ${namespace}`;
	return `${event.user?.username ?? "unknown"} ${operation} ${what}${where}${statusCode === undefined ? "" : `: ${statusCode}`}`;
}

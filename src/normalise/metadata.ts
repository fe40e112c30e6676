/** About the record: product, reporter, times of the log service, and the annotations as tags. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfCloud, OcsfMetadata, OcsfNamed } from "../contract/ocsf-event.ts";
import type { Origin, Platform } from "../contract/record.ts";
import { sparse } from "./sparse.ts";
import { readTime } from "./times.ts";
import { keep, type Leftovers } from "./unmapped.ts";

interface PlatformFacts {
	readonly product: OcsfMetadata["product"];
	readonly provider?: OcsfCloud["provider"];
	readonly account?: { readonly type_id: number; readonly type: string };
}

const AZURE = { provider: "Azure", account: { type_id: 13, type: "Azure Subscription" } } as const;

const PLATFORMS: Record<Platform, PlatformFacts> = {
	eks: { product: product("Amazon EKS", "AWS"), provider: "AWS", account: { type_id: 10, type: "AWS Account" } },
	gke: {
		product: product("Google Kubernetes Engine", "Google Cloud", "Cloud Audit Logs"),
		provider: "GCP",
		account: { type_id: 11, type: "GCP Project" },
	},
	aks: { product: product("Azure Kubernetes Service", "Microsoft"), ...AZURE },
	arc: { product: product("Azure Arc-enabled Kubernetes", "Microsoft"), ...AZURE },
	kubernetes: { product: product("Kubernetes", "CNCF") },
};

function product(name: string, vendor: string, feature = "kube-apiserver audit"): OcsfMetadata["product"] {
	return { name, vendor_name: vendor, feature: { name: feature } };
}

/** What GKE writes is no audit.k8s.io event. */
const GOOGLE_LOG_VERSION = "google.cloud.audit.AuditLog";
/** What AKS writes in place of a body that was too big. */
const SKIPPED_BODY = '"skipped-too-big-size-object"';
const TRUNCATED = "audit.k8s.io/truncated";

/** `uid` is the event's, `profiles` are those whose attributes it has. */
export function metadataOf(
	decoded: DecodedEvent,
	origin: Origin,
	uid: string,
	profiles: readonly string[],
	leftovers: Leftovers,
): OcsfMetadata {
	const { event, envelope } = decoded;
	const logged = readTime(envelope.loggedTime);
	if (envelope.loggedTime !== undefined && logged?.verbatim !== true) keep(leftovers, ["logged_time"], envelope.loggedTime);
	return sparse<OcsfMetadata>({
		version: "1.8.0",
		profiles,
		product: PLATFORMS[origin.platform ?? "kubernetes"].product,
		uid,
		log_format: "JSON",
		log_provider: origin.logProvider,
		log_name: origin.logName,
		log_source: origin.logSource,
		reporter: reporterOf(origin),
		correlation_uid: event.auditID,
		event_code: event.stage,
		log_level: event.level,
		log_version: event.apiVersion ?? (origin.platform === "gke" ? GOOGLE_LOG_VERSION : undefined),
		type: event.kind,
		original_event_uid: envelope.recordId,
		original_time: event.stageTimestamp,
		logged_time: logged?.ms,
		logged_time_dt: logged?.dt,
		is_truncated: decoded.truncated !== undefined || isTruncated(event) ? true : undefined,
		tags: tagsOf(event.annotations),
	});
}

/** Whether the source itself says that it left something out. */
function isTruncated(event: AuditEvent): boolean {
	return event.annotations?.[TRUNCATED] === "true" || isSkipped(event.requestObject?.raw) || isSkipped(event.responseObject?.raw);
}

function isSkipped(body: Uint8Array | undefined): boolean {
	return body?.length === SKIPPED_BODY.length && Buffer.from(body).toString("latin1") === SKIPPED_BODY;
}

function tagsOf(annotations: AuditEvent["annotations"]): OcsfMetadata["tags"] {
	return annotations && Object.entries(annotations).map(([name, value]) => ({ name, value }));
}

function reporterOf({ clusterName, clusterId }: Origin): OcsfNamed | undefined {
	return clusterName === undefined && clusterId === undefined ? undefined : sparse<OcsfNamed>({ name: clusterName, uid: clusterId });
}

/** Undefined for a cluster that is in no cloud. */
export function cloudOf({ platform, account, region, zone, partition }: Origin): OcsfCloud | undefined {
	const facts = PLATFORMS[platform ?? "kubernetes"];
	if (facts.provider === undefined) return undefined;
	return sparse<OcsfCloud>({
		provider: facts.provider,
		account: account === undefined || facts.account === undefined ? undefined : { uid: account, ...facts.account },
		region,
		zone,
		cloud_partition: partition,
	});
}

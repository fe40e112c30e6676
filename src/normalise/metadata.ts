/** About the record: product, reporter, times of the log service, and the annotations as tags. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfCloud, OcsfMetadata, OcsfNamed } from "../contract/ocsf-event.ts";
import type { Origin, Platform } from "../contract/record.ts";
import { readTime } from "./times.ts";
import { keep, type Leftovers } from "./unmapped.ts";

interface PlatformFacts {
	readonly product: string;
	readonly vendor: string;
	readonly feature: string;
	readonly provider?: OcsfCloud["provider"];
	readonly account?: { readonly type_id: number; readonly type: string };
}

const AUDIT = "kube-apiserver audit";
const AZURE_ACCOUNT = { type_id: 13, type: "Azure Subscription" };

const PLATFORMS: Record<Platform, PlatformFacts> = {
	eks: { product: "Amazon EKS", vendor: "AWS", feature: AUDIT, provider: "AWS", account: { type_id: 10, type: "AWS Account" } },
	gke: {
		product: "Google Kubernetes Engine",
		vendor: "Google Cloud",
		feature: "Cloud Audit Logs",
		provider: "GCP",
		account: { type_id: 11, type: "GCP Project" },
	},
	aks: { product: "Azure Kubernetes Service", vendor: "Microsoft", feature: AUDIT, provider: "Azure", account: AZURE_ACCOUNT },
	arc: { product: "Azure Arc-enabled Kubernetes", vendor: "Microsoft", feature: AUDIT, provider: "Azure", account: AZURE_ACCOUNT },
	kubernetes: { product: "Kubernetes", vendor: "CNCF", feature: AUDIT },
};

/** What GKE writes is no audit.k8s.io event. */
const GOOGLE_LOG_VERSION = "google.cloud.audit.AuditLog";
/** What AKS writes in place of a body that was too big. */
const SKIPPED_BODY = '"skipped-too-big-size-object"';
const TRUNCATED = "audit.k8s.io/truncated";

export function metadataOf(decoded: DecodedEvent, origin: Origin, uid: string, profiles: readonly string[], leftovers: Leftovers): OcsfMetadata {
	const { event, envelope } = decoded;
	const { product, vendor, feature } = PLATFORMS[origin.platform ?? "kubernetes"];
	const reporter = reporterOf(origin);
	const logVersion = event.apiVersion ?? (origin.platform === "gke" ? GOOGLE_LOG_VERSION : undefined);
	return {
		version: "1.8.0",
		profiles,
		product: { name: product, vendor_name: vendor, feature: { name: feature } },
		uid,
		log_format: "JSON",
		...defined("log_provider", origin.logProvider),
		...defined("log_name", origin.logName),
		...defined("log_source", origin.logSource),
		...defined("reporter", reporter),
		...defined("correlation_uid", event.auditID),
		...defined("event_code", event.stage),
		...defined("log_level", event.level),
		...defined("log_version", logVersion),
		...defined("type", event.kind),
		...defined("original_event_uid", envelope.recordId),
		...defined("original_time", event.stageTimestamp),
		...loggedTime(envelope.loggedTime, leftovers),
		...(decoded.truncated !== undefined || isTruncated(event) ? { is_truncated: true } : {}),
		...defined("tags", tagsOf(event.annotations)),
	};
}

/** Whether the source itself says that it left something out. */
export function isTruncated(event: AuditEvent): boolean {
	return event.annotations?.[TRUNCATED] === "true" || isSkipped(event.requestObject?.raw) || isSkipped(event.responseObject?.raw);
}

function isSkipped(body: Uint8Array | undefined): boolean {
	return body?.length === SKIPPED_BODY.length && Buffer.from(body).toString("latin1") === SKIPPED_BODY;
}

function loggedTime(text: string | undefined, leftovers: Leftovers): Pick<OcsfMetadata, "logged_time" | "logged_time_dt"> {
	if (text === undefined) return {};
	const time = readTime(text);
	if (time?.verbatim !== true) keep(leftovers, ["logged_time"], text);
	return time === undefined ? {} : { logged_time: time.ms, logged_time_dt: time.dt };
}

function tagsOf(annotations: AuditEvent["annotations"]): OcsfMetadata["tags"] {
	return annotations && Object.entries(annotations).map(([name, value]) => ({ name, value }));
}

function reporterOf({ clusterName, clusterId }: Origin): OcsfNamed | undefined {
	if (clusterName === undefined && clusterId === undefined) return undefined;
	return { ...defined("name", clusterName), ...defined("uid", clusterId) };
}

/** Undefined for a cluster that is in no cloud. */
export function cloudOf({ platform, account, region, zone, partition }: Origin): OcsfCloud | undefined {
	const facts = PLATFORMS[platform ?? "kubernetes"];
	if (facts.provider === undefined) return undefined;
	return {
		provider: facts.provider,
		...(account === undefined || facts.account === undefined ? {} : { account: { uid: account, ...facts.account } }),
		...defined("region", region),
		...defined("zone", zone),
		...defined("cloud_partition", partition),
	};
}

/** A member to spread in: nothing at all if there is no value, since OCSF knows no null. */
function defined<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
	return (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
}

/** About the record: product, reporter, times of the log service, and the annotations as tags. */

import type { AuditEvent } from "../contract/audit-event.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfCloud, OcsfEvent, OcsfMetadata, OcsfNamed } from "../contract/ocsf-event.ts";
import type { Origin, Platform } from "../contract/record.ts";
import { members, objectAt, type Piece } from "../json/pieces.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import { sparse } from "./sparse.ts";
import type { ReadTime } from "./times.ts";

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

function factsOf({ platform = "kubernetes" }: Origin): PlatformFacts {
	return PLATFORMS[platform];
}

/** What GKE writes is no audit.k8s.io event. */
const GOOGLE_LOG_VERSION = "google.cloud.audit.AuditLog";
/** What AKS writes in place of a body that was too big. */
const SKIPPED_BODY = Buffer.from('"skipped-too-big-size-object"');
const TRUNCATED = "audit.k8s.io/truncated";

/** `uid` is the event's; `isControlled`: it has the attributes of the profile `security_control`. */
export function metadataOf(
	{ event, envelope }: DecodedEvent,
	origin: Origin,
	uid: string,
	isControlled: boolean,
	isCut: boolean,
	logged: ReadTime | undefined,
): Piece<{ readonly metadata: OcsfMetadata }> {
	const { stage, level, kind, apiVersion = origin.platform === "gke" ? GOOGLE_LOG_VERSION : undefined, annotations } = event;
	const own = sparse<Own>({
		uid,
		correlation_uid: event.auditID,
		original_event_uid: envelope.recordId,
		original_time: event.stageTimestamp,
		logged_time: logged?.ms,
		logged_time_dt: logged?.dt,
	});
	return objectAt(
		"metadata",
		isControlled ? classOfControlled(origin) : classOf(origin),
		members(own),
		logOf(origin),
		stage === undefined ? undefined : stageOf(stage),
		level === undefined ? undefined : levelOf(level),
		apiVersion === undefined ? undefined : versionOf(apiVersion),
		kind === undefined ? undefined : kindOf(kind),
		isCut ? CUT : undefined,
		annotations && tagsOf(annotations),
	);
}

/** What no other event has. */
type Own = Pick<OcsfMetadata, "uid" | "correlation_uid" | "original_event_uid" | "original_time" | "logged_time" | "logged_time_dt">;

type Class = Pick<OcsfMetadata, "version" | "profiles" | "product">;

/** A profile is declared if the event has its attributes, and only then. */
function createClassOf(controlProfiles: readonly string[]): (origin: Origin) => Piece<Class> {
	return rememberEach((origin) => {
		const facts = factsOf(origin);
		const cloudProfiles = facts.provider === undefined ? [] : ["cloud"];
		return members<Class>({ version: "1.8.0", profiles: ["datetime", ...cloudProfiles, ...controlProfiles], product: facts.product });
	});
}

const classOf = createClassOf([]);
const classOfControlled = createClassOf(["security_control"]);

type Log = Pick<OcsfMetadata, "log_format" | "log_provider" | "log_name" | "log_source" | "reporter">;

const logOf = rememberEach((origin: Origin) =>
	members(
		sparse<Log>({
			log_format: "JSON",
			log_provider: origin.logProvider,
			log_name: origin.logName,
			log_source: origin.logSource,
			reporter: reporterOf(origin),
		}),
	),
);

function reporterOf({ clusterName, clusterId }: Origin): OcsfNamed | undefined {
	return clusterName === undefined && clusterId === undefined ? undefined : sparse<OcsfNamed>({ name: clusterName, uid: clusterId });
}

const stageOf = rememberTexts((event_code) => members({ event_code }));
const levelOf = rememberTexts((log_level) => members({ log_level }));
const versionOf = rememberTexts((log_version) => members({ log_version }));
const kindOf = rememberTexts((type) => members({ type }));

const CUT = members({ is_truncated: true as const });

/** Whether a part of the event is missing: it was cut on its way, or the source itself says that it left something out. */
export function isTruncated({ event, truncated }: DecodedEvent): boolean {
	return (
		truncated !== undefined ||
		event.annotations?.[TRUNCATED] === "true" ||
		isSkipped(event.requestObject?.raw) ||
		isSkipped(event.responseObject?.raw)
	);
}

function isSkipped(body: Uint8Array | undefined): boolean {
	return body?.length === SKIPPED_BODY.length && SKIPPED_BODY.equals(body);
}

const tagsOf = rememberEach((annotations: NonNullable<AuditEvent["annotations"]>) =>
	members({ tags: Object.entries(annotations).map(([name, value]) => ({ name, value })) }),
);

/** Of a cluster that is in no cloud there is nothing. */
export const cloudOf = rememberEach((origin: Origin): Piece<Pick<OcsfEvent, "cloud">> => {
	const { provider, account: accountType } = factsOf(origin);
	if (provider === undefined) return members({});
	const { account, region, zone, partition } = origin;
	const cloud = sparse<OcsfCloud>({
		provider,
		account: account === undefined || accountType === undefined ? undefined : { uid: account, ...accountType },
		region,
		zone,
		cloud_partition: partition,
	});
	return members({ cloud });
});

/** For tests: an ordinary audit event, ways to change it, and the way from its text to OCSF. */

import { decodeAuditText } from "../audit/decode-text.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { type Piece, plainOf } from "../json/pieces.ts";
import { normalise } from "./api-activity.ts";
import { uidOf } from "./uid.ts";
import type { Treatment } from "./unmapped.ts";

/** As kube-apiserver writes it. */
export const EVENT = {
	kind: "Event",
	apiVersion: "audit.k8s.io/v1",
	level: "RequestResponse",
	auditID: "5b0c6f7e-2b0e-4a53-9c0e-0d6a3f0f1a01",
	stage: "ResponseComplete",
	requestURI: "/api/v1/namespaces/shop/pods?fieldManager=kubectl",
	verb: "create",
	user: { username: "jane@example.com", uid: "u-1", groups: ["platform-admins", "system:authenticated"] },
	sourceIPs: ["203.0.113.7", "10.0.0.9"],
	userAgent: "kubectl/v1.36.4 (linux/amd64) kubernetes/98b3519",
	objectRef: { resource: "pods", namespace: "shop", name: "web-0", uid: "p-1", apiVersion: "v1", resourceVersion: "17" },
	responseStatus: { metadata: {}, code: 201 },
	requestReceivedTimestamp: "2026-05-04T09:30:00.100000Z",
	stageTimestamp: "2026-05-04T09:30:00.141592Z",
	annotations: {
		"authorization.k8s.io/decision": "allow",
		"authorization.k8s.io/reason": 'RBAC: allowed by ClusterRoleBinding "admins" of ClusterRole "cluster-admin" to Group "platform-admins"',
	},
};

export const NOW_MS = Date.UTC(2026, 4, 5);
export const NOT_TREATED: Treatment = { redacted: new Map() };

const EKS_ARN = "arn:aws:eks:eu-west-1:111122223333:cluster/payments";

/** A cluster in every cloud, and one in none. */
export const ORIGINS = {
	eks: {
		connector: "aws-cloudwatch",
		platform: "eks",
		account: "111122223333",
		region: "eu-west-1",
		partition: "aws",
		clusterName: "payments",
		clusterId: EKS_ARN,
		clusterKey: EKS_ARN,
		logName: "/aws/eks/payments/cluster",
		logSource: "kube-apiserver-audit-1",
		logProvider: "AWS CloudWatch Logs",
	},
	gke: {
		connector: "gcp-cloud-logging",
		platform: "gke",
		account: "acme-prod",
		region: "europe-west1",
		zone: "europe-west1-b",
		clusterName: "payments",
		clusterId: "//container.googleapis.com/projects/acme-prod/locations/europe-west1-b/clusters/payments",
	},
	aks: {
		connector: "azure-diagnostics",
		platform: "aks",
		account: "s-1",
		partition: "AzureCloud",
		resourceGroup: "rg",
		clusterName: "shop",
	},
	kubernetes: { connector: "kubernetes", platform: "kubernetes" },
} as const satisfies Record<string, Origin>;

/** The decoded event of a text, or of an object's text; what decoders of log services add is in `more`. */
export function decodedOf(source: object | string | Uint8Array, more: Partial<DecodedEvent> = {}): DecodedEvent {
	const bytes = source instanceof Uint8Array ? source : Buffer.from(typeof source === "string" ? source : JSON.stringify(source));
	const decoded = decodeAuditText(bytes);
	if (decoded.kind !== "event") throw new Error(`no audit event: ${decoded.kind === "bad" ? decoded.error.message : decoded.reason}`);
	return { envelope: {}, inferred: [], ...decoded, ...more };
}

/** The OCSF event of EVENT with other members; one that is undefined is left out. */
export function ocsfOf(changes: object, origin: Origin = ORIGINS.kubernetes, more: Partial<DecodedEvent> = {}): OcsfEvent {
	return normaliseOnly(decodedOf({ ...EVENT, ...changes }, more), origin);
}

export function normaliseOnly(decoded: DecodedEvent, origin: Origin = ORIGINS.kubernetes, treatment = NOT_TREATED): OcsfEvent {
	return plainOf(piecesOf(decoded, origin, treatment));
}

/** The same, ready to be encoded. */
export function piecesOf(decoded: DecodedEvent, origin: Origin = ORIGINS.kubernetes, treatment = NOT_TREATED): Piece<OcsfEvent> {
	return normalise(decoded, origin, uidOf(origin.clusterKey ?? "", decoded.identity), treatment, NOW_MS).event;
}

/** What arrives: members that are undefined are not written. */
export function written<T>(value: T): T {
	return JSON.parse(JSON.stringify(value)) as T;
}

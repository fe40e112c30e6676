/** What a user says so that audit logs can be read live out of Log Analytics workspaces. */

import { z } from "zod";
import { TABLES } from "./tables.ts";

const MIB = 1024 * 1024;
const BYTES_MAX = 90 * MIB;

const clientId = z.guid().describe("Client (application) id of the identity.");
const tenantId = z.guid().describe("Microsoft Entra tenant of the identity.");

const identity = z
	.discriminatedUnion("kind", [
		z.strictObject({
			kind: z.literal("default").describe("Whatever the surroundings offer: environment, workload identity, managed identity, Azure CLI."),
			clientId: clientId.optional(),
		}),
		z.strictObject({
			kind: z.literal("workload").describe("Microsoft Entra Workload ID, by the token that Kubernetes projects into the pod."),
			clientId: clientId.optional(),
			tenantId: tenantId.optional(),
			tokenFile: z.string().min(1).optional().describe("File with the projected token, if the webhook does not say."),
		}),
		z.strictObject({
			kind: z.literal("managed").describe("A managed identity: the system-assigned one, or the user-assigned one of that client id."),
			clientId: clientId.optional(),
		}),
		z.strictObject({
			kind: z.literal("service-principal").describe("An application with a client secret."),
			tenantId,
			clientId,
			clientSecret: z
				.string()
				.describe("The application's secret: written as a reference to an environment variable or a file, never itself."),
		}),
		z.strictObject({ kind: z.literal("cli").describe("Who is signed in to the Azure CLI."), tenantId: tenantId.optional() }),
	])
	.default({ kind: "default" })
	.describe("Who asks. It needs the role Log Analytics Reader on each workspace.");

const quota = z
	.strictObject({
		share: z.number().positive().max(1).default(0.4).describe("Share of the quota to use; the rest is left to others with this identity."),
		per30Seconds: z.int().positive().default(200).describe("Queries that the service allows an identity in 30 seconds."),
	})
	.prefault({})
	.describe("How much of the service's quota may be used.");

const limits = z
	.strictObject({
		answerBytesMax: z
			.int()
			.positive()
			.max(BYTES_MAX)
			.default(4 * MIB)
			.describe("Bytes of one answer, held in memory; more is asked for in parts. The service itself cuts at about 100 MB."),
		answerRowsMax: z.int().positive().max(500_000).default(500_000).describe("Rows of one answer at which the service cuts."),
		queryTimeoutSeconds: z.int().positive().max(600).default(60).describe("How long the service may work on one query."),
		basicLateHours: z
			.number()
			.positive()
			.max(72)
			.default(2)
			.describe(
				"Tables of the Basic plan: how long after its time a row may be ingested and still be found. Each query is charged for it.",
			),
	})
	.prefault({})
	.describe("Bounds on one query.");

/** The settings of a source `azure-diagnostics` beside those that every source has. */
export const settings = z.strictObject({
	workspaces: z.array(z.guid()).min(1).describe("Workspace ids (GUIDs, as the workspace's overview shows them)."),
	resourceIds: z
		.array(z.string().regex(/^\/subscriptions\/[\w.()/-]+$/i, "an ARM id begins with /subscriptions/"))
		.min(1)
		.optional()
		.describe("ARM ids of the clusters to read. Absent: every cluster that sends to the workspaces."),
	tables: z
		.array(z.enum(TABLES))
		.min(1)
		.optional()
		.describe("Tables to read. Absent: those that exist, without an Admin table whose clusters are all in its whole table."),
	cloud: z.enum(["public", "usgovernment", "china"]).default("public").describe("Which Azure cloud the workspaces are in."),
	endpoint: z.url().optional().describe("Address of the query API, with its /v1, where it is not that of the cloud (private link, proxy)."),
	audience: z.url().optional().describe("What the token is asked for, where it is not that of the cloud."),
	authorityHost: z.url().optional().describe("Where tokens are asked for, where it is not that of the cloud."),
	identity,
	quota,
	limits,
});

export type Settings = z.output<typeof settings>;

/** Queries a second that one identity may make, and how many at once after a pause. Buckets are shared by identity. */
export function quotaOf({ quota: { share, per30Seconds } }: Settings): { readonly perSecond: number; readonly burst: number } {
	const perSecond = (share * per30Seconds) / 30;
	return { perSecond, burst: Math.max(1, Math.floor(perSecond)) };
}

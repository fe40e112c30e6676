/** What a user says to have entries pulled from Cloud Logging: where to look, as whom, and how much of the quota to take. */

import { z } from "zod";

const PAGE_ENTRIES_MAX = 1_000;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

const names = (what: string, pattern: RegExp) =>
	z
		.array(z.string().regex(pattern, `is no ${what}`))
		.default([])
		.readonly();

/** A token must not cross a network in plain text. */
function isSafe(endpoint: string): boolean {
	const url = URL.parse(endpoint);
	return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname)));
}

const credentials = z.strictObject({
	keyFile: z
		.string()
		.min(1)
		.optional()
		.describe(
			"Path of a credentials file (service_account, external_account or authorized_user). Absent: application default credentials.",
		),
});

const quota = z.strictObject({
	share: z
		.number()
		.positive()
		.max(1)
		.default(0.4)
		.describe("Share of the quota that is taken; the rest is left to consoles, alerts and other readers of the project."),
	perMinute: z
		.number()
		.int()
		.positive()
		.default(60)
		.describe("entries.list calls a minute that a project may make; Google Cloud grants 60."),
});

/** The settings of this connector; keys that all connectors have are not among them. */
export const settings = z.strictObject({
	projects: names("project id", /^[a-z][a-z0-9.:-]*[a-z0-9]$|^\d+$/).describe("Projects whose GKE clusters are read, by id."),
	folders: names("folder number", /^\d+$/).describe(
		"Folders, by number. Only entries of the folder itself: for those of its projects, give the projects, or a view.",
	),
	organizations: names("organisation number", /^\d+$/).describe(
		"Organisations, by number. Only entries of the organisation itself: for those of its projects, give the projects, or a view.",
	),
	views: names(
		"view (projects/<id>/locations/<l>/buckets/<b>/views/<v>)",
		/^(?:projects|folders|organizations|billingAccounts)\/[^/\s]+\/locations\/[^/\s]+\/buckets\/[^/\s]+\/views\/[^/\s]+$/,
	).describe("Log views, by full name: the way to read what a sink of a folder or organisation gathered in one bucket."),
	clusters: names("cluster name", /^[a-z0-9][a-z0-9-]*$/).describe("Only clusters of these names. Empty: all."),
	locations: names("zone or region", /^[a-z0-9][a-z0-9-]*$/).describe("Only clusters in these zones or regions. Empty: all."),
	filter: z
		.string()
		.min(1)
		.max(10_000)
		.optional()
		.describe("A further condition in the Logging query language. What it leaves out is never seen, nor missed."),
	transport: z
		.enum(["rest", "grpc"])
		.default("rest")
		.describe(
			"rest: each entry's exact JSON, and light. grpc: through @google-cloud/logging, heavier, and fields that are unknown here are lost.",
		),
	endpoint: z
		.string()
		.refine(isSafe, "must be an https address; http is for loopback alone")
		.optional()
		.describe("Address of the service, for private endpoints and simulators: https://logging.example.com."),
	universe: z.string().min(1).optional().describe("Universe domain of a sovereign cloud. Absent: googleapis.com."),
	pageEntriesMax: z
		.number()
		.int()
		.positive()
		.max(PAGE_ENTRIES_MAX)
		.default(PAGE_ENTRIES_MAX)
		.describe("Entries of one answer at most; the service allows 1000."),
	lookbackHours: z
		.number()
		.int()
		.positive()
		.max(24 * 400)
		.default(25)
		.describe("How much older than the time of its arrival an entry may be to be found. More costs the service a longer search."),
	quota: quota.prefault({}).describe("How much of the project's quota of reads is taken."),
	credentials: credentials.prefault({}).describe("Whom to be. Absent: application default credentials, so also workload identity."),
});

export type Settings = z.output<typeof settings>;

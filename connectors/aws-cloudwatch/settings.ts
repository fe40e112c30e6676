/** What a user says to have log groups pulled from CloudWatch Logs: where to look, as whom, and how much of the quota to take. */

import { z } from "zod";

const CLUSTERS_MAX = 1_000;
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Signed requests carry a session token and their answers the records: neither may cross a network in plain text. */
function isSafe(address: string): boolean {
	const url = URL.parse(address);
	return url !== null && (url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname)));
}

const endpoint = z.string().refine(isSafe, "must be an https address; http is for loopback alone");

const region = z.string().regex(/^[a-z]{2,}(?:-[a-z0-9]+)+$/, "is no Region, such as eu-central-1");

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html */
const cluster = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/, "is no EKS cluster's name");

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const logGroup = z
	.string()
	.regex(
		/^(?:arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:)?[\w./#-]{1,512}(?::\*)?$/,
		"is neither a log group's name nor its ARN (arn:aws:logs:<region>:<account>:log-group:<name>)",
	);

const quota = z.strictObject({
	share: z
		.number()
		.positive()
		.max(1)
		.default(0.4)
		.describe(
			"Share of the Region's quota of FilterLogEvents that is taken; the rest is left to consoles and other readers of the account.",
		),
	perSecond: z
		.number()
		.positive()
		.optional()
		.describe("Calls of FilterLogEvents a second in each Region, in place of the share of what AWS grants there."),
});

const discover = z.strictObject({
	prefix: z
		.string()
		.min(1)
		.max(512)
		.default("/aws/eks/")
		.describe("What the names of log groups begin with. Under /aws/eks/ only the control-plane groups of clusters are taken."),
});

/** The settings of this connector; keys that all connectors have are not among them. */
export const settings = z
	.strictObject({
		regions: z.array(region).max(100).default([]).readonly().describe("Regions to look in, such as eu-central-1."),
		account: z
			.string()
			.regex(/^\d{12}$/, "is no account id of 12 digits")
			.optional()
			.describe(
				"The account that the log groups must be of, 12 digits. Spares the permission logs:DescribeLogGroups where groups are named.",
			),
		clusters: z
			.array(cluster)
			.max(CLUSTERS_MAX)
			.default([])
			.readonly()
			.describe("EKS clusters, by name: their log groups are /aws/eks/<name>/cluster."),
		logGroups: z
			.array(logGroup)
			.max(CLUSTERS_MAX)
			.default([])
			.readonly()
			.describe("Log groups, by name (looked for in every Region above) or by ARN (in its own Region; also of a linked account)."),
		discover: discover.optional().describe("Look for log groups by prefix. {} finds all EKS clusters whose control plane logs."),
		roleArn: z
			.string()
			.regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, "is no role's ARN (arn:aws:iam::<account>:role/<name>)")
			.optional()
			.describe("A role to assume, with whatever identity the AWS SDK finds: pod identity, IRSA, environment, profile, instance."),
		externalId: z
			.string()
			.regex(/^[\w+=,.@:/-]{2,1224}$/, "is no external id")
			.optional()
			.describe("The external id that the role's trust policy asks for."),
		profile: z.string().min(1).optional().describe("A profile of the shared AWS files (~/.aws) to be."),
		endpoint: endpoint.optional().describe("Address of CloudWatch Logs, for private endpoints and simulators."),
		stsEndpoint: endpoint.optional().describe("Address of the token service (STS), for private endpoints and simulators."),
		quota: quota.prefault({}).describe("How much of the Region's quota of reads is taken."),
	})
	.check((context) => {
		const refuse = (key: string, message: string): void =>
			void context.issues.push({ code: "custom", message, input: context.value, path: [key] });
		const { clusters, logGroups, discover, regions, externalId, roleArn } = context.value;
		if (clusters.length + logGroups.length === 0 && discover === undefined)
			refuse("clusters", "name clusters or logGroups, or set discover: {} to look for them");
		const areAllArns = clusters.length === 0 && discover === undefined && logGroups.every((group) => group.startsWith("arn:"));
		if (regions.length === 0 && !areAllArns) refuse("regions", "name the Regions to look in; only ARNs of log groups do without");
		if (externalId !== undefined && roleArn === undefined) refuse("externalId", "goes with roleArn, which is missing");
	});

export type Settings = z.output<typeof settings>;

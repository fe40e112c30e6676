/** Settings: what is taken, what is refused and in which words, and how they become a share of the quota. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { callsOf, quotaName, quotaOf } from "./quota.ts";
import { settings } from "./settings.ts";
import { SCOPE } from "./test-service.ts";

const GOOD = { regions: ["eu-central-1"], clusters: ["prod"] };

/** Where a fault lies, and what is said of it; undefined if there is none. */
function fault(input: object): string | undefined {
	const { error } = settings.safeParse(input);
	const issue = error?.issues[0];
	return issue === undefined ? undefined : `${issue.path.join(".")}: ${issue.message}`;
}

test("what is left out has its default", () => {
	const { quota, logGroups, discover } = settings.parse(GOOD);
	assert.deepEqual({ quota, logGroups, discover }, { quota: { share: 0.4 }, logGroups: [], discover: undefined });
	assert.deepEqual(settings.parse({ regions: ["us-east-1"], discover: {} }).discover, { prefix: "/aws/eks/" });
});

test("every way to name a log group is taken", () => {
	const arn = "arn:aws-us-gov:logs:us-gov-west-1:123456789012:log-group:/aws/eks/prod/cluster:*";
	for (const input of [
		GOOD,
		{ regions: ["us-gov-west-1", "ap-southeast-3"], discover: { prefix: "/x" } },
		{ logGroups: [arn, arn.replace(":*", "")] },
		{ ...GOOD, logGroups: ["/central/audit_1.2-#x"], account: "123456789012" },
		{ ...GOOD, roleArn: "arn:aws:iam::123456789012:role/path/audit-reader", externalId: "shared-4711", profile: "audit" },
		{
			...GOOD,
			endpoint: "https://vpce-1.logs.eu-central-1.vpce.amazonaws.com",
			stsEndpoint: "http://127.0.0.1:4566",
			quota: { perSecond: 0.5 },
		},
	])
		assert.equal(fault(input), undefined);
});

test("the README's example is what it says", () => {
	const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(new URL("README.md", import.meta.url), "utf8")) ?? [];
	const { sources } = parse(example) as { sources: Record<string, unknown>[] };
	assert.equal(sources.length, 2);
	for (const { id: _, connector, ...own } of sources) {
		assert.equal(connector, "aws-cloudwatch");
		assert.equal(fault(own), undefined);
	}
});

test("what cannot be meant is refused, with its place", () => {
	for (const [input, words] of [
		[{ regions: ["eu-central-1"] }, /^clusters: name clusters or logGroups, or set discover/],
		[{ clusters: ["prod"] }, /^regions: name the Regions/],
		[{ ...GOOD, regions: ["Frankfurt"] }, /^regions.0: is no Region/],
		[{ ...GOOD, clusters: ["/aws/eks/prod/cluster"] }, /^clusters.0: is no EKS cluster's name/],
		[{ ...GOOD, logGroups: ["arn:aws:s3:::bucket"] }, /^logGroups.0: is neither/],
		[{ ...GOOD, account: "1234" }, /^account: is no account id/],
		[{ ...GOOD, roleArn: "reader" }, /^roleArn: is no role's ARN/],
		[{ ...GOOD, externalId: "4711" }, /^externalId: goes with roleArn/],
		[{ ...GOOD, endpoint: "http://logs.example.com" }, /^endpoint: must be an https address/],
		[{ ...GOOD, stsEndpoint: "sts" }, /^stsEndpoint: must be an https address/],
		[{ ...GOOD, quota: { share: 1.5 } }, /^quota.share/],
		[{ ...GOOD, region: "eu-central-1" }, /"region"/],
		[{ ...GOOD, discover: { name: "x" } }, /^discover/],
	] as const)
		assert.match(fault(input) ?? "taken", words);
});

test("the checks hold where the keys of all sources are added, and every key is explained to editors", () => {
	const wrapped = settings.extend({ id: z.string() });
	assert.equal(wrapped.safeParse({ id: "eks", regions: ["eu-central-1"] }).success, false);
	assert.equal(wrapped.safeParse({ id: "eks", ...GOOD }).success, true);
	const { properties = {} } = z.toJSONSchema(settings, { io: "input" });
	for (const [key, schema] of Object.entries(properties)) assert.ok((schema as { description?: string }).description, key);
});

test("the quota is the Region's, of which a share is ours", () => {
	const regions = [
		"us-east-1",
		"eu-central-1",
		"ap-northeast-3",
		"ap-southeast-3",
		"ca-west-1",
		"il-central-1",
		"eu-west-1",
		"mars-north-1",
	];
	assert.deepEqual(
		regions.map((region) => quotaOf(region).filterLogEvents),
		[25, 5, 5, 5, 5, 5, 10, 10],
	);
	assert.equal(quotaOf("eu-central-1").describeLogGroups, 10);
	assert.deepEqual(callsOf(settings.parse(GOOD), "us-east-1"), { perSecond: 10, burst: 10 });
	assert.deepEqual(callsOf(settings.parse({ ...GOOD, quota: { share: 0.1 } }), "eu-central-1"), { perSecond: 0.5, burst: 1 });
	assert.deepEqual(callsOf(settings.parse({ ...GOOD, quota: { perSecond: 3.7 } }), "eu-central-1"), { perSecond: 3.7, burst: 3 });
	assert.equal(quotaName(SCOPE), "123456789012/eu-central-1");
});

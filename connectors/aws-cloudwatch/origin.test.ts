/** Where an event comes from: groups and ARNs taken apart, and put together to the cluster's own ARN. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origin } from "../../src/contract/record.ts";
import { awsCloudwatch } from "./index.ts";
import { originOf } from "./origin.ts";

const resolve = (parts: Partial<Origin>): Origin => awsCloudwatch.resolve({ connector: "aws-cloudwatch", ...parts });
const ARN = "arn:aws:eks:eu-central-1:111122223333:cluster/shop";
const WHOLE = { account: "111122223333", region: "eu-central-1", clusterName: "shop" };

test("a log group by name, by account and name, and by ARN", () => {
	const logName = "/aws/eks/shop/cluster";
	assert.deepEqual(originOf({ logGroup: logName }), { logName, clusterName: "shop" });
	assert.deepEqual(originOf({ logGroup: `111122223333:${logName}` }), { account: "111122223333", logName, clusterName: "shop" });
	for (const suffix of ["", ":*", ":log-stream:kube-apiserver-audit-0"])
		assert.deepEqual(originOf({ logGroup: `arn:aws-cn:logs:cn-north-1:111122223333:log-group:${logName}${suffix}` }), {
			account: "111122223333",
			region: "cn-north-1",
			partition: "aws-cn",
			logName,
			clusterName: "shop",
		});
	assert.deepEqual(originOf({ logGroup: "/aws/lambda/x", account: "CloudwatchLogs", logStream: "" }), { logName: "/aws/lambda/x" });
	assert.deepEqual(originOf({ logGroup: "" }), {});
});

test("the cluster's id is its ARN once all parts are known", () => {
	const found = resolve(WHOLE);
	assert.equal(found.clusterId, ARN);
	assert.equal(found.clusterKey, ARN);
	assert.equal(found.partition, "aws");
	assert.equal(found.logProvider, "AWS CloudWatch Logs");
	assert.equal(resolve({ ...WHOLE, region: "us-gov-west-1" }).clusterId, "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/shop");
	assert.equal(resolve({ ...WHOLE, region: "cn-north-1" }).clusterId, "arn:aws-cn:eks:cn-north-1:111122223333:cluster/shop");
	assert.equal(resolve({ ...WHOLE, partition: "aws-x" }).clusterId, "arn:aws-x:eks:eu-central-1:111122223333:cluster/shop");
});

test("until then there is a key with gaps, or none", () => {
	for (const [parts, key] of [
		[{ clusterName: "shop" }, "eks/?/?/shop"],
		[{ clusterName: "shop", account: "111122223333" }, "eks/111122223333/?/shop"],
		[{ clusterName: "shop", region: "eu-central-1" }, "eks/?/eu-central-1/shop"],
		[{ account: "111122223333", region: "eu-central-1" }, undefined],
	] as const) {
		assert.equal(resolve(parts).clusterKey, key);
		assert.equal("clusterId" in resolve(parts), false);
	}
});

test("an ARN given as the cluster's name or as the log group is taken apart", () => {
	const named = resolve({ clusterName: ARN });
	assert.equal(named.clusterName, "shop");
	assert.equal(named.clusterKey, ARN);
	const grouped = resolve({ logName: "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/shop/cluster:*" });
	assert.equal(grouped.clusterKey, ARN);
	assert.equal(grouped.logName, "/aws/eks/shop/cluster");
});

test("what a record says of itself goes before what was resolved for its batch", () => {
	const batch = resolve({ clusterName: ARN });
	const record = resolve({ ...batch, account: "444455556666", clusterName: "other" });
	assert.equal(record.clusterKey, "arn:aws:eks:eu-central-1:444455556666:cluster/other");
	assert.deepEqual(resolve(batch), batch);
});

test("a group of another kind is of no platform that is known", () => {
	assert.equal(resolve({ logName: "/my/nodes" }).platform, undefined);
	assert.equal(resolve({ logName: "/my/nodes", platform: "kubernetes" }).platform, "kubernetes");
	assert.equal(resolve({}).platform, "eks");
});

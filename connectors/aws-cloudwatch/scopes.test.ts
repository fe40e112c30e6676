/** Which log groups settings lead to, and what is said where they lead to none. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Faults } from "../../src/simulation/faults.ts";
import { logGroupArn, scopes } from "./scopes.ts";
import type { GroupSettings } from "./stored-group.ts";
import { modelOf, once, SIGNAL, settingsOf } from "./test-service.ts";

const ACCOUNT = "123456789012";
const OTHER = "999988887777";
const eks = (cluster: string, changes: Partial<GroupSettings> = {}): GroupSettings => ({
	name: `/aws/eks/${cluster}/cluster`,
	region: "eu-central-1",
	account: ACCOUNT,
	...changes,
});

async function find(groups: readonly GroupSettings[], changes: object, faults?: Faults) {
	const { model } = modelOf({ groups, limits: { groupsPageMax: 2, callsPerSecond: 1000 }, ...(faults === undefined ? {} : { faults }) });
	const logged: string[] = [];
	const settings = settingsOf({ clusters: [], ...changes });
	const found = await scopes(settings, { client: model.client(), attempt: once, signal: SIGNAL, log: (text) => logged.push(text) });
	return { found, logged, settings, names: found.map(({ name }) => name) };
}

const denied: Faults = () => "denied";

test("a cluster's scope: its name, its complete origin, and how long the group keeps its events", async () => {
	const { found } = await find([eks("prod", { retentionInDays: 30 })], { clusters: ["prod"] });
	const clusterId = `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/prod`;
	assert.deepEqual(found, [
		{
			name: `${ACCOUNT}/eu-central-1/aws/eks/prod/cluster`,
			origin: {
				connector: "aws-cloudwatch",
				logProvider: "AWS CloudWatch Logs",
				platform: "eks",
				partition: "aws",
				region: "eu-central-1",
				account: ACCOUNT,
				logName: "/aws/eks/prod/cluster",
				clusterName: "prod",
				clusterId,
				clusterKey: clusterId,
			},
			retentionMs: 30 * 86_400_000,
		},
	]);
});

test("a group that is kept for ever has no bound", async () => {
	const { found } = await find([eks("prod")], { clusters: ["prod"] });
	assert.equal(found[0] !== undefined && "retentionMs" in found[0], false);
});

test("only the very group: not one that begins with its name, nor one on a later page", async () => {
	const groups = ["a", "b", "prod-2", "prod"].map((name) => eks(name));
	groups.push({ ...eks("prod"), name: "/aws/eks/prod/cluster-copy" });
	assert.deepEqual((await find(groups, { clusters: ["prod"] })).names, [`${ACCOUNT}/eu-central-1/aws/eks/prod/cluster`]);
	const many = ["/x", "/x/1", "/x/2", "/x/3"].map((name) => ({ ...eks(""), name }));
	assert.deepEqual((await find(many, { logGroups: ["/x/3", "/x"] })).names, [`${ACCOUNT}/eu-central-1/x/3`, `${ACCOUNT}/eu-central-1/x`]);
});

test("in several Regions a cluster is where it is found", async () => {
	const groups = [eks("prod"), eks("shop", { region: "us-east-1" }), eks("both"), eks("both", { region: "us-east-1" })];
	const { names } = await find(groups, { regions: ["eu-central-1", "us-east-1"], clusters: ["prod", "shop", "both"] });
	assert.deepEqual(
		names.map((name) => name.slice(ACCOUNT.length)),
		[
			"/eu-central-1/aws/eks/prod/cluster",
			"/us-east-1/aws/eks/shop/cluster",
			"/eu-central-1/aws/eks/both/cluster",
			"/us-east-1/aws/eks/both/cluster",
		],
	);
});

test("a group that is nowhere is a fault of the settings", async () => {
	await assert.rejects(find([eks("prod")], { clusters: ["none"] }), {
		code: "CONFIG_INVALID",
		message: /no log group \/aws\/eks\/none\/cluster in eu-central-1/,
	});
});

test("credentials of another account than the settings say are told", async () => {
	await assert.rejects(find([eks("prod")], { clusters: ["prod"], account: OTHER }), {
		code: "CONFIG_INVALID",
		message: /of account 123456789012/,
	});
});

test("a class that FilterLogEvents cannot read is refused by name, and left out of what is discovered", async () => {
	const groups = [eks("cheap", { logGroupClass: "INFREQUENT_ACCESS" }), eks("prod")];
	await assert.rejects(find(groups, { clusters: ["cheap"] }), {
		code: "CONFIG_INVALID",
		message: /\/aws\/eks\/cheap\/cluster is of class INFREQUENT_ACCESS.*not supported yet/,
	});
	const { names, logged } = await find(groups, { discover: {} });
	assert.deepEqual(names, [`${ACCOUNT}/eu-central-1/aws/eks/prod/cluster`]);
	assert.match(logged.join(), /left out: \/aws\/eks\/cheap\/cluster/);
});

test("discovery takes every cluster's group, page by page, and no other group below /aws/eks/", async () => {
	const clusters = Array.from({ length: 7 }, (_, i) => eks(`c${i}`));
	const others = ["/aws/eks/c1/nodes", "/aws/lambda/x", "/aws/eks/c1/cluster/more"].map((name) => ({ ...eks(""), name }));
	const { names } = await find([...clusters, ...others], { discover: {} });
	assert.deepEqual(
		names,
		clusters.map(({ name }) => `${ACCOUNT}/eu-central-1${name}`),
	);
});

test("with a prefix of one's own every group below it is taken; that of no cluster has no cluster's key", async () => {
	const { found } = await find([{ ...eks(""), name: "/central/audit" }, eks("prod")], { discover: { prefix: "/central/" } });
	assert.deepEqual(
		found.map(({ name, origin }) => [name, origin.clusterKey, origin.platform]),
		[[`${ACCOUNT}/eu-central-1/central/audit`, undefined, undefined]],
	);
});

test("discovery that finds nothing is said, and is no error: clusters may come", async () => {
	const { found, logged } = await find([], { discover: {} });
	assert.deepEqual(found, []);
	assert.match(logged.join(), /no log group in eu-central-1 begins with \/aws\/eks\//);
});

test("who may not look, but said account, Region and name, reads all the same", async () => {
	const { found, logged } = await find([eks("prod")], { clusters: ["prod"], account: ACCOUNT }, denied);
	assert.deepEqual(
		found.map(({ name, origin }) => [name, origin.clusterKey]),
		[[`${ACCOUNT}/eu-central-1/aws/eks/prod/cluster`, `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/prod`]],
	);
	assert.match(logged.join(), /logs:DescribeLogGroups/);
});

test("without the account, or in several Regions, the missing permission is named, and the way round it", async () => {
	const missing = { code: "ACCESS_DENIED", message: /logs:DescribeLogGroups on arn:aws:logs:eu-central-1:.*set account/ };
	await assert.rejects(find([eks("prod")], { clusters: ["prod"] }, denied), missing);
	await assert.rejects(
		find([eks("prod")], { clusters: ["prod"], account: ACCOUNT, regions: ["eu-central-1", "us-east-1"] }, denied),
		missing,
	);
	await assert.rejects(find([eks("prod")], { discover: {} }, denied), { code: "ACCESS_DENIED" });
});

test("an ARN says all: read where it says, also in a linked account, and where we may not look", async () => {
	const arn = `arn:aws-cn:logs:cn-north-1:${OTHER}:log-group:/aws/eks/far/cluster:*`;
	for (const faults of [undefined, denied]) {
		const { found, settings } = await find([], { regions: [], logGroups: [arn] }, faults);
		const [scope] = found;
		assert.ok(scope);
		assert.deepEqual(
			[scope.name, scope.origin.clusterKey],
			[`${OTHER}/cn-north-1/aws/eks/far/cluster`, `arn:aws-cn:eks:cn-north-1:${OTHER}:cluster/far`],
		);
		assert.equal(logGroupArn(settings, scope), arn.slice(0, -2));
	}
	const { found, settings } = await find([eks("prod", { retentionInDays: 1 })], {
		logGroups: [`arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/eks/prod/cluster`],
	});
	assert.equal(found[0]?.retentionMs, 86_400_000);
	assert.equal(found[0] && logGroupArn(settingsOf(), found[0]), undefined);
	assert.ok(found[0] && logGroupArn(settings, found[0]));
});

test("a group that is named twice is read once; two that cannot be told apart are refused", async () => {
	const groups = [eks("prod"), { ...eks(""), name: "aws/eks/prod/cluster" }];
	assert.equal((await find(groups, { clusters: ["prod"], logGroups: ["/aws/eks/prod/cluster"], discover: {} })).names.length, 1);
	await assert.rejects(find(groups, { logGroups: groups.map(({ name }) => name) }), { code: "CONFIG_INVALID", message: /told apart/ });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ORIGINS, ocsfOf } from "./test-events.ts";

test("everything that analysts pivot on, with its place", () => {
	const { observables } = ocsfOf(
		{
			user: { username: "jane", extra: { accessKeyId: ["ASIA"], "authentication.kubernetes.io/pod-uid": ["p-2"] } },
			impersonatedUser: { username: "root", uid: "0" },
			userAgent: "curl/8",
		},
		ORIGINS.eks,
	);
	assert.deepEqual(
		observables?.map(({ name, type_id, type, value }) => [name, type_id, type, value]),
		[
			["actor.user.name", 4, "User Name", "jane"],
			["src_endpoint.ip", 2, "IP Address", "203.0.113.7"],
			["src_endpoint.intermediate_ips[0]", 2, "IP Address", "10.0.0.9"],
			["resources[2].owner.name", 4, "User Name", "root"],
			["actor.session.credential_uid", 19, "User Credential ID", "ASIA"],
			["http_request.user_agent", 16, "HTTP User-Agent", "curl/8"],
			["resources[0].uid", 10, "Resource UID", "p-1"],
			["resources[1].uid", 10, "Resource UID", "p-2"],
			["resources[2].uid", 10, "Resource UID", "0"],
			["resources[3].uid", 10, "Resource UID", ORIGINS.eks.clusterId],
		],
	);
});

test("none where nothing is known", () => {
	const { observables } = ocsfOf({ user: { username: "" }, sourceIPs: ["private"], userAgent: "", objectRef: { resource: "pods" } });
	assert.equal(observables, undefined);
});

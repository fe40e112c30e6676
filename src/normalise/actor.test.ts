import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT, ORIGINS, ocsfOf, written } from "./test-events.ts";

test("the caller", () => {
	const { actor } = written(ocsfOf({}));
	assert.deepEqual(actor.user, {
		name: "jane@example.com",
		uid: "u-1",
		groups: [{ name: "platform-admins" }, { name: "system:authenticated" }],
		type_id: 1,
	});
	assert.equal(actor.app_name, "kubectl");
});

test("what type of user a name is", () => {
	const table: readonly (readonly [username: string | undefined, groups: string[] | undefined, type: number])[] = [
		["system:serviceaccount:shop:robot", ["system:masters"], 4],
		["system:node:n-1", ["system:nodes"], 3],
		["system:anonymous", undefined, 3],
		["system:serviceaccount", undefined, 3],
		["jane", ["system:masters"], 2],
		["jane", [], 1],
		["jane", undefined, 1],
		["systemd", undefined, 1],
		["", undefined, 0],
		[undefined, ["system:masters"], 0],
	];
	for (const [username, groups, type] of table) {
		assert.equal(ocsfOf({ user: { username, uid: "u", groups } }).actor.user?.type_id, type, username);
	}
});

test("no user is invented", () => {
	for (const [user, kept] of [
		[undefined, undefined],
		[{}, {}],
		[{ groups: ["g"] }, { groups: ["g"] }],
		[{ extra: { a: ["b"] } }, { extra: { a: ["b"] } }],
	]) {
		const { actor, unmapped } = written(ocsfOf({ user }));
		assert.deepEqual([actor.user, actor.app_name, unmapped?.audit?.["user"]], [undefined, "kubectl", kept]);
	}
	assert.equal(ocsfOf({ user: undefined, userAgent: undefined }).actor.app_name, "unknown");
	assert.equal(ocsfOf({ user: undefined, userAgent: "" }).actor.app_name, "unknown");
});

test("the product of a user agent", () => {
	const table = [
		["kubectl/v1.36.4 (linux/amd64)", "kubectl"],
		["Mozilla/5.0", "Mozilla"],
		["Go-http-client", "Go-http-client"],
		["my tool/1", "my"],
		["/x", undefined],
		["", undefined],
	];
	for (const [userAgent, name] of table) assert.equal(ocsfOf({ userAgent }).actor.app_name, name, userAgent);
});

test("extra is kept whole, and what OCSF has a place for is copied there", () => {
	const extra = {
		accessKeyId: ["ASIAEXAMPLE"],
		arn: ["arn:aws:sts::111122223333:assumed-role/ops/jane"],
		canonicalArn: ["arn:aws:iam::111122223333:role/ops"],
		principalId: ["AROAEXAMPLE"],
		sessionName: ["jane", "second"],
	};
	const { actor, unmapped } = written(ocsfOf({ user: { ...EVENT.user, extra } }, ORIGINS.eks));
	assert.equal(actor.user?.uid_alt, "AROAEXAMPLE");
	assert.deepEqual(actor.session, {
		credential_uid: "ASIAEXAMPLE",
		uid: "jane",
		issuer: "arn:aws:iam::111122223333:role/ops",
		uid_alt: "arn:aws:sts::111122223333:assumed-role/ops/jane",
	});
	assert.deepEqual(unmapped?.audit?.["user"], { extra });
});

test("the credential of a token or certificate", () => {
	const key = "authentication.kubernetes.io/credential-id";
	const session = (extra: object): unknown => written(ocsfOf({ user: { username: "jane", extra } })).actor.session;
	assert.deepEqual(session({ [key]: ["JTI=1"], accessKeyId: ["A"] }), { credential_uid: "JTI=1" });
	assert.deepEqual(session({ [key]: [""], accessKeyId: [] }), undefined);
	const annotations = { ...EVENT.annotations, [key]: "JTI=2" };
	assert.deepEqual(written(ocsfOf({ annotations }, ORIGINS.gke)).actor.session, { credential_uid: "JTI=2" });
	assert.equal(ocsfOf({ annotations }, ORIGINS.eks).actor.session, undefined);
});

test("an address is an e-mail address on Google Cloud only", () => {
	assert.equal(ocsfOf({}, ORIGINS.gke).actor.user?.email_addr, "jane@example.com");
	assert.equal(ocsfOf({}, ORIGINS.eks).actor.user?.email_addr, undefined);
	for (const username of ["system:node:n", "jane@localhost", "a b@example.com", "@example.com", `${"@".repeat(50_000)}`]) {
		assert.equal(ocsfOf({ user: { username } }, ORIGINS.gke).actor.user?.email_addr, undefined);
	}
});

test("what the authoriser decided, and why", () => {
	const authorizations = (decision: string | undefined, reason: string | undefined): unknown => {
		const annotations = { "authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": reason };
		return written(ocsfOf({ annotations })).actor.authorizations;
	};
	const reason = 'RBAC: allowed by RoleBinding "reader/shop" of Role "reader" to User "jane"';
	assert.deepEqual(authorizations("allow", reason), [
		{ decision: "allow", policy: { type: "RBAC", name: "RoleBinding/reader/shop", desc: reason } },
	]);
	assert.deepEqual(authorizations("forbid", "RBAC: "), [{ decision: "forbid", policy: { type: "RBAC", desc: "RBAC: " } }]);
	assert.deepEqual(authorizations("allow", "webhook says so"), [
		{ decision: "allow", policy: { type: "authorizer", desc: "webhook says so" } },
	]);
	assert.deepEqual(authorizations("forbid", ""), [{ decision: "forbid" }]);
	assert.deepEqual(authorizations(undefined, "x"), [{ policy: { type: "authorizer", desc: "x" } }]);
	assert.equal(authorizations(undefined, ""), undefined);
});

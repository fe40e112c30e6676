import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DecodedEvent } from "../contract/decode.ts";
import type { Origin } from "../contract/record.ts";
import { auditText } from "../normalise/test-arbitrary.ts";
import { decodedOf, EVENT, normaliseOnly, ORIGINS } from "../normalise/test-events.ts";
import { encodeEcs } from "./ecs.ts";

type Json = Record<string, unknown>;

function lineOf(decoded: DecodedEvent, origin: Origin): string {
	return Buffer.from(encodeEcs(normaliseOnly(decoded, origin), decoded.event, origin)).toString();
}

/** The document of EVENT with other members. */
function ecsOf(changes: object = {}, origin: Origin = ORIGINS.kubernetes, more: Partial<DecodedEvent> = {}): Json {
	return JSON.parse(lineOf(decodedOf({ ...EVENT, ...changes }, more), origin)) as Json;
}

test("an ordinary event, whole", () => {
	const { annotations, ...rest } = EVENT;
	const { event, ...document } = ecsOf({}, ORIGINS.eks);
	const { id, ...eventRest } = event as Json;
	assert.match(id as string, /^[0-9a-f]{8}-[0-9a-f]{4}-8/);
	assert.deepEqual(eventRest, {
		kind: "event",
		category: ["api", "configuration"],
		type: ["creation", "allowed"],
		action: "create",
		outcome: "success",
		module: "kubernetes",
		dataset: "kubernetes.audit_logs",
		provider: "kube-apiserver",
		start: EVENT.requestReceivedTimestamp,
		end: EVENT.stageTimestamp,
	});
	const source = { ip: ["203.0.113.7", "10.0.0.9"] };
	assert.deepEqual(document, {
		"@timestamp": EVENT.stageTimestamp,
		ecs: { version: "8.17.0" },
		message: "jane@example.com create pods web-0 in shop: 201",
		user: { name: "jane@example.com", id: "u-1", roles: ["platform-admins", "system:authenticated"] },
		source,
		client: source,
		related: { ip: source.ip, user: ["jane@example.com"] },
		user_agent: { original: EVENT.userAgent },
		url: { path: "/api/v1/namespaces/shop/pods", query: "fieldManager=kubectl" },
		http: { request: { id: EVENT.auditID }, response: { status_code: 201 } },
		orchestrator: {
			type: "kubernetes",
			cluster: { id: ORIGINS.eks.clusterId, name: "payments" },
			namespace: "shop",
			api_version: "v1",
			resource: { type: "pods", name: "web-0", id: "p-1" },
		},
		cloud: { provider: "aws", account: { id: "111122223333" }, region: "eu-west-1" },
		kubernetes: {
			audit: {
				...rest,
				annotations: {
					"authorization_k8s_io/decision": annotations["authorization.k8s.io/decision"],
					"authorization_k8s_io/reason": annotations["authorization.k8s.io/reason"],
				},
			},
		},
	});
});

test("the outcome is the response's, also where the authorisation says otherwise", () => {
	const allow = { "authorization.k8s.io/decision": "allow" };
	const forbid = { "authorization.k8s.io/decision": "forbid" };
	const outcome = (changes: object): unknown[] => {
		const { outcome, type } = ecsOf(changes)["event"] as Json;
		return [outcome, (type as string[])[1]];
	};
	assert.deepEqual(outcome({ annotations: allow, responseStatus: { code: 403 } }), ["failure", "denied"]);
	assert.deepEqual(outcome({ annotations: allow, responseStatus: { code: 409 } }), ["failure", "allowed"]);
	assert.deepEqual(outcome({ annotations: forbid, responseStatus: undefined }), ["unknown", "denied"]);
	assert.deepEqual(outcome({ annotations: {}, responseStatus: { code: 101 } }), ["success", undefined]);
});

test("a google.rpc code is no HTTP code", () => {
	const { http, event, kubernetes } = ecsOf({ responseStatus: undefined }, ORIGINS.gke, { rpcCode: 7 });
	assert.deepEqual(http, { request: { id: EVENT.auditID } });
	assert.equal((event as Json)["outcome"], "failure");
	assert.ok(!("responseStatus" in (kubernetes as { audit: object }).audit));
});

test("type and category of every kind of call", () => {
	const table: readonly (readonly [changes: object, category: string[], type: string])[] = [
		[{ verb: "list" }, ["api", "configuration"], "access"],
		[{ verb: "patch" }, ["api", "configuration"], "change"],
		[{ verb: "deletecollection" }, ["api", "configuration"], "deletion"],
		[{ verb: "connect" }, ["api", "configuration"], "info"],
		[{ verb: undefined }, ["api", "configuration"], "info"],
		[{ objectRef: undefined }, ["api"], "creation"],
		[{ objectRef: { resource: "serviceaccounts", subresource: "token" } }, ["api", "iam"], "creation"],
		[{ objectRef: { resource: "serviceaccounts", apiGroup: "example.com" } }, ["api", "configuration"], "creation"],
		[{ objectRef: { resource: "rolebindings", apiGroup: "rbac.authorization.k8s.io" } }, ["api", "iam"], "creation"],
		[{ objectRef: { resource: "certificatesigningrequests", apiGroup: "certificates.k8s.io" } }, ["api", "iam"], "creation"],
	];
	for (const [changes, category, type] of table) {
		const event = ecsOf(changes)["event"] as { category: string[]; type: string[] };
		assert.deepEqual([event.category, event.type[0]], [category, type], JSON.stringify(changes));
	}
});

test("whom the caller impersonates", () => {
	const { user, related } = ecsOf({ impersonatedUser: { username: "root", uid: "0", groups: ["system:masters"] } }) as Record<string, Json>;
	assert.deepEqual(user?.["effective"], { name: "root", id: "0", roles: ["system:masters"] });
	assert.deepEqual(related?.["user"], ["jane@example.com", "root"]);
});

test("addresses are addresses, and what is none is kept apart", () => {
	const { source, related } = ecsOf({ sourceIPs: ["gce-internal-ip", "10.0.0.9", "10.0.0.9", "x"] }) as Record<string, Json>;
	assert.deepEqual(source, { ip: ["10.0.0.9", "10.0.0.9"], address: "gce-internal-ip" });
	assert.deepEqual(related?.["ip"], ["10.0.0.9"]);
	assert.equal(ecsOf({ sourceIPs: undefined })["source"], undefined);
});

test("dates are such as Elasticsearch takes", () => {
	const at = (stageTimestamp: string): unknown => ecsOf({ stageTimestamp })["@timestamp"];
	assert.equal(at("2026-05-04T09:30:00.123456789+02:00"), "2026-05-04T09:30:00.123456789+02:00");
	assert.equal(at("2026-05-04 09:30:00.141592000"), "2026-05-04T09:30:00.141592000Z");
	assert.equal(at("2026-05-04t09:30:00.5z"), "2026-05-04T09:30:00.500Z");
	assert.equal(at("2026-05-04T09:30:00"), "2026-05-04T09:30:00.000Z");
	assert.equal(at("never"), EVENT.requestReceivedTimestamp);
	const created = ecsOf({}, ORIGINS.eks, { envelope: { loggedTime: "2026-05-04T09:30:01.5Z" } })["event"] as Json;
	assert.equal(created["created"], "2026-05-04T09:30:01.5Z");
});

test("annotations whose names become one keep all their values", () => {
	const annotations = JSON.parse('{"a.b":"1","a_b":"2","a.b.c":"3","__proto__":"4"}') as object;
	const { audit } = ecsOf({ annotations })["kubernetes"] as { audit: Json };
	assert.deepEqual(audit["annotations"], JSON.parse('{"a_b":["1","2"],"a_b_c":"3","__proto__":"4"}'));
});

test("bodies are exact text, extras are at their paths, nulls are left out", () => {
	const text = JSON.stringify({ ...EVENT, requestObject: 0, responseObject: null, hostname: null, zone: "z", user: { x: 1, y: null } });
	const line = lineOf(
		decodedOf(text.replace('"requestObject":0', '"requestObject":{"big":9007199254740993,"a.b":null}')),
		ORIGINS.kubernetes,
	);
	assert.ok(line.includes('"requestObject":{"big":9007199254740993,"a.b":null}'));
	const { audit } = (JSON.parse(line) as Json)["kubernetes"] as { audit: Json };
	assert.deepEqual([audit["zone"], audit["user"], "responseObject" in audit, "hostname" in audit], ["z", { x: 1 }, false, false]);
});

test("images of the pods that a request asks for", () => {
	const containers = [
		{ name: "a", image: "nginx:1" },
		{ name: "b", image: "nginx:1" },
		{ name: "c", image: "redis" },
	];
	assert.deepEqual(ecsOf({ requestObject: { spec: { containers } } })["container"], { image: { name: ["nginx:1", "redis"] } });
});

test("a Google Cloud project is a project too", () => {
	assert.deepEqual(ecsOf({}, ORIGINS.gke)["cloud"], {
		provider: "gcp",
		account: { id: "acme-prod" },
		project: { id: "acme-prod" },
		region: "europe-west1",
		availability_zone: "europe-west1-b",
	});
	assert.equal(ecsOf()["cloud"], undefined);
});

test("the original of a repaired record is not told", () => {
	const canary = "canary-of-the-original-9f1c";
	const decoded = decodedOf(EVENT, { repaired: { what: ["invalid-utf-8"], original: Buffer.from(canary) } });
	const line = lineOf(decoded, ORIGINS.kubernetes);
	assert.ok(!line.includes(canary) && !line.includes(Buffer.from(canary).toString("base64")));
});

test("any event: one line, valid JSON, no null outside exact text", () => {
	fc.assert(
		fc.property(auditText, fc.constantFrom<Origin>(...Object.values(ORIGINS)), (text, origin) => {
			const line = lineOf(decodedOf(text), origin);
			assert.ok(!/[\n\r]/.test(line));
			const { kubernetes, ...fields } = JSON.parse(line) as { kubernetes: { audit: Json } };
			assert.ok(!Object.values(kubernetes.audit).includes(null));
			assertNoNull(fields);
		}),
		{ numRuns: 500 },
	);
});

function assertNoNull(value: unknown): void {
	assert.notEqual(value, null);
	if (typeof value === "object") for (const inner of Object.values(value as object)) assertNoNull(inner);
}

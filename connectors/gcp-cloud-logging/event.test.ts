import assert from "node:assert/strict";
import { test } from "node:test";
import { eventOf, type Members, plainOf, sampleEntry } from "./sample-entry.ts";

/** What an entry with these members, and these in its payload, must say. `undefined`: nothing. */
interface Oddity {
	readonly members?: Members;
	readonly payload?: Members;
	readonly event: Members;
	readonly inferred?: readonly string[];
	readonly rpcCode?: number | undefined;
}

const ODDITIES: Readonly<Record<string, Oddity>> = {
	"an entry of 2018: another id, no first and last, no user agent": {
		members: { insertId: "1xno2qdf1fk1xr", operation: { id: "aud-1", producer: "k8s.io" }, labels: { cluster_version: "1.8.8-gke.0" } },
		payload: { requestMetadata: { callerIp: "203.0.113.9" } },
		event: { auditID: "aud-1", stage: "ResponseComplete", userAgent: undefined, annotations: { cluster_version: "1.8.8-gke.0" } },
	},
	"another producer's operation": {
		members: { insertId: "ins-1", operation: { id: "op-1", producer: "container.googleapis.com" } },
		event: { auditID: "ins-1" },
		inferred: ["level", "auditID", "stage", "stageTimestamp"],
	},
	"no operation": { members: { operation: undefined, insertId: "ins-1" }, event: { auditID: "ins-1", stage: "ResponseComplete" } },
	"the start of a long call": { members: { operation: { id: "a", producer: "k8s.io", first: true } }, event: { stage: "ResponseStarted" } },
	"the end of a long call": { members: { operation: { id: "a", producer: "k8s.io", last: true } }, event: { stage: "ResponseComplete" } },
	"a request without a response": { payload: { response: undefined }, event: { level: "Request", responseObject: undefined } },
	"no bodies": { payload: { request: undefined, response: undefined }, event: { level: "Metadata", requestObject: undefined } },
	"bodies that are null": {
		payload: { request: null, response: null },
		event: { level: "Metadata", requestObject: null, responseObject: null },
	},
	"bodies that the API server left out": {
		members: { labels: { "audit.k8s.io/truncated": "true" } },
		payload: { request: undefined, response: undefined },
		event: { level: undefined },
		inferred: ["stage", "stageTimestamp"],
	},
	"a body of nothing but a type": { payload: { request: { "@type": "k8s.io/Patch" } }, event: { requestObject: {} } },
	"a patch that is a list": {
		payload: { request: [{ op: "remove", path: "/a" }] },
		event: { requestObject: [{ op: "remove", path: "/a" }] },
	},
	"nobody was authenticated": {
		members: { labels: undefined },
		payload: { authenticationInfo: {}, status: { code: 16, message: "Unauthorized" } },
		event: { user: undefined, annotations: undefined, responseStatus: { message: "Unauthorized" } },
		rpcCode: 16,
	},
	"a subject instead of an e-mail": {
		payload: { authenticationInfo: { principalSubject: "serviceAccount:example-prj.svc.id.goog[a/b]" } },
		event: { user: { username: "serviceAccount:example-prj.svc.id.goog[a/b]" } },
	},
	"an e-mail and a subject": {
		payload: { authenticationInfo: { principalEmail: "a@example.com", principalSubject: "user:a@example.com" } },
		event: { user: { username: "a@example.com" } },
	},
	"an authority that was asked for": {
		payload: { authenticationInfo: { principalEmail: "a@example.com", authoritySelector: "system:admin" } },
		event: { user: { username: "a@example.com" }, impersonatedUser: { username: "system:admin" } },
		inferred: ["level", "stage", "impersonatedUser", "stageTimestamp"],
	},
	"a caller's address that is a word": {
		payload: { requestMetadata: { callerIp: "gce-internal-ip" } },
		event: { sourceIPs: ["gce-internal-ip"] },
	},
	"a caller's address spelt otherwise": { payload: { requestMetadata: { callerIP: "::1" } }, event: { sourceIPs: ["::1"] } },
	"no caller's address": { payload: { requestMetadata: undefined }, event: { sourceIPs: undefined, userAgent: undefined } },
	"a refusal whose body says the HTTP code": {
		payload: {
			status: { code: 7, message: "pods is forbidden" },
			response: { "@type": "core.k8s.io/v1.Status", kind: "Status", status: "Failure", reason: "Forbidden", code: 403 },
		},
		event: { responseStatus: { status: "Failure", message: "pods is forbidden", reason: "Forbidden", code: 403 } },
		rpcCode: 7,
	},
	"a conflict without bodies": {
		payload: { status: { code: 10, message: "the object has been modified" }, response: undefined },
		event: { responseStatus: { message: "the object has been modified" } },
		rpcCode: 10,
	},
	"success as code 0": { payload: { status: { code: 0 } }, event: { responseStatus: undefined }, rpcCode: 0 },
	"no status": { payload: { status: undefined }, event: { responseStatus: undefined }, rpcCode: 0 },
	"a status that is no object": { payload: { status: "OK" }, event: { responseStatus: undefined }, rpcCode: undefined },
	"a name that the API server chose": {
		payload: { resourceName: "core/v1/namespaces/shop/pods", response: { metadata: { name: "web-x7k2p" } } },
		event: { objectRef: { resource: "pods", namespace: "shop", name: "web-x7k2p", apiVersion: "v1" } },
		inferred: ["level", "stage", "objectRef.name", "stageTimestamp"],
	},
	"a creation that says no name": {
		payload: { resourceName: "core/v1/namespaces/shop/pods", response: { kind: "Status", metadata: {} } },
		event: { objectRef: { resource: "pods", namespace: "shop", apiVersion: "v1" } },
		inferred: ["level", "stage", "stageTimestamp"],
	},
	"a path that is no resource": {
		payload: { methodName: "io.k8s.get", resourceName: "readyz" },
		event: { verb: "get", objectRef: undefined, requestURI: undefined },
	},
	"a custom group": {
		payload: { methodName: "io.istio.networking.v1.gateways.get", resourceName: "networking.istio.io/v1/namespaces/a/gateways/b" },
		event: {
			verb: "get",
			objectRef: { resource: "gateways", namespace: "a", name: "b", apiGroup: "networking.istio.io", apiVersion: "v1" },
		},
	},
	"a crawler": {
		payload: { methodName: "io.k8s.core.templates.preview.create", resourceName: "core/templates/preview", response: undefined },
		event: { verb: "create", objectRef: { resource: "preview", apiVersion: "templates" } },
	},
	"labels that are no strings": { members: { labels: { a: "x", b: 1 } }, event: { annotations: { a: "x" } } },
	"no resource, as in tests of rules": { members: { resource: undefined }, event: { verb: "create" } },
	"members of wrong types": {
		members: { insertId: 5, timestamp: 7, operation: "x", receiveTimestamp: {} },
		payload: { authenticationInfo: "me", requestMetadata: [], methodName: "io.k8s.core.v1.pods.get", resourceName: 1 },
		event: { auditID: undefined, stageTimestamp: undefined, user: undefined, objectRef: undefined, verb: "get" },
	},
};

for (const [what, { members, payload, event, inferred, ...outcome }] of Object.entries(ODDITIES)) {
	test(`decodes ${what}`, () => {
		const decoded = eventOf(sampleEntry(members, payload));
		const plain = plainOf(decoded.event) as Members;
		for (const [key, expected] of Object.entries(event)) assert.deepEqual(plain[key], expected, key);
		if (inferred !== undefined) assert.deepEqual(decoded.inferred, inferred);
		if ("rpcCode" in outcome) assert.equal(decoded.rpcCode, outcome.rpcCode);
	});
}

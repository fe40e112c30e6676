import assert from "node:assert/strict";
import { test } from "node:test";
import { ORIGINS, ocsfOf, written } from "./test-events.ts";

test("addresses in their order; what is none is a name, and the list is kept", () => {
	const table: readonly (readonly [ips: string[] | undefined, endpoint: object, isKept: boolean])[] = [
		[["203.0.113.7"], { ip: "203.0.113.7" }, false],
		[["203.0.113.7", "10.0.0.9", "::1"], { ip: "203.0.113.7", intermediate_ips: ["10.0.0.9", "::1"] }, false],
		[["2001:db8::1"], { ip: "2001:db8::1" }, false],
		[["::ffff:10.0.0.9"], { ip: "::ffff:10.0.0.9" }, false],
		[["fe80::1%eth0"], { ip: "fe80::1%eth0" }, false],
		[[`fe80::1%${"e".repeat(40)}`], { name: `fe80::1%${"e".repeat(40)}` }, true],
		[["gce-internal-ip"], { name: "gce-internal-ip" }, true],
		[["private", "10.0.0.9"], { name: "private", intermediate_ips: ["10.0.0.9"] }, true],
		[["203.0.113.7", "private", "10.0.0.9"], { ip: "203.0.113.7", intermediate_ips: ["10.0.0.9"] }, true],
		[["12.000.22.33"], { name: "12.000.22.33" }, true],
		[["10x0x0x1"], { name: "10x0x0x1" }, true],
		[[""], { name: "unknown" }, true],
		[[], { name: "unknown" }, true],
		[undefined, { name: "unknown" }, false],
	];
	for (const [sourceIPs, endpoint, isKept] of table) {
		const { src_endpoint, unmapped } = written(ocsfOf({ sourceIPs }));
		assert.deepEqual(src_endpoint, endpoint);
		assert.deepEqual(unmapped?.audit?.["sourceIPs"], isKept ? sourceIPs : undefined);
	}
});

test("the API server is the destination, where the cluster is known", () => {
	const { clusterId: uid, clusterName: name } = ORIGINS.eks;
	assert.deepEqual(written(ocsfOf({}, ORIGINS.eks)).dst_endpoint, { name, uid, svc_name: "kube-apiserver" });
	assert.deepEqual(written(ocsfOf({}, ORIGINS.aks)).dst_endpoint, { name: "shop", svc_name: "kube-apiserver" });
	assert.equal(ocsfOf({}).dst_endpoint, undefined);
});

test("the address of the request is split at its first question mark", () => {
	const url = (requestURI: string): unknown => written(ocsfOf({ requestURI })).http_request?.url;
	assert.deepEqual(url("/healthz"), { path: "/healthz" });
	assert.deepEqual(url("/a?b=1?c"), { path: "/a", query_string: "b=1?c" });
	assert.deepEqual(url("/a?"), { path: "/a", query_string: "" });
	assert.deepEqual(url(""), { path: "" });
	assert.equal(ocsfOf({ requestURI: undefined }).http_request?.url, undefined);
	assert.equal(ocsfOf({ requestURI: undefined, userAgent: undefined }).http_request, undefined);
});

test("the method is known of requests for no resource only", () => {
	const method = (changes: object): unknown => ocsfOf({ objectRef: undefined, ...changes }).http_request?.http_method;
	assert.equal(method({ verb: "get" }), "GET");
	assert.equal(method({ verb: "options" }), "OPTIONS");
	assert.equal(method({ verb: "list" }), undefined);
	assert.equal(method({ verb: "get", requestURI: undefined }), undefined);
	assert.equal(method({ verb: undefined }), undefined);
	assert.equal(method({ verb: "get", objectRef: { resource: "pods" } }), undefined);
});

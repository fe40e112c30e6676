/** Secrets planted in every sensitive place, inside every source's envelope: none may come out, in any spelling, anywhere. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { kubeAudit } from "./program.ts";
import { tempFolder } from "./replay-kit.ts";

const canary = (where: string): string => `canary-${where}-9f2c4e7a1b`;
const base64 = (text: string): string => Buffer.from(text).toString("base64");

interface Planted {
	readonly event: Record<string, unknown>;
	readonly secrets: readonly string[];
}

let serial = 0;

function event(resource: string, members: Record<string, unknown>, subresource?: string): Record<string, unknown> {
	serial++;
	return {
		kind: "Event",
		apiVersion: "audit.k8s.io/v1",
		level: "RequestResponse",
		auditID: `00000000-0000-4000-8000-${String(serial).padStart(12, "0")}`,
		stage: "ResponseComplete",
		requestURI: `/api/v1/namespaces/shop/${resource}/x`,
		verb: "create",
		user: { username: "jane.doe@example.com", groups: ["system:authenticated"] },
		sourceIPs: ["203.0.113.7"],
		userAgent: "kubectl/v1.36.4",
		objectRef: { resource, namespace: "shop", name: "x", apiVersion: "v1", ...(subresource === undefined ? {} : { subresource }) },
		responseStatus: { metadata: {}, code: 201 },
		...members,
		requestReceivedTimestamp: "2026-11-23T15:08:35.000000Z",
		stageTimestamp: "2026-11-23T15:08:35.500000Z",
		annotations: { "authorization.k8s.io/decision": "allow", ...(members["annotations"] as object | undefined) },
	};
}

const [SECRET, STRING, CONFIG, APPLIED, ENV, COMMAND, TOKEN, REVIEW, CSR, BEARER, PATCHED, ARGUMENT, JSON_PATCH] = [
	"secret",
	"string",
	"config",
	"applied",
	"env",
	"command",
	"token",
	"review",
	"csr",
	"bearer",
	"patched",
	"argument",
	"jsonpatch",
].map(canary) as [string, string, string, string, string, string, string, string, string, string, string, string, string];

const PLANTED: readonly Planted[] = [
	{
		event: event("secrets", { requestObject: { kind: "Secret", data: { password: base64(SECRET) }, stringData: { p: STRING } } }),
		secrets: [SECRET, STRING],
	},
	{
		event: event("secrets", { verb: "list", responseObject: { kind: "SecretList", items: [{ data: { a: base64(SECRET) } }] } }),
		secrets: [SECRET],
	},
	{
		event: event("secrets", { verb: "patch", requestObject: [{ op: "replace", path: "/data/p", value: base64(JSON_PATCH) }] }),
		secrets: [JSON_PATCH],
	},
	{ event: event("configmaps", { requestObject: { kind: "ConfigMap", data: { "app.conf": CONFIG } } }), secrets: [CONFIG] },
	{
		event: event("services", {
			requestObject: {
				metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ data: APPLIED }) } },
			},
		}),
		secrets: [APPLIED],
	},
	{
		event: event("pods", {
			requestObject: {
				spec: { containers: [{ name: "a", args: [`--password=${ARGUMENT}`], env: [{ name: "DB_PASSWORD", value: ENV }] }] },
			},
		}),
		secrets: [ENV, ARGUMENT],
	},
	{
		event: event("pods", { requestURI: `/api/v1/namespaces/shop/pods/x/exec?command=${COMMAND}&container=a` }, "exec"),
		secrets: [COMMAND],
	},
	{ event: event("serviceaccounts", { responseObject: { kind: "TokenRequest", status: { token: TOKEN } } }, "token"), secrets: [TOKEN] },
	{ event: event("tokenreviews", { requestObject: { kind: "TokenReview", spec: { token: REVIEW } } }), secrets: [REVIEW] },
	{ event: event("certificatesigningrequests", { requestObject: { spec: { request: base64(CSR) } } }), secrets: [CSR] },
	{ event: event("pods", { userAgent: `curl/8 Authorization: Bearer ${BEARER}` }), secrets: [BEARER] },
	{
		event: event("secrets", {
			annotations: {
				"patch.webhook.admission.k8s.io/round_0_index_0": JSON.stringify({
					patch: [{ op: "add", path: "/data/p", value: base64(PATCHED) }],
				}),
			},
		}),
		secrets: [PATCHED],
	},
];

const TEXTS = PLANTED.map((planted) => JSON.stringify(planted.event));
const CLUSTER =
	"/SUBSCRIPTIONS/00000000-1111-2222-3333-444444444444/RESOURCEGROUPS/SHOP-RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP";
const lines = (values: readonly unknown[]): string =>
	values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n");

function subscription(): Buffer {
	const logEvents = TEXTS.map((message, id) => ({
		id: String(id),
		timestamp: 1795446515500,
		message,
		extractedFields: { all: message, $: message },
	}));
	return gzipSync(
		JSON.stringify({
			messageType: "DATA_MESSAGE",
			owner: "111122223333",
			logGroup: "/aws/eks/shop/cluster",
			logStream: "kube-apiserver-audit-0f1e",
			subscriptionFilters: [],
			logEvents,
		}),
	);
}

/** As GKE would tell it, with the bodies where it has them. */
function logEntries(): string {
	return lines(
		PLANTED.map(({ event: told }, i) => {
			const { resource, subresource } = told["objectRef"] as { resource: string; subresource?: string };
			const path = [resource, ...(subresource === undefined ? [] : [subresource])];
			return {
				insertId: `id-${i}`,
				logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
				timestamp: "2026-11-23T15:08:35.5Z",
				resource: { type: "k8s_cluster", labels: { cluster_name: "shop", location: "europe-west3", project_id: "p" } },
				labels: told["annotations"],
				operation: { id: told["auditID"], producer: "k8s.io", first: true, last: true },
				protoPayload: {
					"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
					serviceName: "k8s.io",
					methodName: `io.k8s.core.v1.${path.join(".")}.${told["verb"]}`,
					resourceName: ["core/v1/namespaces/shop", resource, "x", ...path.slice(1)].join("/"),
					authenticationInfo: { principalEmail: "jane.doe@example.com" },
					requestMetadata: { callerIp: "203.0.113.7", callerSuppliedUserAgent: told["userAgent"] },
					status: {},
					request: told["requestObject"],
					response: told["responseObject"],
				},
			};
		}),
	);
}

function columnsOf(told: Record<string, unknown>): Record<string, unknown> {
	const text = (value: unknown): string => (value === undefined ? "" : JSON.stringify(value));
	return {
		TimeGenerated: "2026-11-23T15:08:35.5Z",
		Level: told["level"],
		AuditId: told["auditID"],
		Stage: told["stage"],
		RequestUri: told["requestURI"],
		Verb: told["verb"],
		User: text(told["user"]),
		SourceIps: text(told["sourceIPs"]),
		UserAgent: told["userAgent"],
		ObjectRef: text(told["objectRef"]),
		ResponseStatus: text(told["responseStatus"]),
		RequestObject: text(told["requestObject"]),
		ResponseObject: text(told["responseObject"]),
		RequestReceivedTime: told["requestReceivedTimestamp"],
		StageReceivedTime: told["stageTimestamp"],
		Annotations: text(told["annotations"]),
		Type: "AKSAudit",
		_ResourceId: CLUSTER.toLowerCase(),
	};
}

const INPUTS: Readonly<Record<string, string | Uint8Array>> = {
	"native.log": lines(TEXTS),
	"webhook.json": JSON.stringify({
		kind: "EventList",
		apiVersion: "audit.k8s.io/v1",
		metadata: {},
		items: PLANTED.map((planted) => planted.event),
	}),
	"subscription.gz": subscription(),
	"log-entries.json": logEntries(),
	"records.json": JSON.stringify({
		records: TEXTS.map((log) => ({
			category: "kube-audit",
			resourceId: CLUSTER,
			time: "2026-11-23T15:08:35Z",
			properties: { log, pod: "kube-apiserver-1" },
		})),
	}),
	"rows.jsonl": lines(PLANTED.map((planted) => columnsOf(planted.event))),
};

/** The ways in which a secret could stand in an output. */
function spellings(secret: string): readonly string[] {
	const escaped = [...secret].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
	// Base64 of a secret depends on where in the text it begins: what is common to each of the three cases.
	const shifted = [0, 1, 2].map((shift) => base64(`${"x".repeat(shift)}${secret}`).slice(shift === 0 ? 0 : 4, -4));
	return [secret, encodeURIComponent(secret), escaped, ...shifted];
}

const ALL = [...new Set(PLANTED.flatMap(({ secrets }) => secrets))];

function assertClean(bytes: Uint8Array, where: string): void {
	const text = Buffer.from(bytes).toString("latin1");
	for (const secret of ALL)
		for (const spelling of spellings(secret)) assert.ok(!text.includes(spelling), `${secret} stands in ${where} as ${spelling}`);
}

test("the planted secrets would be found if nothing were redacted", async () => {
	using folder = tempFolder();
	const input = join(folder.path, "native.log");
	writeFileSync(input, INPUTS["native.log"] as string);
	const { stdout } = await kubeAudit(["replay", input, "--no-redact", "-q"]);
	const found = ALL.filter((secret) => spellings(secret).some((spelling) => stdout.includes(spelling)));
	assert.deepEqual(found, ALL);
});

for (const [name, bytes] of Object.entries(INPUTS)) {
	test(`no planted secret comes out of ${name}`, async () => {
		using folder = tempFolder();
		const input = join(folder.path, name);
		writeFileSync(input, bytes);
		const out = (file: string): string => join(folder.path, `out-${file}`);
		const sinks = ["--to", `file:${out("events.ndjson")}`, "--to", `duckdb:${out("store.duckdb")}`];
		const ended = await kubeAudit(["replay", input, ...sinks, "--quarantine", join(folder.path, "quarantine")]);
		assert.equal(ended.code, 0, ended.stderr);
		assert.match(ended.stderr, new RegExp(`${PLANTED.length} records`));
		for (const schema of ["ecs", "audit"]) await kubeAudit(["replay", input, "--schema", schema, "--to", `file:${out(schema)}`, "-q"]);
		assertClean(Buffer.from(ended.stderr), "the summary");
		for (const file of readdirSync(folder.path).filter((entry) => entry.startsWith("out-") && !entry.endsWith(".staging"))) {
			assertClean(readFileSync(join(folder.path, file)), file);
		}
	});
}

test("a cut record does not give away what the whole one would hide", async () => {
	using folder = tempFolder();
	const input = join(folder.path, "cut.log");
	const cut = TEXTS.flatMap((text) => [0.55, 0.65, 0.75, 0.85, 0.95].map((share) => text.slice(0, Math.floor(text.length * share))));
	writeFileSync(input, lines(cut));
	const ended = await kubeAudit(["replay", input, "--quarantine", join(folder.path, "quarantine")]);
	assertClean(Buffer.from(ended.stdout), "standard output");
	assertClean(Buffer.from(ended.stderr), "standard error");
});

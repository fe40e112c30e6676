/** One deed, as each source tells it: the events differ only in what that source's envelope adds or lacks. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Json, replayInTest } from "./replay-kit.ts";
import { ROOT } from "./source-files.ts";

const STORIES = join(ROOT, "fixtures", "stories");

/** What a log service and a cluster in a cloud add; what they lack is listed by source below. */
const ADDED: Readonly<Record<string, string>> = {
	cloud: "a self-managed cluster is in no cloud",
	dst_endpoint: "a native log does not name its cluster",
	"metadata.reporter": "a native log does not name its cluster",
	"metadata.log_(name|provider|source)": "each log service has its own",
	"metadata.logged_time(_dt)?": "when the log service took it in: a file does not say",
	"metadata.original_event_uid": "the log service's own id",
	"metadata.product": "each platform has its own",
	"metadata.profiles": "the cloud profile",
	"metadata.uid": "keyed by the cluster, and a family of its own where the text is written anew",
	"unmapped.envelope": "the rest of the envelope",
};

/** What Cloud Audit Logs drop or tell otherwise (wire-formats: 3). */
const GKE: Readonly<Record<string, string>> = {
	"actor.user.(groups|uid)": "no groups, no uid",
	"actor.user.type_id": "no groups: an administrator cannot be told",
	"actor.user.email_addr": "principalEmail is an address where the user name is",
	"unmapped.audit.user.extra": "no extra",
	"unmapped.audit.authenticationMetadata": "not carried",
	"unmapped.audit.responseStatus": "no status details",
	"resources.(groups|uid|owner)": "no groups and no uid of whom is impersonated, no uid of the object",
	"http_request.url": "the URI is lost, with the command of an exec",
	"unmapped.collector.redactions.uri": "what is lost need not be redacted",
	"api.response.(code|error)": "google.rpc codes; HTTP only where the body is a Status",
	"http_response.code": "google.rpc codes",
	status_code: "google.rpc codes",
	message: "ends in the code",
	"unmapped.collector.(rpc_code|inferred)": "the rpc code, and what is concluded from other fields",
	"(start_time|start_time_dt|duration)": "one timestamp only",
	"(time_dt|metadata.original_time)": "zeros at the end are trimmed",
	"metadata.event_code": "no stage: that of a refused login is taken for a completed one",
	"metadata.log_level": "no level: without bodies Request looks like Metadata",
	"metadata.(log_version|type)": "no audit.k8s.io event",
	"metadata.tags": "the credential id comes as a label",
};

/** What the tables AKSAudit and AKSAuditAdmin drop or write otherwise (wire-formats: 4.4). */
const AKS_TABLE: Readonly<Record<string, string>> = {
	"metadata.(log_version|type)": "no kind and apiVersion",
	resources: "impersonation is lost: whom is no resource",
	"unmapped.audit.authenticationMetadata": "no column for it",
	"(start_time_dt|time_dt|metadata.original_time)": "seven digits",
};

const SOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	"aws-cloudwatch": {},
	"azure-diagnostics": {},
	"azure-aksaudit": AKS_TABLE,
	"gcp-cloud-logging": GKE,
};

const deeds = [...new Set(readdirSync(STORIES).map((name) => name.split(".")[0] as string))];
const seen = new Set<string>();

async function tell(deed: string, source: string): Promise<readonly Json[]> {
	return (await replayInTest([join(STORIES, `${deed}.${source}.raw.jsonl`)])).events.map(comparable);
}

/** Without what follows from other fields: the cluster among the resources, and the observables. */
function comparable({ observables: _, resources, ...event }: Json): Json {
	return { ...event, resources: (resources as readonly Json[]).filter(({ type }) => type !== "cluster") };
}

/** Path -> values; members of arrays share a path. */
function leavesOf(value: unknown, path = "", leaves = new Map<string, unknown[]>()): Map<string, unknown[]> {
	if (typeof value !== "object" || value === null) {
		leaves.set(path, [...(leaves.get(path) ?? []), value]);
		return leaves;
	}
	for (const [key, member] of Object.entries(value))
		leavesOf(member, Array.isArray(value) ? path : path === "" ? key : `${path}.${key}`, leaves);
	return leaves;
}

function differences(one: Json, other: Json): readonly string[] {
	const [a, b] = [leavesOf(one), leavesOf(other)];
	return [...new Set([...a.keys(), ...b.keys()])].filter((path) => JSON.stringify(a.get(path)) !== JSON.stringify(b.get(path)));
}

/** A pattern covers a path and all below it. */
function patternOf(path: string, table: Readonly<Record<string, string>>): string | undefined {
	return Object.keys(table).find((pattern) => new RegExp(`^(?:${pattern})(?:\\.|$)`).test(path));
}

for (const deed of deeds) {
	for (const [source, lacks] of Object.entries(SOURCES)) {
		test(`${deed} by ${source} is the same event`, async () => {
			const native = await tell(deed, "kubernetes");
			const told = await tell(deed, source);
			assert.equal(told.length, native.length);
			native.forEach((event, i) => {
				for (const path of differences(event, told[i] as Json)) {
					const inAdded = patternOf(path, ADDED);
					const pattern = inAdded ?? patternOf(path, lacks);
					assert.ok(
						pattern !== undefined,
						`${path} differs: ${JSON.stringify(leavesOf(event).get(path))} and ${JSON.stringify(leavesOf(told[i]).get(path))}`,
					);
					if (inAdded === undefined) seen.add(`${source} ${pattern}`);
				}
			});
		});
	}
}

test("the table lists no difference that never shows", () => {
	const listed = Object.entries(SOURCES).flatMap(([source, lacks]) => Object.keys(lacks).map((pattern) => `${source} ${pattern}`));
	assert.deepEqual(
		listed.filter((entry) => !seen.has(entry)),
		[],
	);
});

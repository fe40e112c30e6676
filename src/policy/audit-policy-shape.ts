/** Checks a parsed audit.k8s.io Policy, as strictly as the API server does, so that a slip does not drop events in silence. */

import { CollectorError } from "../contract/errors.ts";
import { isObject } from "../json/value.ts";

export const LEVELS = ["None", "Metadata", "Request", "RequestResponse"] as const;
export type Level = (typeof LEVELS)[number];
const STAGES = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
const VERSIONS = ["audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1"];

/** apiserver pkg/apis/audit/v1/types.go, without what only the API server needs. */
export interface AuditPolicy {
	readonly rules: readonly PolicyRule[];
	readonly omitStages: readonly string[];
	readonly omitManagedFields: boolean;
}

export interface PolicyRule {
	readonly level: Level;
	readonly users: readonly string[];
	readonly userGroups: readonly string[];
	readonly verbs: readonly string[];
	readonly resources: readonly GroupResources[];
	readonly namespaces: readonly string[];
	readonly nonResourceURLs: readonly string[];
	readonly omitStages: readonly string[];
	readonly omitManagedFields: boolean | undefined;
}

export interface GroupResources {
	readonly group: string;
	readonly resources: readonly string[];
	readonly resourceNames: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/** Throws CONFIG_INVALID with the place and what is expected there. */
export function readAuditPolicy(value: unknown): AuditPolicy {
	const policy = object(value, "the file", ["apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"]);
	if (policy["kind"] !== "Policy" || !VERSIONS.includes(String(policy["apiVersion"])))
		throw invalid("the file", 'must begin with "apiVersion: audit.k8s.io/v1" and "kind: Policy"');
	const rules = list(policy, "rules", "rules");
	if (rules.length === 0) throw invalid("rules", "must hold at least one rule: without rules every event is dropped");
	return {
		rules: rules.map((rule, i) => readRule(rule, `rules[${i}]`)),
		omitStages: stages(policy, "omitStages"),
		omitManagedFields: flag(policy, "omitManagedFields", "omitManagedFields") ?? false,
	};
}

const LISTS = ["users", "userGroups", "verbs", "namespaces", "nonResourceURLs"] as const;

function readRule(value: unknown, at: string): PolicyRule {
	const rule = object(value, at, ["level", "resources", "omitStages", "omitManagedFields", ...LISTS]);
	const level = LEVELS.find((name) => name === rule["level"]);
	if (level === undefined) throw invalid(`${at}.level`, `must be one of ${LEVELS.join(", ")}`);
	const resources = list(rule, "resources", `${at}.resources`).map((entry, i) => readResources(entry, `${at}.resources[${i}]`));
	const [users, userGroups, verbs, namespaces, nonResourceURLs] = LISTS.map((name) => strings(rule, name, `${at}.${name}`)) as [
		string[],
		string[],
		string[],
		string[],
		string[],
	];
	if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0))
		throw invalid(`${at}.nonResourceURLs`, "cannot stand beside resources or namespaces in one rule");
	for (const [i, url] of nonResourceURLs.entries()) checkUrl(url, `${at}.nonResourceURLs[${i}]`);
	const omitStages = stages(rule, `${at}.omitStages`);
	return {
		level,
		resources,
		users,
		userGroups,
		verbs,
		namespaces,
		nonResourceURLs,
		omitStages,
		omitManagedFields: flag(rule, "omitManagedFields", `${at}.omitManagedFields`),
	};
}

function checkUrl(url: string, at: string): void {
	if (url === "*") return;
	if (!url.startsWith("/")) throw invalid(at, 'must begin with "/"');
	if (url.slice(0, -1).includes("*")) throw invalid(at, 'may have "*" only as its last character');
}

const GROUP = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

function readResources(value: unknown, at: string): GroupResources {
	const entry = object(value, at, ["group", "resources", "resourceNames"]);
	const group = entry["group"] ?? "";
	if (typeof group !== "string" || (group !== "" && !GROUP.test(group)))
		throw invalid(`${at}.group`, 'must be an API group without its version, such as "apps", or "" for the core group');
	const resources = strings(entry, "resources", `${at}.resources`);
	const resourceNames = strings(entry, "resourceNames", `${at}.resourceNames`);
	if (resourceNames.length > 0 && resources.length === 0) throw invalid(`${at}.resourceNames`, "needs resources beside it");
	return { group, resources, resourceNames };
}

function stages(members: Members, at: string): readonly string[] {
	const names = strings(members, "omitStages", at);
	const unknown = names.find((name) => !STAGES.includes(name));
	if (unknown !== undefined) throw invalid(at, `may hold ${STAGES.join(", ")}`);
	return names;
}

function object(value: unknown, at: string, known: readonly string[]): Members {
	if (!isObject(value)) throw invalid(at, "must be a mapping");
	const unknown = Object.keys(value).find((key) => !known.includes(key));
	if (unknown !== undefined) throw invalid(at, `has the unknown field ${JSON.stringify(unknown)}; known are ${known.join(", ")}`);
	return value;
}

/** Absent or null is empty, as in Kubernetes. */
function list(members: Members, key: string, at: string): readonly unknown[] {
	const value = members[key] ?? [];
	if (!Array.isArray(value)) throw invalid(at, "must be a list");
	return value;
}

function strings(members: Members, key: string, at: string): readonly string[] {
	const values = list(members, key, at);
	if (!values.every((value) => typeof value === "string")) throw invalid(at, "must be a list of strings");
	return values as readonly string[];
}

function flag(members: Members, key: string, at: string): boolean | undefined {
	const value = members[key] ?? undefined;
	if (value !== undefined && typeof value !== "boolean") throw invalid(at, "must be true or false");
	return value as boolean | undefined;
}

function invalid(at: string, what: string): CollectorError {
	return new CollectorError("CONFIG_INVALID", `cannot use the audit policy: ${at} ${what}`);
}

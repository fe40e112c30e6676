/** Applies an audit.k8s.io Policy to events after the fact, with the API server's own semantics (apiserver pkg/audit/policy/checker.go). */

import type { AuditEvent } from "../contract/audit-event.ts";
import { type AuditPolicy, type GroupResources, LEVELS, type Level, type PolicyRule, readAuditPolicy } from "./audit-policy-shape.ts";

/** What the policy lets be logged of an event. */
export interface Allowance {
	/** "policy:<n>", counted from 1, or "policy:no-match". */
	readonly rule: string;
	readonly level: Level;
	readonly omitManagedFields: boolean;
}

/** "maybe": the rule asks for something that the event does not say. */
type Match = "yes" | "no" | "maybe";

/**
 * Compiles a parsed Policy; throws CONFIG_INVALID. As in the server, the first rule that matches decides, no match drops,
 * and the user is the one who was authenticated, whomever the request impersonates (the server audits before it impersonates).
 * Where a rule can neither be told to match nor not to (GKE has no groups), both ways are gone, and what allows more holds.
 */
export function createAuditPolicy(value: unknown): (event: AuditEvent) => Allowance {
	const policy = readAuditPolicy(value);
	return (event) => {
		const maybes: Allowance[] = [];
		for (let i = 0; i < policy.rules.length; i++) {
			const rule = policy.rules[i] as PolicyRule;
			const match = matchRule(rule, event);
			if (match === "no") continue;
			const allowance = allowanceOf(policy, rule, `policy:${i + 1}`, event);
			if (match === "yes") return maybes.length === 0 ? allowance : mostOf(allowance, maybes);
			maybes.push(allowance);
		}
		return mostOf({ rule: "policy:no-match", level: "None", omitManagedFields: policy.omitManagedFields }, maybes);
	};
}

function allowanceOf(policy: AuditPolicy, rule: PolicyRule, name: string, { stage }: AuditEvent): Allowance {
	const isOmitted = stage !== undefined && (rule.omitStages.includes(stage) || policy.omitStages.includes(stage));
	return { rule: name, level: isOmitted ? "None" : rule.level, omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields };
}

function mostOf(decided: Allowance, maybes: readonly Allowance[]): Allowance {
	const all = [decided, ...maybes];
	const most = Math.max(...all.map(({ level }) => LEVELS.indexOf(level)));
	return { rule: decided.rule, level: LEVELS[most] as Level, omitManagedFields: all.every(({ omitManagedFields }) => omitManagedFields) };
}

function matchRule(rule: PolicyRule, event: AuditEvent): Match {
	return all(
		oneOf(rule.users, event.user?.username),
		anyOf(rule.userGroups, event.user?.groups),
		oneOf(rule.verbs, event.verb),
		matchTarget(rule, event),
	);
}

function all(...matches: readonly Match[]): Match {
	if (matches.includes("no")) return "no";
	return matches.includes("maybe") ? "maybe" : "yes";
}

/** An empty list asks for nothing. */
function oneOf(wanted: readonly string[], value: string | undefined): Match {
	if (wanted.length === 0) return "yes";
	if (value === undefined) return "maybe";
	return wanted.includes(value) ? "yes" : "no";
}

function anyOf(wanted: readonly string[], values: readonly string[] | undefined): Match {
	if (wanted.length === 0) return "yes";
	if (values === undefined) return "maybe";
	return values.some((value) => wanted.includes(value)) ? "yes" : "no";
}

function matchTarget(rule: PolicyRule, event: AuditEvent): Match {
	if (rule.namespaces.length > 0 || rule.resources.length > 0) return matchResource(rule, event);
	return rule.nonResourceURLs.length > 0 ? matchUrl(rule.nonResourceURLs, event) : "yes";
}

/** The server writes an objectRef if, and only if, the request is for a resource. */
function matchUrl(wanted: readonly string[], { objectRef, requestURI }: AuditEvent): Match {
	if (objectRef !== undefined) return "no";
	if (requestURI === undefined) return "maybe";
	const path = pathOf(requestURI);
	const fits = (url: string): boolean => url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)));
	return wanted.some(fits) ? "yes" : "no";
}

function pathOf(uri: string): string {
	const path = uri.split("?", 1)[0] as string;
	try {
		return decodeURIComponent(path);
	} catch {
		return path;
	}
}

function matchResource({ namespaces, resources }: PolicyRule, { objectRef, requestURI }: AuditEvent): Match {
	if (objectRef === undefined) return requestURI === undefined ? "maybe" : "no";
	const inNamespace = oneOf(namespaces, objectRef.namespace ?? "");
	if (resources.length === 0 || inNamespace === "no") return inNamespace;
	if (objectRef.resource === undefined) return "maybe";
	const { resource, subresource = "", apiGroup = "", name = "" } = objectRef;
	return resources.some((entry) => entry.group === apiGroup && fitsResource(entry, resource, subresource, name)) ? "yes" : "no";
}

/** "pods" is pods alone; a star may stand for all subresources of a resource, for a subresource of all, or for everything. */
function fitsResource({ resources, resourceNames }: GroupResources, resource: string, subresource: string, name: string): boolean {
	if (resources.length === 0) return true;
	if (resourceNames.length > 0 && !resourceNames.includes(name)) return false;
	const whole = subresource === "" ? resource : `${resource}/${subresource}`;
	return resources.some((wanted) => {
		if (wanted === "*" || wanted === whole || wanted === `${resource}/*`) return true;
		return subresource !== "" && wanted === `*/${subresource}`;
	});
}

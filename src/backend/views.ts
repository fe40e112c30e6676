/** The questions that people ask first, as views over `events`; the docs are made from this list. */

export interface View {
	readonly name: string;
	/** One line. */
	readonly description: string;
	readonly sql: string;
}

/** What a line on a screen has room for; `uid` finds the rest in `events`. */
const BRIEF = "time, cluster, actor, impersonated, operation, resource, namespace, name, status, status_code, src_ip, app_name, uid";

/** Beside what was done in clusters, the collector tells of itself. */
const API_ACTIVITY = "class_uid = 6003";

const events = (name: string, description: string, where: string): View => ({
	name,
	description,
	sql: `SELECT ${BRIEF} FROM events WHERE ${API_ACTIVITY} AND (${where})`,
});

const WORKLOADS =
	"'pods', 'deployments', 'daemonsets', 'statefulsets', 'replicasets', 'replicationcontrollers', 'jobs', 'cronjobs', 'podtemplates'";
const MEMBERS = ["privileged", "hostPID", "hostNetwork", "hostIPC"];
const asks = (member: string): string => `CASE WHEN list_contains(json_extract_string(body, '$..${member}'), 'true') THEN '${member}' END`;

/** The member may stand anywhere in the body: in a pod, in a template, in a patch. */
const PRIVILEGED = `SELECT ${BRIEF}, asks FROM (
	SELECT *, list_filter([${MEMBERS.map(asks).join(", ")}, CASE WHEN len(json_extract(body, '$..hostPath')) > 0 THEN 'hostPath' END], lambda a: a IS NOT NULL) AS asks
	FROM (SELECT *, json_extract(event, '$.api.request.data') AS body FROM events WHERE ${API_ACTIVITY} AND activity IN ('Create', 'Update') AND split_part(resource, '/', 1) IN (${WORKLOADS}))
) WHERE len(asks) > 0`;

const COUNT = { delivered: "BIGINT", within: "BIGINT" };
const COVERAGE_STRUCTURE = JSON.stringify({
	source: "VARCHAR",
	scope: "VARCHAR",
	from: "VARCHAR",
	complete_to: "VARCHAR",
	...COUNT,
	late: "BIGINT",
	repeated: "BIGINT",
	gaps: [{ from: "VARCHAR", to: "VARCHAR" }],
	reconciled: [{ from: "VARCHAR", to: "VARCHAR", expected: "BIGINT", delivered: "BIGINT", found: "BIGINT", missing: "BIGINT" }],
	previous: "VARCHAR",
	restart: "BOOLEAN",
	clusters: [{ name: "VARCHAR", uid: "VARCHAR", ...COUNT }],
});
const instant = (member: string): string => `make_timestamp(epoch_us(TRY_CAST(c.${member} AS TIMESTAMPTZ)))`;

/** `hash` is what the next watermark of the same scope must have as `previous`. */
export const COVERAGE = `SELECT time, cluster, cluster_uid, c.source AS source, c.scope AS scope, ${instant('"from"')} AS complete_from, ${instant("complete_to")} AS complete_to, c.delivered AS delivered, c.within AS within, c.late AS late, c.repeated AS repeated, c.gaps AS gaps, c.reconciled AS reconciled, coalesce(c."restart", false) AS restarted, c.clusters AS clusters, c.previous AS previous, sha256(event::VARCHAR) AS hash, uid
	FROM (SELECT *, json_transform(json_extract(event, '$.unmapped.collector.coverage'), '${COVERAGE_STRUCTURE}') AS c FROM events WHERE class_uid = 1008 AND activity = 'Watermark')`;

export const VIEWS: readonly View[] = [
	events("failures", "requests that failed, for whatever reason", "status = 'Failure'"),
	events(
		"denials",
		"requests that were refused: by the authoriser, by admission, or for want of a login",
		"decision = 'forbid' OR status_code IN ('401', '403', 'rpc:7', 'rpc:16')",
	),
	events("secret_access", "every touch of a secret, reading included", "split_part(resource, '/', 1) = 'secrets'"),
	events(
		"exec",
		"commands run in pods, attached terminals and forwarded ports",
		"resource IN ('pods/exec', 'pods/attach', 'pods/portforward')",
	),
	events(
		"rbac_changes",
		"changes of roles and of bindings",
		"api_group = 'rbac.authorization.k8s.io' AND activity NOT IN ('Read', 'Unknown')",
	),
	events("token_requests", "tokens issued for service accounts", "resource = 'serviceaccounts/token' AND operation = 'create'"),
	events(
		"anonymous_access",
		"requests of callers who did not log in",
		"actor = 'system:anonymous' OR list_contains(groups, 'system:unauthenticated')",
	),
	events("impersonation", "callers who acted as somebody else", "impersonated IS NOT NULL"),
	{
		name: "privileged_pods",
		description: "workloads that ask for privileges on their node; needs audit level Request or above",
		sql: PRIVILEGED,
	},
	{
		name: "top_actors",
		description: "who is most active, and how often they fail",
		sql: `SELECT actor, actor_type, count(*) AS events, count(*) FILTER (status = 'Failure') AS failures, count(DISTINCT cluster_uid) AS clusters, min(time) AS first_seen, max(time) AS last_seen FROM events WHERE ${API_ACTIVITY} GROUP BY ALL ORDER BY events DESC, actor`,
	},
	{
		name: "clusters",
		description: "what is stored of each cluster, and from when to when",
		sql: `SELECT cluster, cluster_uid, provider, account, region, count(*) AS events, min(time) AS first_time, max(time) AS last_time FROM events WHERE ${API_ACTIVITY} GROUP BY ALL ORDER BY events DESC, cluster`,
	},
	{
		name: "coverage",
		description: "the watermarks: up to when everything has been delivered, by source and scope; kube-audit coverage reads them",
		sql: COVERAGE,
	},
];

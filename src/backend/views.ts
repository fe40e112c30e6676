/** The questions that people ask first, as views over `events`; the docs are made from this list. */

export interface View {
	readonly name: string;
	/** One line. */
	readonly description: string;
	readonly sql: string;
}

/** What a line on a screen has room for; `uid` finds the rest in `events`. */
const BRIEF = "time, cluster, actor, impersonated, operation, resource, namespace, name, status, status_code, src_ip, app_name, uid";

const events = (name: string, description: string, where: string): View => ({
	name,
	description,
	sql: `SELECT ${BRIEF} FROM events WHERE ${where}`,
});

const WORKLOADS =
	"'pods', 'deployments', 'daemonsets', 'statefulsets', 'replicasets', 'replicationcontrollers', 'jobs', 'cronjobs', 'podtemplates'";
const MEMBERS = ["privileged", "hostPID", "hostNetwork", "hostIPC"];
const asks = (member: string): string => `CASE WHEN list_contains(json_extract_string(body, '$..${member}'), 'true') THEN '${member}' END`;

/** The member may stand anywhere in the body: in a pod, in a template, in a patch. */
const PRIVILEGED = `SELECT ${BRIEF}, asks FROM (
	SELECT *, list_filter([${MEMBERS.map(asks).join(", ")}, CASE WHEN len(json_extract(body, '$..hostPath')) > 0 THEN 'hostPath' END], lambda a: a IS NOT NULL) AS asks
	FROM (SELECT *, json_extract(event, '$.api.request.data') AS body FROM events WHERE activity IN ('Create', 'Update') AND split_part(resource, '/', 1) IN (${WORKLOADS}))
) WHERE len(asks) > 0`;

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
		sql: "SELECT actor, actor_type, count(*) AS events, count(*) FILTER (status = 'Failure') AS failures, count(DISTINCT cluster_uid) AS clusters, min(time) AS first_seen, max(time) AS last_seen FROM events GROUP BY ALL ORDER BY events DESC, actor",
	},
	{
		name: "clusters",
		description: "what is stored of each cluster, and from when to when",
		sql: "SELECT cluster, cluster_uid, provider, account, region, count(*) AS events, min(time) AS first_time, max(time) AS last_time FROM events GROUP BY ALL ORDER BY events DESC, cluster",
	},
];

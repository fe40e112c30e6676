/** The columns of the table `events`: what each one is, and where in the OCSF event it is found. */

export interface Column {
	readonly name: string;
	readonly type: string;
	/** One line, for the docs. */
	readonly description: string;
	/** SQL over `e` (the parts of the event named in EVENT_STRUCTURE), `uid`, `time_ms` and `event`. */
	readonly sql: string;
}

/** The parts of an event that columns are made of, as DuckDB's json_transform wants it. What does not fit becomes NULL. */
export const EVENT_STRUCTURE = JSON.stringify({
	class_uid: "INTEGER",
	activity_name: "VARCHAR",
	time_dt: "VARCHAR",
	status: "VARCHAR",
	status_code: "VARCHAR",
	metadata: {
		event_code: "VARCHAR",
		log_level: "VARCHAR",
		correlation_uid: "VARCHAR",
		is_truncated: "BOOLEAN",
		logged_time_dt: "VARCHAR",
		reporter: { name: "VARCHAR", uid: "VARCHAR" },
	},
	cloud: { provider: "VARCHAR", region: "VARCHAR", account: { uid: "VARCHAR" } },
	api: { operation: "VARCHAR", group: { name: "VARCHAR" } },
	actor: {
		user: { name: "VARCHAR", type_id: "INTEGER", groups: [{ name: "VARCHAR" }] },
		app_name: "VARCHAR",
		authorizations: [{ decision: "VARCHAR" }],
	},
	src_endpoint: { ip: "VARCHAR", name: "VARCHAR", intermediate_ips: ["VARCHAR"] },
	http_request: { user_agent: "VARCHAR", url: { path: "VARCHAR", query_string: "VARCHAR" } },
	resources: [{ type: "VARCHAR", name: "VARCHAR", namespace: "VARCHAR" }],
	unmapped: { collector: { inferred: ["VARCHAR"], redactions: "MAP(VARCHAR, BIGINT)" } },
});

const column = (name: string, type: string, sql: string, description: string): Column => ({ name, type, sql, description });

/** Microseconds, where the text has them and agrees with the milliseconds; the look-up of repeats counts on that. */
const EVENT_MICROSECONDS = "epoch_us(TRY_CAST(e.time_dt AS TIMESTAMPTZ))";
const TIME = `make_timestamp(CASE WHEN ${EVENT_MICROSECONDS} BETWEEN time_ms * 1000 AND time_ms * 1000 + 999 THEN ${EVENT_MICROSECONDS} ELSE time_ms * 1000 END)`;
const ACTOR_TYPE = "CASE e.actor.user.type_id WHEN 1 THEN 'User' WHEN 2 THEN 'Admin' WHEN 3 THEN 'System' WHEN 4 THEN 'Service' END";

export const COLUMNS: readonly Column[] = [
	column("uid", "UUID NOT NULL", "uid", "the event's own id, equal for a redelivery of the same record"),
	column("time", "TIMESTAMP NOT NULL", TIME, "when it happened, UTC"),
	column(
		"time_inferred",
		"BOOLEAN NOT NULL",
		"coalesce(list_contains(e.unmapped.collector.inferred, 'time'), false)",
		"the event did not say its time; the log service or the collector did",
	),
	column(
		"logged_time",
		"TIMESTAMP",
		"make_timestamp(epoch_us(TRY_CAST(e.metadata.logged_time_dt AS TIMESTAMPTZ)))",
		"when the log service took it in, UTC",
	),
	column("class_uid", "INTEGER", "e.class_uid", "OCSF class; 6003 is API Activity"),
	column("cluster", "VARCHAR", "e.metadata.reporter.name", "the cluster's name"),
	column("cluster_uid", "VARCHAR", "e.metadata.reporter.uid", "the cluster's canonical id, such as its ARN"),
	column("provider", "VARCHAR", "e.cloud.provider", "AWS, GCP or Azure"),
	column("account", "VARCHAR", "e.cloud.account.uid", "AWS account, Google Cloud project or Azure subscription"),
	column("region", "VARCHAR", "e.cloud.region", "cloud region"),
	column("activity", "VARCHAR", "e.activity_name", "Create, Read, Update, Delete or the verb"),
	column("operation", "VARCHAR", "e.api.operation", "the verb: get, list, create and so on"),
	column("resource", "VARCHAR", "e.resources[1].type", "what it was done to, with the subresource: pods, pods/exec, secrets"),
	column("namespace", "VARCHAR", "e.resources[1].namespace", "the object's namespace"),
	column("name", "VARCHAR", "e.resources[1].name", "the object's name; * for a collection"),
	column("api_group", "VARCHAR", 'e.api."group".name', "the object's API group; NULL for the core group"),
	column("actor", "VARCHAR", "e.actor.user.name", "the authenticated caller"),
	column("actor_type", "VARCHAR", ACTOR_TYPE, "User, Admin, System or Service"),
	column("groups", "VARCHAR[]", "list_transform(e.actor.user.groups, lambda g: g.name)", "the caller's groups"),
	column("impersonated", "VARCHAR", "list_filter(e.resources, lambda r: r.type = 'impersonatedUser')[1].name", "whom the caller acted as"),
	column(
		"src_ip",
		"VARCHAR",
		"coalesce(e.src_endpoint.ip, nullif(e.src_endpoint.name, 'unknown'))",
		"the first source address: what the client claims",
	),
	column(
		"src_ips",
		"VARCHAR[]",
		"list_filter(list_concat([e.src_endpoint.ip], e.src_endpoint.intermediate_ips), lambda ip: ip IS NOT NULL)",
		"all source addresses; only the last, src_ips[-1], can be trusted",
	),
	column("user_agent", "VARCHAR", "e.http_request.user_agent", "the client's user agent"),
	column("app_name", "VARCHAR", "e.actor.app_name", "the user agent's product, such as kubectl"),
	column("status", "VARCHAR", "e.status", "Success, Failure or Unknown"),
	column("status_code", "VARCHAR", "e.status_code", "HTTP status code, or rpc:<code>"),
	column("decision", "VARCHAR", "e.actor.authorizations[1].decision", "the authoriser's decision, allow or forbid: not the outcome"),
	column("stage", "VARCHAR", "e.metadata.event_code", "RequestReceived, ResponseStarted, ResponseComplete or Panic"),
	column("level", "VARCHAR", "e.metadata.log_level", "Metadata, Request or RequestResponse"),
	column("correlation_uid", "VARCHAR", "e.metadata.correlation_uid", "the audit id, shared by the stages of a request; clients choose it"),
	column("request_path", "VARCHAR", "e.http_request.url.path", "the path of the request"),
	column("query_string", "VARCHAR", "e.http_request.url.query_string", "what follows the path's question mark"),
	column(
		"is_truncated",
		"BOOLEAN NOT NULL",
		"coalesce(e.metadata.is_truncated, false)",
		"the record was cut on its way; what could be read is here",
	),
	column(
		"redacted",
		"BIGINT NOT NULL",
		"coalesce(list_sum(map_values(e.unmapped.collector.redactions)), 0)",
		"how many values were redacted",
	),
	// Forced: DuckDB's own choice for texts of this length takes eight times the room, and longer to write.
	column("event", "JSON NOT NULL USING COMPRESSION zstd", "event", "the whole event as it was sent, byte for byte"),
];

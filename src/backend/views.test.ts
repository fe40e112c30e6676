import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { folderFor } from "../../test/temp-folder.ts";
import { COLUMNS } from "./columns.ts";
import { openDuckdbSink } from "./sink.ts";
import { eventOf, rowsOf, START_MS, send, uidOf } from "./test-events.ts";
import { VIEWS } from "./views.ts";

const target = (type: string, more: object = {}): Readonly<Record<string, unknown>> => ({
	resources: [{ role_id: 1, type, name: "n", namespace: "shop", ...more }],
});
const podSpec = { containers: [{ name: "c", securityContext: { privileged: true } }] };

/** Name -> what makes the event special; the views below say by name which they show. */
const EVENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	plain: {},
	"exec over websocket": { ...target("pods/exec"), api: { operation: "get" } },
	"exec over spdy": { ...target("pods/exec"), api: { operation: "create" }, activity_name: "Create" },
	attach: target("pods/attach"),
	portforward: target("pods/portforward"),
	log: target("pods/log"),
	"secret list": target("secrets", { name: "*" }),
	"secret status": target("secrets/status"),
	"like a secret": target("secretstores"),
	"not found": { status: "Failure", status_code: "404" },
	forbidden: { status: "Failure", status_code: "403", actor: { user: { name: "joe" }, authorizations: [{ decision: "forbid" }] } },
	"no login": { status: "Failure", status_code: "401", actor: { app_name: "curl" } },
	"admission refused": { status: "Failure", status_code: "403", actor: { user: { name: "joe" }, authorizations: [{ decision: "allow" }] } },
	"rpc denied": { status: "Failure", status_code: "rpc:7" },
	"role read": { ...target("roles"), api: { operation: "get", group: { name: "rbac.authorization.k8s.io" } } },
	"role bound": {
		...target("rolebindings"),
		activity_name: "Create",
		api: { operation: "create", group: { name: "rbac.authorization.k8s.io" } },
	},
	anonymous: { actor: { user: { name: "system:anonymous", type_id: 3 } } },
	"anonymous by group": { actor: { user: { name: "x", groups: [{ name: "system:unauthenticated" }] } } },
	impersonating: {
		resources: [
			{ role_id: 1, type: "pods", name: "n" },
			{ role_id: 2, type: "impersonatedUser", name: "admin" },
		],
	},
	token: { ...target("serviceaccounts/token"), activity_name: "Create", api: { operation: "create" } },
	"privileged pod": { ...target("pods"), activity_name: "Create", api: { operation: "create", request: { data: { spec: podSpec } } } },
	"privileged daemon": {
		...target("daemonsets"),
		activity_name: "Update",
		api: { operation: "patch", request: { data: { spec: { template: { spec: podSpec } } } } },
	},
	"on the host": {
		...target("pods"),
		activity_name: "Create",
		api: {
			operation: "create",
			request: { data: { spec: { hostPID: true, hostNetwork: false, volumes: [{ hostPath: { path: "/" } }] } } },
		},
	},
	"modest pod": {
		...target("pods"),
		activity_name: "Create",
		api: { operation: "create", request: { data: { spec: { containers: [{ securityContext: { privileged: false } }] } } } },
	},
	"body skipped": {
		...target("pods"),
		activity_name: "Create",
		api: { operation: "create", request: { data: "skipped-too-big-size-object" } },
	},
	"other class": { class_uid: 2004, actor: undefined, api: undefined, resources: undefined, src_endpoint: undefined, status: undefined },
};

const SHOWN: Readonly<Record<string, readonly string[]>> = {
	failures: ["not found", "forbidden", "no login", "admission refused", "rpc denied"],
	denials: ["forbidden", "no login", "admission refused", "rpc denied"],
	secret_access: ["secret list", "secret status"],
	exec: ["exec over websocket", "exec over spdy", "attach", "portforward"],
	rbac_changes: ["role bound"],
	token_requests: ["token"],
	anonymous_access: ["anonymous", "anonymous by group"],
	impersonation: ["impersonating"],
	privileged_pods: ["privileged pod", "privileged daemon", "on the host"],
};

test("views show the events they are named for, and no others", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using sink = await openDuckdbSink(path);
	const names = Object.keys(EVENTS);
	await send(
		sink,
		names.map((name, i) => eventOf(name, EVENTS[name], START_MS + i)),
	);
	const nameOf = new Map(names.map((name) => [uidOf(name), name]));
	for (const [view, expected] of Object.entries(SHOWN)) {
		const rows = await rowsOf(path, `SELECT uid FROM ${view} ORDER BY time`);
		assert.deepEqual(
			rows.map(([uid]) => nameOf.get(uid as string)),
			expected,
			view,
		);
	}
	assert.deepEqual(await rowsOf(path, "SELECT asks FROM privileged_pods ORDER BY time"), [
		[["privileged"]],
		[["privileged"]],
		[["hostPID", "hostPath"]],
	]);
	assert.deepEqual((await rowsOf(path, "SELECT actor, actor_type, events, failures FROM top_actors"))[0], [
		"jane",
		"User",
		names.length - 6,
		2,
	]);
	assert.deepEqual(await rowsOf(path, "SELECT cluster, cluster_uid, provider, events, first_time FROM clusters"), [
		["shop", "cluster-1", null, names.length - 1, "2026-05-04T09:30:00.000Z"],
	]);
	assert.deepEqual(await rowsOf(path, "SELECT impersonated FROM impersonation"), [["admin"]]);
});

test("every view and column is described, and every view is tried above", async (context) => {
	const path = join(folderFor(context), "store.duckdb");
	await using _sink = await openDuckdbSink(path);
	for (const { name, description } of [...VIEWS, ...COLUMNS]) assert.match(description, /^[^.\n]{10,}$/, name);
	const tables = await rowsOf(path, "SHOW TABLES");
	assert.deepEqual(tables.flat(), [...VIEWS.map(({ name }) => name), "events", "meta"].sort());
	assert.deepEqual(
		(await rowsOf(path, "DESCRIBE events")).map(([name]) => name),
		COLUMNS.map(({ name }) => name),
	);
	const tried = [...Object.keys(SHOWN), "top_actors", "clusters", "coverage"];
	assert.deepEqual(
		VIEWS.map(({ name }) => name),
		tried,
	);
});

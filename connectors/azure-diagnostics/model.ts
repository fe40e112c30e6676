/** A model of Log Analytics' query API: workspaces, tables, visibility, limits and faults, all by a given clock and seed. */

import type { Clock } from "../../src/contract/connector.ts";
import type { Fault, Faults } from "../../src/simulation/faults.ts";
import type { PlantedEvent } from "../../src/simulation/planted-event.ts";
import type { Client, Plan, Timespan } from "./client.ts";
import { type ModelQuery, parseQuery } from "./model-query.ts";
import { NO_CONTENT, networkError, okReply, REFUSALS, type Reply, restError, resultBody } from "./model-reply.ts";
import { columnsOf, plantedRow, type RowPlace, timeGeneratedMs } from "./model-row.ts";
import { createModelTables, type ModelEntry, type ModelTables } from "./model-tables.ts";
import { INGESTION_COLUMN } from "./places.ts";
import type { TableName } from "./tables.ts";

export interface ModelWorkspace {
	readonly id: string;
	readonly tables: Readonly<Partial<Record<TableName, Plan>>>;
	/** Tables that the identity may not read. */
	readonly denied?: readonly TableName[];
	/** It has nothing at all. */
	readonly isEmpty?: boolean;
}

export interface ModelOptions {
	readonly clock: Clock;
	readonly random: () => number;
	readonly faults: Faults;
	readonly workspaces?: readonly ModelWorkspace[];
	/** source-semantics 3.2: "500,000 rows, ~100 MB raw". More is cut, and the answer partial. */
	readonly rowsMax?: number;
	readonly bytesMax?: number;
	/** How likely an answer is partial for a reason of the service's own. */
	readonly partialRate?: number;
	/** source-semantics 3.2: "200 requests/30 s per identity". */
	readonly per30Seconds?: number;
	/** The tables' retention; absent: for ever. */
	readonly retentionMs?: number;
	/** How far the service's clock is ahead of the given one. */
	readonly skewMs?: number;
	/** How long a client waits for an answer that does not come. */
	readonly timeoutMs?: number;
}

/** One call, as it comes over the wire. */
interface ModelCall {
	readonly workspaceId: string;
	readonly operation: "query" | "search";
	readonly query: string;
	readonly timespan: Timespan;
}

export interface Model {
	put(entry: ModelEntry): void;
	/** Stores an event as a row. Without a place, the tables of the first workspace take turns by the event's API server. */
	plant(event: PlantedEvent, place?: Partial<RowPlace>): void;
	/** The service as the connector sees it, in process. */
	client(): Client;
	/** What the service answers; or what the network does instead. */
	reply(call: ModelCall): Reply | "reset" | "timeout";
	/** Drops what was taken in before, as retention does. */
	forget(beforeMs: number): void;
	/** The service's clock. */
	now(): number;
	/** Calls so far. */
	calls(): number;
}

export const MODEL_WORKSPACE = "11111111-2222-3333-4444-555555555555";
export const MODEL_CLUSTER =
	"/subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/shop-rg/providers/microsoft.containerservice/managedclusters/shop";

const WORKSPACES: readonly ModelWorkspace[] = [{ id: MODEL_WORKSPACE, tables: { AKSAudit: "analytics", AzureDiagnostics: "analytics" } }];
const QUOTA_MS = 30_000;

/** source-semantics 3.2: status 200 with an empty body is one of the things that are no answer. */
const GARBLED: readonly string[] = [
	"",
	'{"tables":"nonsense"}',
	'{"tables":[{"name":"PrimaryResult","columns":[{"na',
	"[]",
	'{"tables":[]}',
];

export function createModel(options: ModelOptions): Model {
	const { clock, random, faults, workspaces = WORKSPACES } = options;
	const now = (): number => clock.now() + (options.skewMs ?? 0);
	const tables = createModelTables({ random, now, retentionMs: options.retentionMs });
	const service: Service = { ...options, workspaces, tables };
	const throttle = createThrottle(now, options.per30Seconds ?? 200);
	let calls = 0;

	function plant(event: PlantedEvent, place: Partial<RowPlace> = {}): void {
		const { id: workspaceId, tables: plans } = workspaces.find(({ id }) => id === place.workspaceId) ?? (workspaces[0] as ModelWorkspace);
		// A row of an Admin table has a counterpart in the whole one: a test that wants it says so.
		const names = (Object.keys(plans) as TableName[]).filter((name) => !name.endsWith("Admin"));
		const table = place.table ?? names[event.server % names.length] ?? "AKSAudit";
		const row = plantedRow(event, { resourceId: MODEL_CLUSTER, ...place, workspaceId, table });
		const { takenInMs: ingestedMs, visibleAtMs } = event;
		tables.put({ workspaceId, table, row, timeGeneratedMs: timeGeneratedMs(event), ingestedMs, visibleAtMs });
	}

	function reply(call: ModelCall): Reply | "reset" | "timeout" {
		calls++;
		const fault = faults(call.operation);
		if (fault === "reset" || fault === "timeout") return fault;
		return throttle() ?? faultReply(fault, random) ?? answer(service, call);
	}

	const query: Client["query"] = async ({ plan, bytesMax, ...request }, signal) => {
		signal.throwIfAborted();
		const outcome = reply({ ...request, operation: plan === "basic" ? "search" : "query" });
		if (outcome === "reset") throw networkError();
		if (outcome === "timeout") {
			await clock.wait(options.timeoutMs ?? 90_000, signal);
			throw new DOMException("The operation was aborted due to timeout", "TimeoutError");
		}
		if (outcome.status >= 400) throw restError(outcome);
		const servedAtMs = Math.floor(now() / 1000) * 1000;
		if (outcome.body.length > bytesMax) return { status: "too-large", body: new Uint8Array(0), servedAtMs };
		return { status: outcome.status === 204 ? "no-content" : "ok", body: outcome.body, servedAtMs };
	};

	return {
		put: tables.put,
		plant,
		forget: tables.forget,
		reply,
		now,
		calls: () => calls,
		client: () => ({ query, async [Symbol.asyncDispose]() {} }),
	};
}

/** Refuses what is over the quota, and says when it is not any more. */
function createThrottle(now: () => number, per30Seconds: number): () => Reply | undefined {
	const times: number[] = [];
	return () => {
		while ((times[0] ?? Infinity) <= now() - QUOTA_MS) times.shift();
		if (times.length >= per30Seconds) return REFUSALS.throttled(Math.ceil(((times[0] as number) + QUOTA_MS - now()) / 1000));
		times.push(now());
		return undefined;
	};
}

function faultReply(fault: Fault | undefined, random: () => number): Reply | undefined {
	if (fault === "throttle") return REFUSALS.throttled(1 + Math.floor(random() * 3));
	if (fault === "unavailable") return random() < 0.5 ? REFUSALS.unavailable() : REFUSALS.tooLong();
	if (fault === "expired-credentials") return REFUSALS.badToken();
	if (fault === "denied") return REFUSALS.denied();
	if (fault === "garbled") return okReply(GARBLED[Math.floor(random() * GARBLED.length)] as string);
	// "bad-token": this API has no page tokens.
	return undefined;
}

interface Service extends Pick<ModelOptions, "random" | "rowsMax" | "bytesMax" | "partialRate"> {
	readonly workspaces: readonly ModelWorkspace[];
	readonly tables: ModelTables;
}

function answer(service: Service, call: ModelCall): Reply {
	const workspace = service.workspaces.find(({ id }) => id.toLowerCase() === call.workspaceId.toLowerCase());
	if (workspace === undefined) return REFUSALS.noWorkspace();
	if (workspace.isEmpty) return NO_CONTENT;
	const query = parseQuery(call.query);
	if (query === undefined) return REFUSALS.notUnderstood();
	const plan = workspace.tables[query.table];
	if (plan === undefined) return REFUSALS.noTable(query.table);
	if (workspace.denied?.includes(query.table)) return REFUSALS.denied();
	// source-semantics 3.2: "Basic/Auxiliary: /search, single table".
	if (plan === "basic" && call.operation === "query") return REFUSALS.basicTable();
	if (query.gives === "clusters") return clusters(service, workspace.id, query, call.timespan);
	if (query.gives === "counts") return counts(service, workspace.id, query, call.timespan);
	return rows(service, workspace.id, query, call.timespan);
}

function counts({ tables, rowsMax = 500_000 }: Service, workspaceId: string, query: ModelQuery, timespan: Timespan): Reply {
	const { binMs = 1 } = query;
	const groups = new Map<string, { readonly bin: string; readonly id: string; rows: number }>();
	for (const { ingestedMs, resourceId } of tables.matching(workspaceId, query, timespan)) {
		const bin = new Date(Math.floor(ingestedMs / binMs) * binMs).toISOString().replace("Z", "0000Z");
		const group = groups.get(`${bin} ${resourceId}`) ?? { bin, id: resourceId, rows: 0 };
		groups.set(`${bin} ${resourceId}`, group);
		group.rows++;
	}
	const cells = [...groups.values()].map(({ bin, id, rows }) => Buffer.from(`,["${bin} ${rows} ${id}"]`));
	return okReply(resultBody([{ name: "kube_audit_count", type: "string" }], cells.slice(0, rowsMax), cells.length > rowsMax));
}

function clusters({ tables }: Service, workspaceId: string, query: ModelQuery, timespan: Timespan): Reply {
	const ids = new Set(tables.matching(workspaceId, query, timespan).map(({ resourceId }) => resourceId));
	const cells = [...ids].map((id) => Buffer.from(`,["${id}"]`));
	return okReply(resultBody([{ name: "_ResourceId", type: "string" }], cells, false));
}

function rows(service: Service, workspaceId: string, query: ModelQuery, timespan: Timespan): Reply {
	const { tables, random, rowsMax = 500_000, bytesMax = 100_000_000, partialRate = 0 } = service;
	const selected: Buffer[] = [];
	let sizeBytes = 0;
	let isPartial = false;
	for (const { bytes } of query.gives === "rows" ? tables.matching(workspaceId, query, timespan) : []) {
		sizeBytes += bytes.length;
		isPartial = selected.length >= rowsMax || sizeBytes > bytesMax;
		if (isPartial) break;
		selected.push(bytes);
	}
	// source-semantics 3.2: PartialFailure "resolves normally", with whatever rows there were.
	if (partialRate > 0 && random() < partialRate) {
		isPartial = true;
		selected.length = Math.floor(random() * selected.length);
	}
	return okReply(resultBody([...columnsOf(query.table), { name: INGESTION_COLUMN, type: "string" }], selected, isPartial));
}

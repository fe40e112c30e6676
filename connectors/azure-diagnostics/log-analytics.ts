/** The way in through Log Analytics: asks for the rows of a window by their ingestion time, and splits what is too much. */

import type { Clock, Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import type { List, Listed, ListedRecord, Window } from "../../src/pull/listing.ts";
import { createAsk, type Outcome, type Question } from "./ask.ts";
import type { Client, Plan, Timespan } from "./client.ts";
import { clustersQuery, rowsQuery, type Shard } from "./kql.ts";
import { resolve } from "./origin.ts";
import type { Settings } from "./settings.ts";
import { createTables, type Table } from "./tables.ts";

export interface ReaderOptions {
	readonly client: Client;
	readonly attempt: Attempt;
	readonly settings: Settings;
	readonly clock: Clock;
}

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Times further from the moment of receipt are replaced by it, at 2 days before and 1 day after; the rest is for ingestion (source-semantics 3.2). */
const EARLIER_MS = 3 * DAY_MS;
const LATER_MS = 2 * DAY_MS;
/** For less than this no service needs its whole time. */
const SHORT_MS = 60_000;
const PAGE_RECORDS = 1_000;
/** A row is some kilobytes: the parts of a moment are small long before this. */
const SHARDS_MAX = 4_096;
const WHOLE: Shard = { of: 1, rest: 0 };

/** One scope a workspace, named by its id. Throws ACCESS_DENIED or CONFIG_INVALID if one cannot be read, or has no audit table. */
export async function scopes(options: ReaderOptions, signal: AbortSignal): Promise<readonly Scope[]> {
	const { settings, clock } = options;
	const all: Scope[] = [];
	for (const workspaceId of new Set(settings.workspaces.map((id) => id.toLowerCase()))) {
		const ask = createAsk({ ...options, workspaceId, limits: settings.limits });
		await createTables({ ask, clock, workspaceId, named: settings.tables })(signal);
		// Many clusters send to a workspace, and each row says its own; only a source of one cluster is that cluster's.
		const [clusterId, ...others] = settings.resourceIds ?? [];
		const isOne = clusterId !== undefined && others.length === 0;
		const origin = resolve({ connector: "azure-diagnostics", ...(isOne ? { clusterId } : {}) });
		all.push({ name: workspaceId, origin });
	}
	return all;
}

/** Lists the rows of the workspace of a scope. The axis is ingestion_time(), to the millisecond. */
export function createList(options: ReaderOptions & { readonly scope: Pick<Scope, "name"> }): List {
	const { settings, clock, scope } = options;
	const workspaceId = scope.name;
	const ask = createAsk({ ...options, workspaceId, limits: settings.limits });
	const tables = createTables({ ask, clock, workspaceId, named: settings.tables });

	function askRows(table: Table, window: Window, shard: Shard, signal: AbortSignal): Promise<Outcome> {
		const selection = { table: table.name, window, resourceIds: settings.resourceIds, ...(shard.of === 1 ? {} : { shard }) };
		return ask(questionOf(table, window, rowsQuery(selection)), signal);
	}

	function questionOf({ name, plan }: Table, window: Window, query: string): Question {
		const timespan = timespanOf(plan, window, settings.limits.basicLateHours * HOUR_MS);
		return { table: name, plan, query, timespan, isDivisible: window.toMs - window.fromMs > SHORT_MS };
	}

	/** Of the clusters with rows in the window; undefined: cannot be told. */
	async function clustersOf(table: Table, window: Window, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
		const query = clustersQuery({ table: table.name, window, resourceIds: settings.resourceIds });
		const outcome = await ask(questionOf(table, window, query), signal);
		return outcome.kind === "answer" ? new Set(outcome.answer.texts()) : undefined;
	}

	/** Whether another table brings every row of this one in the window. */
	async function isCovered(table: Table, window: Window, signal: AbortSignal): Promise<boolean> {
		if (table.whole === undefined) return false;
		const own = await clustersOf(table, window, signal);
		if (own === undefined || own.size === 0) return own !== undefined;
		const whole = await clustersOf(table.whole, window, signal);
		return whole !== undefined && [...own].every((cluster) => whole.has(cluster));
	}

	/** Gives whether the window is too much. A window of one moment is divided by the rows' hash, since it cannot be halved. */
	async function* listTable(table: Table, window: Window, shard: Shard, signal: AbortSignal): AsyncGenerator<Listed, boolean> {
		const outcome = await askRows(table, window, shard, signal);
		if (outcome.kind === "answer") {
			yield* pagesOf(outcome);
			return false;
		}
		if (outcome.kind !== "too-much") throw vanished(table);
		if (window.toMs > window.fromMs) return true;
		if (shard.of >= SHARDS_MAX) throw indivisible(table);
		for (const rest of [shard.rest, shard.rest + shard.of]) yield* listTable(table, window, { of: 2 * shard.of, rest }, signal);
		return false;
	}

	return async function* ({ fromMs, toMs }, signal) {
		const window = { fromMs: Math.max(0, Math.floor(fromMs)), toMs: Math.max(0, Math.ceil(toMs)) };
		for (const table of await tables(signal)) {
			if (await isCovered(table, window, signal)) continue;
			if (yield* listTable(table, window, WHOLE, signal)) {
				yield { kind: "too-much" };
				return;
			}
		}
	};
}

function* pagesOf({ answer, servedAtMs }: Extract<Outcome, { kind: "answer" }>): Generator<Listed> {
	const served = servedAtMs === undefined ? {} : { servedAtMs };
	let records: ListedRecord[] = [];
	for (const record of answer.records()) {
		if (records.push(record) < PAGE_RECORDS) continue;
		yield { kind: "page", records, ...served };
		records = [];
	}
	yield { kind: "page", records, ...served };
}

/** Where TimeGenerated may lie of rows ingested in the window. A search of a Basic table is charged for all of it, so that it is narrower. */
export function timespanOf(plan: Plan, { fromMs, toMs }: Window, basicLateMs: number): Timespan {
	if (plan === "basic") return { fromMs: fromMs - basicLateMs, toMs: toMs + HOUR_MS };
	return { fromMs: fromMs - EARLIER_MS, toMs: toMs + LATER_MS };
}

export function vanished({ name }: Table): CollectorError {
	return new CollectorError("SOURCE_UNAVAILABLE", `table ${name} cannot be asked any more as it could before: its plan may be changing`);
}

function indivisible({ name }: Table): CollectorError {
	return new CollectorError(
		"SOURCE_UNAVAILABLE",
		`log analytics cannot answer for the rows of ${name} of one millisecond, not even in ${SHARDS_MAX} parts: raise limits.answerBytesMax`,
	);
}

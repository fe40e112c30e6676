/** What the modelled workspaces have stored: rows by table, in the order of their ingestion, each hidden until it is visible. */

import { createStoredLog, type StoredLog } from "../../src/simulation/stored-log.ts";
import type { Timespan } from "./client.ts";
import { type ModelQuery, remainderOf } from "./model-query.ts";
import { cellsOf, hashedText, type Row } from "./model-row.ts";
import type { TableName } from "./tables.ts";

/** A row to be stored; times in epoch milliseconds of the service's clock. */
export interface ModelEntry {
	readonly workspaceId: string;
	readonly table: TableName;
	readonly row: Row;
	readonly timeGeneratedMs: number;
	/** What ingestion_time() says. */
	readonly ingestedMs: number;
	/** Its four digits beyond milliseconds. */
	readonly ticks?: number;
	/** source-semantics 3.2: ingestion_time() is "approximate, may take minutes, and two overlapping ingestions may be in any order". */
	readonly visibleAtMs: number;
}

interface StoredRow {
	readonly ingestedMs: number;
	/** `,["cell",...]`, the ingestion time last: as it stands in an answer. */
	readonly bytes: Buffer;
	readonly timeGeneratedMs: number;
	readonly resourceId: string;
	readonly hashed: string;
}

export interface ModelTables {
	put(entry: ModelEntry): void;
	/** The rows that the query selects and that are visible, by ingestion time. */
	matching(workspaceId: string, query: ModelQuery, timespan: Timespan): Generator<StoredRow>;
	/** Drops what was taken in before. */
	forget(beforeMs: number): void;
}

export interface ModelTablesOptions {
	readonly random: () => number;
	/** The service's clock. */
	readonly now: () => number;
	readonly retentionMs: number | undefined;
}

const TICKS = 10_000;
const AUDIT_CATEGORIES: ReadonlySet<unknown> = new Set(["kube-audit", "kube-audit-admin"]);

export function createModelTables({ random, now, retentionMs }: ModelTablesOptions): ModelTables {
	const logs = new Map<string, StoredLog<StoredRow>>();
	let stored = 0;

	function logOf(workspaceId: string, table: TableName): StoredLog<StoredRow> {
		const key = `${workspaceId.toLowerCase()}/${table}`;
		const log = logs.get(key) ?? createStoredLog<StoredRow>();
		logs.set(key, log);
		return log;
	}

	return {
		put(entry) {
			const { table, row, ingestedMs, visibleAtMs, timeGeneratedMs } = entry;
			// Every query that is understood leaves other categories out.
			if (table === "AzureDiagnostics" && !AUDIT_CATEGORIES.has(row["Category"])) return;
			const ticks = String(entry.ticks ?? Math.floor(random() * TICKS)).padStart(4, "0");
			const ingested = new Date(ingestedMs).toISOString().replace("Z", `${ticks}Z`);
			const kept = {
				bytes: Buffer.from(`,[${cellsOf(table, row)},"${ingested}"]`),
				ingestedMs,
				timeGeneratedMs,
				resourceId: String(row["_ResourceId"]).toLowerCase(),
				hashed: hashedText(table, row),
			};
			const order = `${ticks}${String(stored++).padStart(12, "0")}`;
			logOf(entry.workspaceId, table).put({ entry: kept, timeMs: ingestedMs, order, visibleAtMs });
		},
		*matching(workspaceId, { table, window = { fromMs: 0, toMs: 0 }, shard, resourceIds }, timespan) {
			const log = logOf(workspaceId, table);
			if (retentionMs !== undefined) log.forget(now() - retentionMs);
			const ids = resourceIds && new Set(resourceIds.map((id) => id.toLowerCase()));
			for (const { entry } of log.list(window.fromMs, window.toMs, now())) {
				if (entry.timeGeneratedMs < timespan.fromMs || entry.timeGeneratedMs > timespan.toMs) continue;
				if (ids !== undefined && !ids.has(entry.resourceId)) continue;
				if (shard === undefined || remainderOf(entry.hashed, shard.of) === shard.rest) yield entry;
			}
		},
		forget(beforeMs) {
			for (const log of logs.values()) log.forget(beforeMs);
		},
	};
}

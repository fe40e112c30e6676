/** Understands the queries that kql.ts writes, and nothing else: the model of the service answers those. */

import { clustersQuery, countsQuery, existsQuery, rowsQuery, type Selection, type Shard } from "./kql.ts";
import { TABLES, type TableName } from "./tables.ts";

export interface ModelQuery extends Partial<Omit<Selection, "table">> {
	readonly table: TableName;
	/** What comes out: whole rows, one column of clusters or of counts, or the columns without any row. */
	readonly gives: "rows" | "clusters" | "counts" | "nothing";
	/** Of counts. */
	readonly binMs?: number;
}

const WINDOW = /ingestion_time\(\) >= datetime\(([^)]*)\) and ingestion_time\(\) < datetime\(([^)]*)\)/;
const RESOURCES = /where _ResourceId in~ \(([^)]*)\)/;
const BIN = /bin\(ingestion_time\(\), (\d+)m\)/;
const SHARD = /where hash\(.*, (\d+)\) == (\d+)$/m;

/** The parts of a query; undefined if it is not, to the letter, one that kql.ts writes. */
export function parseQuery(text: string): ModelQuery | undefined {
	const table = TABLES.find((name) => text.startsWith(`${name}\n`));
	if (table === undefined) return undefined;
	if (text === existsQuery(table)) return { table, gives: "nothing" };
	const [, from, to] = WINDOW.exec(text) ?? [];
	const window = { fromMs: Date.parse(from ?? ""), toMs: Date.parse(to ?? "") - 1 };
	if (Number.isNaN(window.fromMs) || Number.isNaN(window.toMs)) return undefined;
	const ids = RESOURCES.exec(text)?.[1];
	const [, of, rest] = SHARD.exec(text) ?? [];
	const shard: Shard | undefined = of === undefined ? undefined : { of: Number(of), rest: Number(rest) };
	const selection = { table, window, shard, resourceIds: ids?.split(", ").map((id) => id.slice(1, -1)) };
	if (text === rowsQuery(selection)) return { ...selection, gives: "rows" };
	if (text === clustersQuery(selection)) return { ...selection, gives: "clusters" };
	const binMs = Number(BIN.exec(text)?.[1]) * 60_000;
	return text === countsQuery(selection, binMs) ? { ...selection, gives: "counts", binMs } : undefined;
}

/** A hash of the model's own, for `hash(text, of)`. */
export function remainderOf(text: string, of: number): number {
	let state = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
	return ((state ^ (state >>> 15)) >>> 0) % of;
}

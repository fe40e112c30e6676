/** Counts the rows of a workspace that a reading would list, by the bin of their ingestion time. */

import type { Counts, Scope, Stretch } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { type Ask, createAsk } from "./ask.ts";
import { countsQuery } from "./kql.ts";
import { HOUR_MS, type ReaderOptions, timespanOf, vanished } from "./log-analytics.ts";
import { garbled } from "./query-answer.ts";
import { createTables, type Table } from "./tables.ts";

/** Rows of one cluster in one bin. */
interface Group {
	readonly bin: number;
	readonly rows: number;
	readonly cluster: string;
}

/** Both ends on multiples of the bin. */
interface Binned extends Stretch {
	readonly binMs: number;
}

const GROUP = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\d{1,15}) (.*)$/;

/**
 * Of a table whose rows another table has too, only the clusters count that the other one has nothing of: a reading that met
 * them before the other table had them listed more, never less. Throws as a reading does.
 */
export async function countRows(
	options: ReaderOptions & { readonly scope: Pick<Scope, "name"> },
	stretch: Binned,
	signal: AbortSignal,
): Promise<Counts> {
	const { settings, clock, scope } = options;
	const ask = createAsk({ ...options, workspaceId: scope.name, limits: settings.limits });
	const tables = await createTables({ ask, clock, workspaceId: scope.name, named: settings.tables })(signal);
	const counts = new Map<number, number>();
	const clusters = new Map<Table, ReadonlySet<string>>();
	for (const table of tables) {
		const groups = await groupsOf({ ask, settings }, table, stretch, signal);
		clusters.set(table, new Set(groups.map(({ cluster }) => cluster)));
		const covered = table.whole === undefined ? undefined : clusters.get(table.whole);
		for (const { bin, rows, cluster } of groups) if (!covered?.has(cluster)) counts.set(bin, (counts.get(bin) ?? 0) + rows);
	}
	return counts;
}

interface Asking extends Pick<ReaderOptions, "settings"> {
	readonly ask: Ask;
}

/** What is too much for one answer is asked for in halves. */
async function groupsOf(asking: Asking, table: Table, stretch: Binned, signal: AbortSignal): Promise<readonly Group[]> {
	const { ask, settings } = asking;
	const { fromMs, untilMs, binMs } = stretch;
	const window = { fromMs, toMs: untilMs - 1 };
	const outcome = await ask(
		{
			table: table.name,
			plan: table.plan,
			query: countsQuery({ table: table.name, window, resourceIds: settings.resourceIds }, binMs),
			timespan: timespanOf(table.plan, window, settings.limits.basicLateHours * HOUR_MS),
			isDivisible: untilMs - fromMs > binMs,
		},
		signal,
	);
	if (outcome.kind === "answer") return outcome.answer.texts().map(groupOf);
	if (outcome.kind !== "too-much") throw vanished(table);
	const middleMs = fromMs + Math.floor((untilMs - fromMs) / 2 / binMs) * binMs;
	if (middleMs === fromMs)
		throw new CollectorError("SOURCE_UNAVAILABLE", `log analytics cannot count the rows of ${table.name} in its time`);
	const halves = [
		{ fromMs, untilMs: middleMs, binMs },
		{ fromMs: middleMs, untilMs, binMs },
	];
	const groups: Group[] = [];
	for (const half of halves) groups.push(...(await groupsOf(asking, table, half, signal)));
	return groups;
}

function groupOf(text: string): Group {
	const [, at = "", rows, cluster = ""] = GROUP.exec(text) ?? [];
	const bin = Date.parse(at);
	if (Number.isNaN(bin)) throw garbled();
	return { bin, rows: Number(rows), cluster };
}

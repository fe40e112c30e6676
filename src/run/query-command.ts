/** `kube-audit query`: SQL over the embedded store. */

import Table from "cli-table3";
import { Command } from "commander";
import { VIEWS } from "../backend/views.ts";
import { CollectorError } from "../contract/errors.ts";
import { outColours as colours } from "./colours.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

export const DEFAULT_STORE = "data/kube-audit.duckdb";

/** What a table on a screen holds; `--json` has no such bounds. */
const TABLE_ROWS_MAX = 1_000;
const CELL_CHARS_MAX = 80;

interface Flags {
	readonly store: string;
	readonly json?: boolean;
	readonly views?: boolean;
}

const HELP = `
The table "events" has a row for each event; views over it (see --views) answer common questions.
Times are UTC. The whole event is in the column "event", as JSON.

Examples:
  kube-audit query 'SELECT * FROM failures LIMIT 10'
  kube-audit query 'SELECT actor, count(*) AS n FROM secret_access GROUP BY actor ORDER BY n DESC'
  kube-audit query --json "SELECT event FROM events WHERE resource = 'pods/exec'"
  kube-audit query 'DESCRIBE events'`;

export function queryCommand(terminal: Terminal): Command {
	return new Command("query")
		.description("ask the embedded store with SQL (DuckDB); the store is not changed")
		.argument("[sql]", "a SELECT statement")
		.option("--store <path>", "the store that replay --to duckdb:PATH filled", DEFAULT_STORE)
		.option("--json", "one JSON object a row, all rows and whole values")
		.option("--views", "list the views")
		.addHelpText("after", HELP)
		.action(async (sql: string | undefined, flags: Flags) => {
			if (flags.views === true) return listViews(terminal);
			if (sql === undefined) throw new CollectorError("CONFIG_INVALID", "query: give a SELECT statement, or --views");
			const { runQuery } = await import("../backend/query.ts");
			const result = await runQuery(flags.store, sql, { signal: terminal.signal });
			const columns = result.columns.map(({ name }) => name);
			if (flags.json === true) return printRows(columns, result.rows, terminal);
			return printTable(columns, result.rows, terminal);
		});
}

function listViews(terminal: Terminal): void {
	for (const { name, description } of VIEWS) terminal.out(`${name.padEnd(18)} ${description}\n`);
}

type Rows = AsyncIterable<readonly (readonly unknown[])[]>;

async function printRows(columns: readonly string[], rows: Rows, terminal: Terminal): Promise<void> {
	for await (const chunk of rows) {
		for (const row of chunk) terminal.out(`${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i]])))}\n`);
	}
}

async function printTable(columns: readonly string[], rows: Rows, terminal: Terminal): Promise<void> {
	const table = new Table({ head: columns.map((column) => colours.bold(column)), style: { head: [], border: [], compact: true } });
	let shown = 0;
	let more = false;
	for await (const chunk of rows) {
		for (const row of chunk.slice(0, TABLE_ROWS_MAX - shown)) table.push(row.map(cellOf));
		more = shown + chunk.length > TABLE_ROWS_MAX;
		shown = Math.min(TABLE_ROWS_MAX, shown + chunk.length);
		if (more) break;
	}
	terminal.out(`${table.toString()}\n`);
	terminal.err(more ? `the first ${TABLE_ROWS_MAX} rows; --json gives all\n` : `${shown} row${shown === 1 ? "" : "s"}\n`);
}

function cellOf(value: unknown): string {
	const text = value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
	return printable(text, CELL_CHARS_MAX);
}

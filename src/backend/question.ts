/** Tells questions from everything else that SQL can do, before DuckDB so much as looks up a name in it. */

import type { DuckDBConnection } from "@duckdb/node-api";
import { CollectorError } from "../contract/errors.ts";
import { isObject } from "../json/value.ts";
import { oneLine } from "./text.ts";

/** Said to whoever tries anything but a question. */
export const READ_ONLY = "the store is read-only here: ask with SELECT, FROM, SHOW, DESCRIBE, SUMMARIZE or EXPLAIN";
const EXPLAIN = /^\s*EXPLAIN(?:\s+ANALYZE|\s*\((?:FORMAT|ANALYZE)[^()]*\))?\s+/i;
/** Pragmas that only tell; any other may set something. */
const PRAGMA = /^\s*PRAGMA\s+(?:table_info|storage_info|database_size|version)\b/i;

/**
 * Table functions that make rows or tell of the store. No others: DuckDB lets a query read the file of the very store
 * even with external access disabled, and closing that again would drop the owner's lock on it.
 */
const FUNCTIONS = /^(?:range|generate_series|unnest|json_each|json_tree|repeat|repeat_row|summary|duckdb_\w+|pragma_\w+)$/;
/** A name like this is a file to DuckDB, if it is no table. */
const FILE_NAME = /[./\\]/;

/** Throws CONFIG_INVALID unless `sql` is one statement that only reads the store. */
export async function assertQuestion(connection: DuckDBConnection, sql: string): Promise<void> {
	if (PRAGMA.test(sql)) return;
	const tree = await parse(connection, sql.replace(EXPLAIN, ""));
	if (tree["error"] === true && tree["error_type"] === "parser")
		throw refusal(`the query failed: ${oneLine(String(tree["error_message"]))}`);
	const { statements } = tree;
	if (!Array.isArray(statements)) throw refusal(READ_ONLY);
	if (statements.length === 0) throw refusal("the query is empty");
	if (statements.length > 1) throw refusal("one statement at a time");
	assertReadsStoreOnly(statements);
}

/** DuckDB's own parser; it gives a tree for what selects, and an error for all else. */
async function parse(connection: DuckDBConnection, sql: string): Promise<Readonly<Record<string, unknown>>> {
	const answer = await connection.runAndReadAll("SELECT json_serialize_sql($sql::VARCHAR)", { sql });
	const tree: unknown = JSON.parse(String(answer.getRows()[0]?.[0]));
	return isObject(tree) ? tree : {};
}

/** Goes through the tree without recursion: how deep it is, the question decides. */
function assertReadsStoreOnly(tree: unknown): void {
	const left: unknown[] = [tree];
	for (let node = left.pop(); node !== undefined; node = left.pop()) {
		if (Array.isArray(node)) left.push(...node.filter(isBranch));
		else if (isObject(node)) {
			assertNode(node);
			left.push(...Object.values(node).filter(isBranch));
		}
	}
}

function isBranch(value: unknown): boolean {
	return typeof value === "object" && value !== null;
}

function assertNode(node: Readonly<Record<string, unknown>>): void {
	const called = isObject(node["function"]) ? String(node["function"]["function_name"]) : "";
	if (node["type"] === "TABLE_FUNCTION" && !FUNCTIONS.test(called)) throw refusal(`a query may read the store only: not with ${called}()`);
	const table = String(node["table_name"]);
	if (node["type"] === "BASE_TABLE" && FILE_NAME.test(table)) throw refusal("a query may read the store only: not another file");
}

/** A question that is not answered, and why. */
export function refusal(message: string): CollectorError {
	return new CollectorError("CONFIG_INVALID", message);
}

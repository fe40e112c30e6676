/** Creates the tables and views of a store, and refuses a store of another version. */

import type { DuckDBConnection } from "@duckdb/node-api";
import { CollectorError } from "../contract/errors.ts";
import { COLUMNS } from "./columns.ts";
import { VIEWS } from "./views.ts";

/** Rises with every change of `events` that old stores lack. */
export const SCHEMA_VERSION = 1;

const TABLES = [
	"CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)",
	`INSERT INTO meta VALUES ('application', 'kube-audit-collector'), ('schema_version', '${SCHEMA_VERSION}')`,
	`CREATE TABLE events (${COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(", ")})`,
];

/** Leaves the store with the tables and views of this version. Throws CONFIG_INVALID if it is not a store, or one of another version. */
export async function ensureSchema(connection: DuckDBConnection, path: string): Promise<void> {
	const isNew = (await rowsOf(connection, "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()")).length === 0;
	if (!isNew) await checkSchema(connection, path);
	await connection.run("BEGIN");
	for (const sql of isNew ? TABLES : []) await connection.run(sql);
	for (const { name, sql } of VIEWS) await connection.run(`CREATE OR REPLACE VIEW ${name} AS ${sql}`);
	await connection.run("COMMIT");
}

/** Throws CONFIG_INVALID if this is not a store, or one of another version. */
export async function checkSchema(connection: DuckDBConnection, path: string): Promise<void> {
	const version = Number(await readVersion(connection));
	if (version === SCHEMA_VERSION) return;
	const what = Number.isNaN(version)
		? "it is a DuckDB file, but no store of kube-audit: name another path"
		: version > SCHEMA_VERSION
			? "it was made by a newer version of kube-audit: update, or name another path"
			: `it was made by an older version of kube-audit (schema ${version}, now ${SCHEMA_VERSION}): replay into a new store`;
	throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: ${what}`);
}

async function readVersion(connection: DuckDBConnection): Promise<unknown> {
	const tables = await rowsOf(connection, "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'meta'");
	if (tables.length === 0) return undefined;
	const rows = await rowsOf(connection, "SELECT value FROM meta WHERE key = 'schema_version'").catch(() => []);
	return rows[0]?.[0];
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<readonly (readonly unknown[])[]> {
	return (await connection.runAndReadAll(sql)).getRows();
}

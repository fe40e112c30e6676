/** Answers one SQL question over a store, without a chance to change it or to read anything else. */

import type { DuckDBConnection, DuckDBResult, DuckDBType } from "@duckdb/node-api";
import { CollectorError } from "../contract/errors.ts";
import type { Lease } from "./lease.ts";
import { assertQuestion, READ_ONLY, refusal } from "./question.ts";
import { openStore, type StoreOptions } from "./store.ts";
import { oneLine, textOfError } from "./text.ts";
import { jsonConverter } from "./values.ts";

export interface QueryOptions extends Omit<StoreOptions, "readOnly"> {
	/** Rows that are given at most. */
	readonly limit?: number;
	/** Stops the query, also while it is read. */
	readonly signal?: AbortSignal;
}

interface QueryColumn {
	readonly name: string;
	/** DuckDB's name of the type: VARCHAR, TIMESTAMP, VARCHAR[], ... */
	readonly type: string;
}

/** Values that JSON.stringify takes; see values.ts. */
type QueryRow = readonly unknown[];

/** An answer that is read as it is made. Reading it to its end, leaving the loop or disposing lets go of the store. */
export interface QueryResult extends AsyncDisposable {
	readonly columns: readonly QueryColumn[];
	/** Pages of rows; can be read once. Fails with a CollectorError if the query does. */
	readonly rows: AsyncIterable<readonly QueryRow[]>;
	/** Whether there were more rows than `limit`; known once the rows are read. */
	wasCut(): boolean;
}

const BEGIN = "BEGIN TRANSACTION READ ONLY";

/** Throws CONFIG_INVALID with what is wrong with the question, in one line; as `openStore` does, if there is no store. */
export async function runQuery(path: string, sql: string, options: QueryOptions = {}): Promise<QueryResult> {
	const { limit = Number.POSITIVE_INFINITY, signal, ...storeOptions } = options;
	const store = await openStore(path, { ...storeOptions, readOnly: true });
	const cleanup = new AsyncDisposableStack();
	cleanup.use(store);
	try {
		const lease = cleanup.use(await store.lease());
		const stop = (): void => lease.interrupt();
		signal?.addEventListener("abort", stop);
		cleanup.defer(() => signal?.removeEventListener("abort", stop));
		const result = await lease.use((connection) => start(connection, sql));
		if (signal?.aborted) throw new Error("stopped");
		return await resultOf({ sql, limit, lease, result, signal }, cleanup);
	} catch (error) {
		await cleanup.disposeAsync();
		throw failureOf(error, signal);
	}
}

/** Begins the one statement, in a transaction that cannot write: EXPLAIN ANALYZE runs what it explains. */
async function start(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
	const { StatementType } = await import("@duckdb/node-api");
	await assertQuestion(connection, sql);
	const statements = await connection.extractStatements(sql);
	if (statements.count !== 1) throw refusal("one statement at a time");
	const statement = await statements.prepare(0);
	if (statement.statementType !== StatementType.SELECT && statement.statementType !== StatementType.EXPLAIN) throw refusal(READ_ONLY);
	await connection.run(BEGIN);
	return statement.stream();
}

interface Reading {
	readonly sql: string;
	readonly limit: number;
	readonly lease: Lease;
	readonly result: DuckDBResult;
	readonly signal: AbortSignal | undefined;
}

async function resultOf(reading: Reading, cleanup: AsyncDisposableStack): Promise<QueryResult> {
	const convert = jsonConverter(await import("@duckdb/node-api"));
	const { result, limit, lease, signal } = reading;
	// The types of a chunk do not tell JSON from VARCHAR; those of the result do.
	const types = result.columnTypes();
	let wasCut = false;

	async function* readRows(): AsyncGenerator<readonly QueryRow[]> {
		try {
			for (let left = limit; ; ) {
				const chunk = await lease.use(() => result.fetchChunk());
				if (chunk === null || chunk.rowCount === 0) break;
				const rows = chunk.getRows().map((row) => row.map((value, i) => convert(value, types[i] as DuckDBType, convert)));
				wasCut = rows.length > left;
				if (left > 0) yield wasCut ? rows.slice(0, left) : rows;
				if (wasCut) return;
				left -= rows.length;
			}
			await assertWhole(reading);
		} catch (error) {
			throw failureOf(error, signal);
		} finally {
			await cleanup.disposeAsync();
		}
	}

	return {
		columns: result.columnNames().map((name, i) => ({ name, type: typeNameOf(types[i] as DuckDBType) })),
		rows: readRows(),
		wasCut: () => wasCut,
		[Symbol.asyncDispose]: () => cleanup.disposeAsync(),
	};
}

function typeNameOf(type: DuckDBType): string {
	return type.alias ?? String(type);
}

/**
 * A stream that fails midway ends like one that is read to its end, without a word (node-api 1.5). But its transaction
 * is aborted then, which the next statement tells; asking the same again, not as a stream, tells why.
 */
async function assertWhole({ lease, sql, signal }: Reading): Promise<void> {
	try {
		await lease.use((connection) => connection.run("SELECT 1"));
	} catch {
		if (!signal?.aborted) await lease.use((connection) => askAgain(connection, sql));
		throw new Error("it failed midway, and what was given is not all");
	}
}

async function askAgain(connection: DuckDBConnection, sql: string): Promise<void> {
	for (const statement of ["ROLLBACK", BEGIN, sql]) await connection.run(statement);
}

function failureOf(error: unknown, signal: AbortSignal | undefined): CollectorError {
	if (signal?.aborted) return new CollectorError("SINK_UNAVAILABLE", "the query was stopped", { cause: error });
	if (error instanceof CollectorError) return error;
	const said = oneLine(textOfError(error)).replace("Failed to extract statements: ", "");
	return new CollectorError("CONFIG_INVALID", `the query failed: ${said}`, { cause: error });
}

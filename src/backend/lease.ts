/** A connection of one user's own to an open store, closed by whoever comes first: the user or the store. */

import type { DuckDBConnection } from "@duckdb/node-api";
import { CollectorError } from "../contract/errors.ts";

export interface Lease extends AsyncDisposable {
	/** All work passes through here, one piece after the other, so that closing can interrupt it and wait for its end. */
	use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
	/** Ends the work under way with an error. */
	interrupt(): void;
}

export function leaseOf(connection: DuckDBConnection, onClose: () => void): Lease {
	let last: Promise<unknown> = Promise.resolve();
	let closing: Promise<void> | undefined;

	async function close(): Promise<void> {
		connection.interrupt();
		await last;
		// A result that was not read to its end would hold its transaction, and the file with it, until it is collected.
		await connection.run("ROLLBACK").catch(() => {});
		connection.closeSync();
		onClose();
	}

	return {
		async use(work) {
			if (closing !== undefined) throw new CollectorError("SINK_UNAVAILABLE", "the store was closed meanwhile");
			const done = last.then(() => work(connection));
			last = done.catch(() => {});
			return done;
		},
		interrupt: () => connection.interrupt(),
		async [Symbol.asyncDispose]() {
			closing ??= close();
			await closing;
		},
	};
}

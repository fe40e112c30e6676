/** A checkpoint store in a file of this machine: one SQLite row for every key, each save a transaction that is on the disk when it returns. */

import { randomUUID } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import { isCursor, parsedOf } from "./cursor.ts";
import { openDatabase } from "./database.ts";
import { conflictError, damagedError } from "./failure.ts";
import { rowNameOf } from "./key.ts";
import { fileError } from "./sqlite-error.ts";

export interface FileCheckpointOptions {
	/** For `--start-from`: what is damaged is no error, but as if it were not there. A damaged file is kept beside, as `<path>.damaged-<n>`. */
	readonly startAnew?: boolean;
	/** How long a save waits for one of another process, standing still; then it throws CHECKPOINT_UNAVAILABLE. */
	readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 250;

const INSERT = "INSERT INTO checkpoint (version, cursor, checksum, saved_at, name) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
const UPDATE = "UPDATE checkpoint SET version = ?, cursor = ?, checksum = ?, saved_at = ? WHERE name = ? AND version = ?";

/**
 * Opens the file, or makes it (mode 0600) if its folder exists. Several processes may open it; of those that save the same
 * key, one gets CHECKPOINT_CONFLICT. It must lie on a local disk: SQLite's write-ahead log needs shared memory.
 * Throws CONFIG_INVALID for a file that is damaged, cut, foreign or of a newer release, naming it and the way out.
 */
export function openFileCheckpoints(path: string, options: FileCheckpointOptions = {}): CheckpointStore & AsyncDisposable {
	const { startAnew = false, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
	const { database, isSame } = openDatabase(path, { startAnew, busyTimeoutMs });
	/** Versions of rows that are to be written over, since they cannot be read. */
	const damaged = new Map<string, Version>();

	return {
		async load(key) {
			const row = read(path, database, key);
			if (row === undefined) return undefined;
			const cursor = crc32(row.cursor) === row.checksum ? parsedOf(row.cursor) : undefined;
			if (isCursor(cursor)) return { cursor, version: row.version };
			if (!startAnew) throw damagedError(key, path, "what is stored is not what was saved");
			damaged.set(rowNameOf(key), row.version);
			return undefined;
		},
		async save(key, next, expected) {
			if (!isSame()) {
				throw new CollectorError("CHECKPOINT_CONFLICT", `${path} was moved away or replaced while in use: let one collector own it`);
			}
			const name = rowNameOf(key);
			const version = randomUUID();
			if (!write(path, database, name, version, JSON.stringify(next), expected ?? damaged.get(name))) throw conflictError(key);
			damaged.delete(name);
			return version;
		},
		async [Symbol.asyncDispose]() {
			if (database.isOpen) database.close();
		},
	};
}

interface Row {
	readonly version: string;
	readonly cursor: string;
	readonly checksum: number;
}

function read(path: string, database: DatabaseSync, key: CheckpointKey): Row | undefined {
	try {
		return database.prepare("SELECT version, cursor, checksum FROM checkpoint WHERE name = ?").get(rowNameOf(key)) as Row | undefined;
	} catch (error) {
		throw fileError(path, error).error;
	}
}

/** Compares and sets in one statement, which is one transaction. False: the version is another. */
function write(
	path: string,
	database: DatabaseSync,
	name: string,
	version: Version,
	cursor: string,
	expected: Version | undefined,
): boolean {
	const values: SQLInputValue[] = [version, cursor, crc32(cursor), new Date().toISOString(), name];
	try {
		const { changes } =
			expected === undefined ? database.prepare(INSERT).run(...values) : database.prepare(UPDATE).run(...values, expected);
		return changes === 1;
	} catch (error) {
		throw fileError(path, error).error;
	}
}

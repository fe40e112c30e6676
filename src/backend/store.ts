/** Opens the DuckDB file that holds the events: one owner writes, and whoever is in the same process may read beside it. */

import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CollectorError } from "../contract/errors.ts";
import { isLockError, openingError } from "./failure.ts";
import { type Lease, leaseOf } from "./lease.ts";
import { makeFolder, removeFolder, removeStub, shieldStore, temporaryFolder, unseen } from "./private-files.ts";
import { checkSchema, ensureSchema } from "./schema.ts";
import { quoted } from "./text.ts";

export interface StoreOptions {
	/** Several may read at once, but no other process while one writes. */
	readonly readOnly?: boolean;
	/** What DuckDB may hold in memory; beyond it sorts and joins go to disk. */
	readonly memoryBytesMax?: number;
	/** Threads of DuckDB: by default one for an owner, all for a reader. */
	readonly threads?: number;
}

/** An open store. An owner's disposing ends all leases, writes what is outstanding into the file and lets go of it. */
export interface Store extends AsyncDisposable {
	/** As the user wrote it. */
	readonly path: string;
	/** The file itself, through links. */
	readonly realPath: string;
	/** An owner's folder for loads and for what does not fit in memory; readers have a temporary one, or none. */
	readonly folder: string | undefined;
	readonly memoryBytesMax: number;
	lease(): Promise<Lease>;
}

/** Rows that are compressed together. A load of so many bypasses the log and is written at once; smaller ones wait there. */
export const ROW_GROUP_ROWS = 4_096;
const DEFAULT_MEMORY_BYTES = 256 * 1024 * 1024;

const PATTERN = /[*?[]/;

interface Opened {
	readonly store: Promise<Store>;
	holders: number;
}

/**
 * What is open in this process, by real path. A file must not be opened twice in one process: closing either
 * handle would drop the lock of both, and another process could write beside us.
 */
const OPENED = new Map<string, Opened>();

/**
 * Opens a store. Without `readOnly` it creates what is missing and owns the file; a reader in the process of the
 * owner shares what is open. Throws CONFIG_INVALID or SINK_UNAVAILABLE, in one line that says what to do.
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<Store> {
	const readOnly = options.readOnly === true;
	const realPath = realPathOf(path, readOnly);
	const before = OPENED.get(realPath);
	if (before !== undefined && !readOnly)
		throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: this process has it open already`);
	const opened = before ?? { store: openFile(path, realPath, options), holders: 0 };
	opened.holders++;
	OPENED.set(realPath, opened);
	try {
		return held(await opened.store, opened, readOnly);
	} catch (error) {
		OPENED.delete(realPath);
		throw error;
	}
}

/** An owner closes for all; of readers the last. */
function held(store: Store, opened: Opened, readOnly: boolean): Store {
	let isOpen = true;
	return {
		...store,
		async [Symbol.asyncDispose]() {
			if (!isOpen) return;
			isOpen = false;
			opened.holders--;
			if (!readOnly || opened.holders === 0) await store[Symbol.asyncDispose]();
		},
	};
}

/** Through links, so that one file has one name. An owner's folder is created. */
function realPathOf(path: string, readOnly: boolean): string {
	try {
		if (readOnly && !existsSync(path)) {
			throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: there is no store yet: collect or replay into it first`);
		}
		if (!readOnly) mkdirSync(dirname(resolve(path)), { recursive: true });
		const realPath = readOnly || existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(resolve(path))), basename(path));
		if (!PATTERN.test(realPath)) return realPath;
		throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: DuckDB takes * ? and [ in a path for a pattern; name another path`);
	} catch (error) {
		throw openingError(path, error);
	}
}

async function openFile(path: string, realPath: string, options: StoreOptions): Promise<Store> {
	const readOnly = options.readOnly === true;
	const folder = readOnly ? temporaryFolder() : `${realPath}.staging`;
	const memoryBytesMax = options.memoryBytesMax ?? DEFAULT_MEMORY_BYTES;
	const threads = options.threads ?? (readOnly ? undefined : 1);
	const isNew = !existsSync(realPath);
	const { DuckDBInstance } = await import("@duckdb/node-api");
	const instance = await DuckDBInstance.fromCache(":memory:", {
		memory_limit: `${Math.ceil(memoryBytesMax / 1024)}KiB`,
		temp_directory: folder ?? "",
		preserve_insertion_order: "false",
		// Nothing is ever fetched: an SQLite file would otherwise make DuckDB go online for an extension.
		autoinstall_known_extensions: "false",
		autoload_known_extensions: "false",
		...(threads === undefined ? {} : { threads: String(threads) }),
	});
	const connection = await instance.connect();
	try {
		await (readOnly ? attachAsReader(connection, path, realPath) : attachAsOwner(connection, path, realPath, folder as string));
		return storeOf({ path, realPath, folder, memoryBytesMax, instance, connection });
	} catch (error) {
		await letGo(connection, instance);
		if (readOnly && folder !== undefined) removeFolder(folder);
		if (isNew && !isLockError(error)) removeStub(realPath);
		throw openingError(path, error);
	}
}

async function attachAsReader(connection: DuckDBConnection, path: string, realPath: string): Promise<void> {
	await connection.run(`ATTACH ${quoted(realPath)} AS store (READ_ONLY)`);
	await connection.run("USE store");
	await checkSchema(connection, path);
	await connection.run("SET enable_external_access = false");
}

/** From the last line on DuckDB can read and write nothing but the store and its folder; that cannot be undone. */
async function attachAsOwner(connection: DuckDBConnection, path: string, realPath: string, folder: string): Promise<void> {
	const options = `ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, STORAGE_VERSION 'latest'`;
	await unseen(() => connection.run(`ATTACH ${quoted(realPath)} AS store (${options})`));
	await connection.run("USE store");
	// The lock is ours now: whatever is in the folder was left by an owner that died, and never acknowledged.
	makeFolder(folder);
	shieldStore(realPath);
	await ensureSchema(connection, path);
	await connection.run(`SET allowed_directories = [${quoted(`${folder}/`)}]`);
	await connection.run("SET enable_external_access = false");
}

interface Parts extends Pick<Store, "path" | "realPath" | "folder" | "memoryBytesMax"> {
	readonly instance: DuckDBInstance;
	readonly connection: DuckDBConnection;
}

function storeOf({ instance, connection, ...facts }: Parts): Store {
	const leases = new Set<Lease>();
	let closing: Promise<void> | undefined;

	async function close(): Promise<void> {
		for (const lease of leases) await lease[Symbol.asyncDispose]();
		await letGo(connection, instance);
		if (facts.folder !== undefined) removeFolder(facts.folder);
		OPENED.delete(facts.realPath);
	}

	return {
		...facts,
		async lease() {
			if (closing !== undefined) throw new CollectorError("SINK_UNAVAILABLE", `cannot use ${facts.path}: it is being closed`);
			const lease = leaseOf(await instance.connect(), () => leases.delete(lease));
			leases.add(lease);
			await lease.use((own) => own.run("USE store"));
			return lease;
		},
		async [Symbol.asyncDispose]() {
			closing ??= close();
			await closing;
		},
	};
}

/** Detaching writes the log into the file, and frees the file even if a result still refers to it. */
async function letGo(connection: DuckDBConnection, instance: DuckDBInstance): Promise<void> {
	try {
		await connection.run("USE memory");
		await connection.run("DETACH store");
	} catch {
		// Not attached, or broken by a full disk: what was committed is in the log, and the next owner reads it there.
	}
	connection.closeSync();
	instance.closeSync();
}

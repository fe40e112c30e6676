/** Keeps what the store writes readable by its owner only, from the first moment on: DuckDB itself leaves that to the umask. */

import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const OTHERS_MASK = 0o077;

/** Runs `work` so that the files it creates are its owner's only. */
export async function unseen<T>(work: () => Promise<T>): Promise<T> {
	const before = maskOthers();
	try {
		return await work();
	} finally {
		if (before !== undefined) process.umask(before);
	}
}

/** Worker threads may not: there a file is shut just after it was made. */
function maskOthers(): number | undefined {
	try {
		return process.umask(OTHERS_MASK);
	} catch {
		return undefined;
	}
}

/** Shuts a store that others may have been able to read, and its log, which DuckDB creates anew after every checkpoint. */
export function shieldStore(path: string): void {
	chmodSync(path, OWNER_ONLY_FILE);
	shieldLog(path);
}

/** Exclusive creation only: opening the log and closing it again would drop DuckDB's lock on it. */
export function shieldLog(path: string): void {
	try {
		closeSync(openSync(`${path}.wal`, "wx", OWNER_ONLY_FILE));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
}

/** Names that loads and DuckDB's spilling give; what else is in a folder is somebody else's. */
const OURS = /^(?:load-[0-9a-f-]{36}|duckdb_temp_.*)$/;

/** The owner's folder, without what an owner that died left there. Throws what the disk throws. */
export function makeFolder(path: string): void {
	mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
	chmodSync(path, OWNER_ONLY_FOLDER);
	for (const name of readdirSync(path)) if (OURS.test(name)) rmSync(join(path, name), { force: true });
}

/** A folder for a reader's sorts and joins; undefined where nothing can be written. */
export function temporaryFolder(): string | undefined {
	try {
		return mkdtempSync(join(tmpdir(), "kube-audit-"));
	} catch {
		return undefined;
	}
}

/** Leaves a folder that is not empty where it is: it is removed by the next owner, or not ours. */
export function removeFolder(path: string): void {
	try {
		makeFolder(path);
		rmdirSync(path);
	} catch {
		// Nothing depends on it.
	}
}

/** DuckDB's headers; a file without them holds nothing yet. */
const HEADERS_BYTES = 3 * 4096;

/** Removes what a disk that was full left of a store that was to be made: it would be taken for a file of somebody's. */
export function removeStub(path: string): void {
	const { size = HEADERS_BYTES } = statSync(path, { throwIfNoEntry: false }) ?? {};
	if (size < HEADERS_BYTES) rmSync(path, { force: true });
}

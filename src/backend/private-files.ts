/** Keeps what the store writes readable by its owner only, from the first moment on: DuckDB itself leaves that to the umask. */

import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
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

/** An empty folder; what a process that died left there is removed. */
export function emptyFolder(path: string): void {
	rmSync(path, { recursive: true, force: true });
	mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
}

/** A folder for a reader's sorts and joins; undefined where nothing can be written. */
export function temporaryFolder(): string | undefined {
	try {
		return mkdtempSync(join(tmpdir(), "kube-audit-"));
	} catch {
		return undefined;
	}
}

export function removeFolder(path: string | undefined): void {
	if (path !== undefined) rmSync(path, { recursive: true, force: true });
}

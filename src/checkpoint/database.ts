/** The SQLite file that checkpoints are kept in: made whole or not at all, and refused if it is not what it was. */

import { randomUUID } from "node:crypto";
import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	linkSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { CollectorError } from "../contract/errors.ts";
import { newerError } from "./failure.ts";
import { damagedFileError, fileError } from "./sqlite-error.ts";

const OWNER_ONLY = 0o600;
const OTHERS_MASK = 0o077;
/** "kaud": tells our files from other programs' databases. */
const APPLICATION_ID = 0x6b617564;
const SCHEMA_VERSION = 1;
const SCHEMA = `
	PRAGMA journal_mode = WAL;
	PRAGMA application_id = ${APPLICATION_ID};
	PRAGMA user_version = ${SCHEMA_VERSION};
	CREATE TABLE checkpoint (
		name TEXT PRIMARY KEY,
		version TEXT NOT NULL,
		cursor TEXT NOT NULL,
		checksum INTEGER NOT NULL,
		saved_at TEXT NOT NULL
	) STRICT;
`;

export interface DatabaseOptions {
	/** How long to wait for another process that writes just now. The event loop waits too. */
	readonly busyTimeoutMs: number;
	/** A file that is damaged, foreign or newer is moved aside, under a name that says so, and a new one made. */
	readonly startAnew: boolean;
}

/** An open file. `isSame` tells whether the path still leads to it: what is saved into a file that was moved away is lost. */
export interface OpenDatabase {
	readonly database: DatabaseSync;
	isSame(): boolean;
}

/** Makes the file if there is none and its folder exists. Throws CONFIG_INVALID, or CHECKPOINT_UNAVAILABLE if waiting can help. */
export function openDatabase(path: string, options: DatabaseOptions): OpenDatabase {
	try {
		return openOrMake(path, options);
	} catch (error) {
		if (!options.startAnew || !isUnfit(error)) throw error;
		moveAside(path);
		return openOrMake(path, options);
	}
}

const unfit = new WeakSet<CollectorError>();

function isUnfit(error: unknown): boolean {
	return error instanceof CollectorError && unfit.has(error);
}

/** Marks an error that a new file would mend. */
function asUnfit(error: CollectorError): CollectorError {
	unfit.add(error);
	return error;
}

function openOrMake(path: string, { busyTimeoutMs }: DatabaseOptions): OpenDatabase {
	if (statOf(path) === undefined) make(path);
	const stat = statOf(path);
	if (stat === undefined) throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: it is gone again`);
	if (!stat.isFile()) throw new CollectorError("CONFIG_INVALID", `cannot open ${path}: it is no file, name another path`);
	// An empty file would be taken for a new database. Ours are never empty: somebody cut it.
	if (stat.size === 0) throw asUnfit(damagedFileError(path, "it is empty"));
	shut(path, stat);
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(existing(path), { timeout: busyTimeoutMs });
		database.exec("PRAGMA synchronous = FULL");
		check(path, database);
	} catch (error) {
		database?.close();
		if (error instanceof CollectorError) throw error;
		const { error: told, isDamage } = fileError(path, error);
		throw isDamage ? asUnfit(told) : told;
	}
	return { database, isSame: () => isSameFile(stat, statOf(path)) };
}

function check(path: string, database: DatabaseSync): void {
	const { application_id: application } = database.prepare("PRAGMA application_id").get() as { application_id: number };
	if (application !== APPLICATION_ID) throw asUnfit(damagedFileError(path, "it is a database of another program"));
	const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
	if (version > SCHEMA_VERSION) throw asUnfit(newerError(path));
	// The whole check: with an index that lost an entry a checkpoint would look as if it had never been.
	const { integrity_check: verdict } = database.prepare("PRAGMA integrity_check(1)").get() as { integrity_check: string };
	if (verdict !== "ok") throw asUnfit(damagedFileError(path, "its pages do not fit together"));
}

/** Under another name first: a process that dies here must not leave half a file that looks like a damaged one. */
function make(path: string): void {
	const folder = dirname(path);
	if (statOf(folder)?.isDirectory() !== true) {
		throw new CollectorError("CONFIG_INVALID", `cannot make ${path}: its folder does not exist, make it or name another path`);
	}
	const draft = join(folder, `.${basename(path)}.${randomUUID()}`);
	try {
		closeSync(openSync(draft, "wx", OWNER_ONLY));
		const database = new DatabaseSync(existing(draft));
		try {
			database.exec(SCHEMA);
		} finally {
			database.close();
		}
		publish(draft, path);
		syncFolder(folder);
	} catch (error) {
		throw fileError(path, error).error;
	} finally {
		for (const suffix of ["", "-wal", "-shm"]) rmSync(`${draft}${suffix}`, { force: true });
	}
}

/** Never over a file that another process made meanwhile: that one is as good. */
function publish(draft: string, path: string): void {
	try {
		linkSync(draft, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
		// Some volumes know no second name for a file.
		if (!existsSync(path)) renameSync(draft, path);
	}
}

/** Not every system can; without it a power cut may take the new file away, and the next run makes another. */
function syncFolder(folder: string): void {
	try {
		const handle = openSync(folder, "r");
		fsyncSync(handle);
		closeSync(handle);
	} catch {
		// The file is there, for this run.
	}
}

/** With its log and index: SQLite would apply a log that is left behind to the new file. */
function moveAside(path: string): void {
	const taken = new Set(readdirSync(dirname(path)));
	let number = 1;
	while (taken.has(`${basename(path)}.damaged-${number}`)) number++;
	for (const suffix of ["", "-wal", "-shm"]) {
		if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${path}.damaged-${number}${suffix}`);
	}
}

/** SQLite gives its log and index the permissions of the file. Where the file is somebody else's, so is the choice. */
function shut(path: string, stat: Stats): void {
	if ((stat.mode & OTHERS_MASK) === 0) return;
	try {
		chmodSync(path, OWNER_ONLY);
	} catch {
		// A volume of another owner: it can be written, which is all that is needed.
	}
}

/** A name by which SQLite opens the file, but never makes one. */
function existing(path: string): URL {
	const url = pathToFileURL(path);
	url.searchParams.set("mode", "rw");
	return url;
}

function statOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		throw fileError(path, error).error;
	}
}

function isSameFile(one: Stats, other: Stats | undefined): boolean {
	return other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

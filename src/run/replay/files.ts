/** Paths of the command line -> the files to read, in a fixed order. */

import { constants, type Stats } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CollectorError } from "../../contract/errors.ts";

/** Reads from standard input. */
export const STDIN = "-";

export interface InputFile {
	readonly path: string;
	/** As stored; undefined if it cannot be known, as of a pipe. */
	readonly sizeBytes?: number;
	/** Named by the user, and not found in a folder: then what is wrong with it is an error, not a remark. */
	readonly isNamed: boolean;
}

/** Folders are searched to the bottom; links to folders are not followed. Throws CONFIG_INVALID with what to do. */
export async function findFiles(paths: readonly string[]): Promise<readonly InputFile[]> {
	const found: InputFile[] = [];
	for (const path of paths) {
		if (path === STDIN) found.push({ path, isNamed: true });
		else found.push(...(await findAt(path)));
	}
	return found;
}

async function findAt(path: string): Promise<readonly InputFile[]> {
	const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
		throw unreadable(path, error);
	});
	if (!info.isDirectory()) {
		await access(path, constants.R_OK).catch((error: NodeJS.ErrnoException) => {
			throw unreadable(path, error);
		});
		return [{ path, isNamed: true, ...(info.isFile() ? { sizeBytes: info.size } : {}) }];
	}
	const files = await walk(path);
	if (files.length === 0) throw new CollectorError("CONFIG_INVALID", `${path} holds no files: name the folder or file with the logs`);
	return files;
}

async function walk(folder: string): Promise<readonly InputFile[]> {
	const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
		throw unreadable(folder, error);
	});
	const found: InputFile[] = [];
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) found.push(...(await walk(path)));
		else if (entry.isFile()) found.push({ path, isNamed: false, sizeBytes: (await stat(path)).size });
	}
	return found;
}

/** Throws CONFIG_INVALID if something that is to be written is among the files to read, by whatever name. */
export async function refuseToOverwrite(targets: readonly string[], files: readonly InputFile[]): Promise<void> {
	const isThere = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);
	for (const target of targets) {
		const written = await isThere(target);
		if (written?.isFile() !== true) continue;
		for (const { path } of files) {
			const read = await isThere(path);
			if (read?.ino !== written.ino || read.dev !== written.dev) continue;
			throw new CollectorError("CONFIG_INVALID", `${target} is among the files to read and would be lost: write somewhere else`);
		}
	}
}

/** The one line for a path that cannot be read. */
export function unreadable(path: string, error: NodeJS.ErrnoException): CollectorError {
	const reason =
		error.code === "ENOENT" ? "no such file or folder" : error.code === "EACCES" ? "permission denied" : (error.code ?? "cannot be read");
	return new CollectorError("CONFIG_INVALID", `${path}: ${reason}; check the path`, { cause: error });
}

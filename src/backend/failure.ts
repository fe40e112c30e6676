/** What DuckDB's and the disk's complaints mean to people: one line that says what to do next. */

import { CollectorError, type ErrorCode } from "../contract/errors.ts";
import { oneLine, textOfError } from "./text.ts";

/** Names of files, which may be like any word below. */
const QUOTED = /"[^"]*"|'[^']*'/g;
const LOCKED = /Could not set lock/;

/** A complaint, what it means, and whether waiting can help. `$1` is what the pattern caught. */
const MEANINGS: readonly (readonly [pattern: RegExp, code: ErrorCode, meaning: string])[] = [
	[/Conflicting lock is held.*\(PID (\d+)\)/, "SINK_UNAVAILABLE", "it is in use by process $1: stop that first, or name another path"],
	[LOCKED, "SINK_UNAVAILABLE", "it is in use by another process: stop that first, or name another path"],
	[/No space left on device|ENOSPC/, "SINK_UNAVAILABLE", "no space left on the disk: free some and run again"],
	[/Disk quota exceeded|EDQUOT/, "SINK_UNAVAILABLE", "the disk quota is used up: free some space and run again"],
	[/Out of Memory Error/, "SINK_UNAVAILABLE", "the memory allowed is used up: allow more"],
	[/version number/, "CONFIG_INVALID", "it was made by a newer version of DuckDB: update kube-audit, or name another path"],
	[/not a valid DuckDB database|[Ee]xtension/, "CONFIG_INVALID", "it is not a DuckDB file: name another path"],
	[/Corrupt|Serialization|Could not read enough bytes/, "CONFIG_INVALID", "it is damaged: move it away and replay into a new one"],
	[/Read-only file system|EROFS/, "CONFIG_INVALID", "the disk is read-only: name another path"],
	[/Permission denied|EACCES|EPERM/, "CONFIG_INVALID", "permission denied: change its permissions, or name another path"],
	[/Is a directory|EISDIR/, "CONFIG_INVALID", "it is a folder: name a file"],
	[/ENOTDIR|EEXIST|Not a directory/, "CONFIG_INVALID", "a file stands where a folder is needed: name another path"],
	[/does not exist|No such file|ENOENT/, "CONFIG_INVALID", "its folder cannot be made or is gone: name another path"],
];

/** The error of a store that cannot be opened. */
export function openingError(path: string, error: unknown): CollectorError {
	if (error instanceof CollectorError) return error;
	const { code, meaning } = meaningOf(error);
	return new CollectorError(code, `cannot open ${path}: ${meaning}`, { cause: error });
}

/** The error of a store that cannot take events now; always one that is worth a retry. */
export function writingError(path: string, error: unknown): CollectorError {
	const message = error instanceof CollectorError ? error.message : `cannot write ${path}: ${meaningOf(error).meaning}`;
	return new CollectorError("SINK_UNAVAILABLE", message, { cause: error });
}

function meaningOf(error: unknown): { readonly code: ErrorCode; readonly meaning: string } {
	const text = textOfError(error);
	const said = text.replaceAll(QUOTED, "");
	for (const [pattern, code, meaning] of MEANINGS) {
		const found = pattern.exec(said);
		if (found !== null) return { code, meaning: meaning.replace("$1", found[1] ?? "") };
	}
	return { code: "SINK_UNAVAILABLE", meaning: oneLine(text) };
}

/** A failure that says something of the events, not of the disk: some of them cannot be loaded, the others can. */
export function isContentError(error: unknown): boolean {
	return /^(?:Invalid Input|Conversion|Constraint|Out of Range) Error/.test(textOfError(error));
}

export function isLockError(error: unknown): boolean {
	return LOCKED.test(textOfError(error));
}

export function isMemoryError(error: unknown): boolean {
	return textOfError(error).startsWith("Out of Memory Error");
}

/** What SQLite's and the disk's complaints about the checkpoint file mean to people, and whether waiting can help. */

import { CollectorError, type ErrorCode } from "../contract/errors.ts";
import { BEGIN_ANEW } from "./failure.ts";

interface Meaning {
	readonly code: ErrorCode;
	readonly text: string;
}

/** SQLite's primary result codes, https://www.sqlite.org/rescode.html. */
const SQLITE: Readonly<Record<number, Meaning>> = {
	3: { code: "CONFIG_INVALID", text: "permission denied: change its permissions, or name another path" },
	5: { code: "CHECKPOINT_UNAVAILABLE", text: "another process holds it locked: it is tried again" },
	6: { code: "CHECKPOINT_UNAVAILABLE", text: "another process holds it locked: it is tried again" },
	8: { code: "CONFIG_INVALID", text: "it, or its folder, cannot be written: change the permissions, or name another path" },
	10: { code: "CHECKPOINT_UNAVAILABLE", text: "the disk reports an error: look after it" },
	13: { code: "CHECKPOINT_UNAVAILABLE", text: "no space is left on the disk: free some" },
	14: { code: "CONFIG_INVALID", text: "it, or its folder, cannot be written: change the permissions, or name another path" },
};
const DAMAGE: Readonly<Record<number, string>> = {
	1: "its table is missing or another",
	11: "it is cut or changed",
	26: "it is no database",
};

const DISK: Readonly<Record<string, Meaning>> = {
	ENOSPC: { code: "CHECKPOINT_UNAVAILABLE", text: "no space is left on the disk: free some" },
	EDQUOT: { code: "CHECKPOINT_UNAVAILABLE", text: "the disk quota is used up: free some space" },
	EACCES: { code: "CONFIG_INVALID", text: "permission denied: change its permissions, or name another path" },
	EPERM: { code: "CONFIG_INVALID", text: "permission denied: change its permissions, or name another path" },
	EROFS: { code: "CONFIG_INVALID", text: "the disk is read-only: name another path" },
	ENOTDIR: { code: "CONFIG_INVALID", text: "a file stands where its folder should be: name another path" },
	ENAMETOOLONG: { code: "CONFIG_INVALID", text: "its name is too long: name another path" },
	ERR_INVALID_ARG_VALUE: { code: "CONFIG_INVALID", text: "that is no name of a file: name another path" },
};

export function damagedFileError(path: string, what: string): CollectorError {
	return new CollectorError(
		"CONFIG_INVALID",
		`cannot use ${path} for checkpoints, ${what}: name another path, restore a copy, or ${BEGIN_ANEW}`,
	);
}

/** `isDamage`: the file itself is unfit, and a new one would do. */
export function fileError(path: string, error: unknown): { readonly error: CollectorError; readonly isDamage: boolean } {
	if (error instanceof CollectorError) return { error, isDamage: false };
	const { code = "", errcode } = error as { code?: string; errcode?: number };
	// The low byte is the primary code; the others refine it.
	const primary = errcode === undefined ? 0 : errcode & 0xff;
	const damage = DAMAGE[primary];
	if (damage !== undefined) return { error: damagedFileError(path, damage), isDamage: true };
	const meaning = SQLITE[primary] ?? DISK[code] ?? { code: "CHECKPOINT_UNAVAILABLE", text: (error as Error).message };
	return {
		error: new CollectorError(meaning.code, `cannot use ${path} for checkpoints: ${meaning.text}`, { cause: error }),
		isDamage: false,
	};
}

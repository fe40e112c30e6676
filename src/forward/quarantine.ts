/** Keeps what nobody could take, in a local file that only its owner can read. */

import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { CollectorError } from "../contract/errors.ts";
import type { Quarantine, QuarantineEntry } from "../contract/sink.ts";
import { reasonOf } from "./file.ts";

const OWNER_ONLY = 0o600;

/**
 * NDJSON, one entry a line: { code, reason, source, position, size, sha256?, encoding, body }. `body` is the original
 * text, or base64 of it where it is not UTF-8. The file is created with the first entry, and added to by later runs.
 */
export function openQuarantineFile(path: string): Quarantine {
	let file: FileHandle | undefined;
	let turn: Promise<void> = Promise.resolve();

	async function append(entry: QuarantineEntry): Promise<void> {
		try {
			file ??= await open(path, "a", OWNER_ONLY);
			await file.chmod(OWNER_ONLY);
			await file.appendFile(`${JSON.stringify(lineOf(entry))}\n`);
		} catch (error) {
			throw new CollectorError("SINK_UNAVAILABLE", `cannot write the quarantine ${path}: ${reasonOf(error)}`, { cause: error });
		}
	}

	return {
		add(entry) {
			turn = turn.then(() => append(entry));
			return turn;
		},
		async [Symbol.asyncDispose]() {
			await turn.catch(() => {});
			await file?.close();
		},
	};
}

function lineOf({ error, source, position, body, whole, salvaged }: QuarantineEntry): Readonly<Record<string, unknown>> {
	const text = isUtf8(body);
	return {
		code: error.code,
		reason: error.message,
		source,
		position,
		size: whole?.sizeBytes ?? body.length,
		...(whole === undefined ? {} : { sha256: whole.sha256 }),
		...(salvaged === undefined ? {} : { salvaged }),
		encoding: text ? "utf-8" : "base64",
		body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString(text ? "utf8" : "base64"),
	};
}

/** Keeps what nobody could take, in a local file that only its owner can read. */

import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { CollectorError } from "../contract/errors.ts";
import type { Quarantine, QuarantineEntry } from "../contract/sink.ts";
import { reasonOf } from "./file.ts";
import { NEWLINE } from "./ndjson.ts";

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
			file ??= await openForOwner(path);
			await file.appendFile(`${JSON.stringify(lineOf(entry))}\n`);
		} catch (error) {
			// Opened again, it is seen whether the line was cut.
			await file?.close();
			file = undefined;
			throw new CollectorError("SINK_UNAVAILABLE", `cannot write the quarantine ${path}: ${reasonOf(error)}`, { cause: error });
		}
	}

	return {
		add(entry) {
			const mine = turn.then(() => append(entry));
			turn = mine.catch(() => {});
			return mine;
		},
		async [Symbol.asyncDispose]() {
			await turn;
			await file?.close();
		},
	};
}

async function openForOwner(path: string): Promise<FileHandle> {
	const file = await open(path, "a+", OWNER_ONLY);
	try {
		const status = await file.stat();
		// A device such as /dev/null belongs to everybody.
		if (status.isFile()) await prepare(file, status.size);
		return file;
	} catch (error) {
		await file.close();
		throw error;
	}
}

/** The file may be there already, with another mode, and with a last line that a full disk or a crash has cut. */
async function prepare(file: FileHandle, sizeBytes: number): Promise<void> {
	await file.chmod(OWNER_ONLY);
	const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, sizeBytes - 1));
	if (sizeBytes > 0 && buffer[0] !== NEWLINE) await file.appendFile("\n");
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

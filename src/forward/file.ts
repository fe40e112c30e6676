/** The sink `file:PATH`: NDJSON, compressed by the path's ending; each delivery is written whole or not at all. */

import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { CollectorError } from "../contract/errors.ts";
import type { EncodedEvent, SendResult, Sink } from "../contract/sink.ts";
import { linesOf } from "./ndjson.ts";

type Encode = (lines: Buffer) => Promise<Uint8Array>;

/** Each delivery is a member (frame) of its own: a retry can take it back, and a crash leaves a readable file. */
const ENCODINGS: readonly (readonly [ending: string, encode: Encode])[] = [
	[".gz", promisify<Buffer, Buffer>(gzip)],
	// As the zstd command does: without a checksum damage would go unnoticed.
	[".zst", (lines) => promisify(zstdCompress)(lines, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
];

/** A larger delivery is the exception, and its memory is not kept. */
const MEMORY_BYTES_MAX = 4 * 1024 * 1024;

/** Writes the file anew. Throws CONFIG_INVALID if it cannot be created. */
export async function openFileSink(path: string): Promise<Sink> {
	const file = await create(path);
	const encode = ENCODINGS.find(([ending]) => path.endsWith(ending))?.[1];
	// A pipe or a device has no positions; a regular file is written at a known one, so that a torn write can be undone.
	const isRegular = (await file.stat()).isFile();
	let writtenBytes = 0;
	// One delivery is written at a time, so that the next may have its memory: new memory costs as much as filling it.
	let memory: Buffer = Buffer.alloc(0);
	let turn: Promise<unknown> = Promise.resolve();

	async function write(events: readonly EncodedEvent[]): Promise<SendResult> {
		const lines = linesOf(events, memory);
		if (lines.length > memory.length && lines.length <= MEMORY_BYTES_MAX) memory = lines;
		const bytes = encode === undefined ? lines : await encode(lines);
		try {
			await writeAll(file, bytes, isRegular ? writtenBytes : null);
			writtenBytes += bytes.length;
			return { status: "settled", rejected: [] };
		} catch (error) {
			if (isRegular) await file.truncate(writtenBytes).catch(() => {});
			return {
				status: "retry",
				error: new CollectorError("SINK_UNAVAILABLE", `cannot write ${path}: ${reasonOf(error)}`, { cause: error }),
			};
		}
	}

	return {
		name: `file:${path}`,
		async send({ events }) {
			if (events.length === 0) return { status: "settled", rejected: [] };
			const mine = turn.then(() => write(events));
			turn = mine;
			return mine;
		},
		async [Symbol.asyncDispose]() {
			await turn;
			await file.close();
		},
	};
}

async function create(path: string): Promise<FileHandle> {
	try {
		return await open(path, "w");
	} catch (error) {
		throw new CollectorError("CONFIG_INVALID", `cannot create ${path}: ${reasonOf(error)}`, { cause: error });
	}
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number | null): Promise<void> {
	for (let at = 0; at < bytes.length; ) {
		const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position === null ? null : position + at);
		at += bytesWritten;
	}
}

const REASONS: Readonly<Record<string, string>> = {
	ENOSPC: "no space left on the disk; free some and run again",
	ENOENT: "its folder does not exist; create it first",
	EACCES: "permission denied; choose another path or change its permissions",
	ENOTDIR: "a part of its path is a file, not a folder; choose another path",
	EISDIR: "it is a folder; name a file",
	EROFS: "the disk is read-only; choose another path",
	EDQUOT: "the disk quota is used up; free some space and run again",
};

/** What a file system error means to the user. */
export function reasonOf(error: unknown): string {
	const code = (error as NodeJS.ErrnoException).code ?? "";
	return REASONS[code] ?? `${code === "" ? "unknown error" : code}`;
}

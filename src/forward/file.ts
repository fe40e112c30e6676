/** The sink `file:PATH`: NDJSON, compressed by the path's ending; each delivery is written whole or not at all. */

import { constants as fileFlags } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join, parse } from "node:path";
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

/** "anew": what the file holds is replaced. "append": it stays, as that of a collector that was stopped and goes on. */
export type FileMode = "anew" | "append";

/** Throws CONFIG_INVALID if the file cannot be created. */
export async function openFileSink(name: string, mode: FileMode = "anew", nowMs = Date.now()): Promise<Sink> {
	const encode = ENCODINGS.find(([ending]) => name.endsWith(ending))?.[1];
	const path = mode === "append" && encode !== undefined ? await freeName(name, nowMs) : name;
	const file = await create(path, mode === "append" && encode === undefined ? READ_WRITE : "w");
	// A pipe or a device has no positions; a regular file is written at a known one, so that a torn write can be undone.
	const isRegular = (await file.stat()).isFile();
	let writtenBytes = isRegular ? await untorn(file) : 0;
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

/**
 * A compressed file cannot be told to be whole without reading all of it, and what follows a torn end would be lost to its
 * readers: each start has a file of its own, with the time in its name.
 */
async function freeName(name: string, nowMs: number): Promise<string> {
	const isTaken = await stat(name).then(
		({ size }) => size > 0,
		() => false,
	);
	if (!isTaken) return name;
	const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
	const { dir, base } = parse(name);
	return join(
		dir,
		base.replace(/\.|$/, (dot) => `-${time}${dot}`),
	);
}

const TAIL_BYTES = 64 * 1024;

/** Cuts a last line that a killed process left half written: it was not settled, so it comes again. Gives the file's size. */
async function untorn(file: FileHandle): Promise<number> {
	const { size } = await file.stat();
	for (let end = size; end > 0; ) {
		const start = Math.max(0, end - TAIL_BYTES);
		const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
		const newline = buffer.subarray(0, bytesRead).lastIndexOf(10);
		if (newline >= 0 || start === 0) {
			const whole = newline >= 0 ? start + newline + 1 : 0;
			if (whole < size) await file.truncate(whole);
			return whole;
		}
		end = start;
	}
	return 0;
}

/** Made if it is not there, and kept if it is. */
const READ_WRITE = fileFlags.O_RDWR | fileFlags.O_CREAT;

async function create(path: string, flags: string | number): Promise<FileHandle> {
	try {
		return await open(path, flags);
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

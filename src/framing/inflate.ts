/** Undoes compression, told by the bytes and not by the name, and refuses bombs. */

import { constants, createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Limits } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";

export type Compression = "gzip" | "zstd";

/** Firehose may wrap a second gzip around members that are gzip already. */
const LAYERS_MAX = 3;
const MAGIC_BYTES = 4;
/** Of a damaged gzip stream up to this size, compressed, every intact byte is found; of a larger one all but the last few KiB before the damage. */
const RESCUE_BYTES_MAX = 1024 * 1024;
const RESCUE_INFLATED_MAX = 64 * 1024 * 1024;
const OUTPUT_BYTES = 256 * 1024;
/** Compressed bytes given to the engine at a time: what they may inflate to at the most must fit in memory. */
const PIECE_BYTES: Record<Compression, number> = { gzip: 16 * 1024, zstd: 4 * 1024 };

/** How the bytes are compressed; undefined if they are not. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
	if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
	if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) return "zstd";
	return undefined;
}

/** What inflating found out about a stream, filled in while it is read. */
export interface Inflation {
	/** Outermost first. */
	readonly layers: Compression[];
	/** Why the stream ended early, if it did: everything before it has been yielded. */
	error?: CollectorError;
}

type InflateLimits = Pick<Limits, "inflationRatioMax" | "inflatedBytesMin">;

/** The stream's bytes without their compression. Concatenated members are one stream. Does not throw on bad bytes: see `inflation.error`. */
export async function* inflate(chunks: AsyncIterable<Uint8Array>, limits: InflateLimits, inflation: Inflation): AsyncGenerator<Uint8Array> {
	const { first, rest } = await peek(chunks);
	const kind = compressionOf(first);
	if (kind === undefined || inflation.layers.length === LAYERS_MAX) {
		yield* rest;
		return;
	}
	inflation.layers.push(kind);
	yield* inflate(inflateLayer(rest, kind, limits, inflation), limits, inflation);
}

async function* inflateLayer(
	chunks: AsyncIterable<Uint8Array>,
	kind: Compression,
	limits: InflateLimits,
	inflation: Inflation,
): AsyncGenerator<Uint8Array> {
	const engine = kind === "gzip" ? createGunzip({ chunkSize: OUTPUT_BYTES }) : createZstdDecompress({ chunkSize: OUTPUT_BYTES });
	const output: Uint8Array[] = [];
	const fed: Uint8Array[] = [];
	let failure: Error | undefined;
	let ended = false;
	let inflatedBytes = 0;
	let compressedBytes = 0;
	engine.on("data", (chunk: Uint8Array) => output.push(chunk));
	const stopped = new Promise<void>((resolve) => {
		engine.once("error", (error) => {
			failure ??= error;
			resolve();
		});
		engine.once("end", () => {
			ended = true;
			resolve();
		});
	});

	function* drain(): Generator<Uint8Array> {
		for (const chunk of output.splice(0)) {
			inflatedBytes += chunk.length;
			if (inflatedBytes > limits.inflatedBytesMin && inflatedBytes > compressedBytes * limits.inflationRatioMax) {
				failure = new CollectorError(
					"RECORD_TOO_LARGE",
					`${kind} data inflates more than ${limits.inflationRatioMax} times: looks like a bomb; raise limits.inflationRatioMax to read it`,
				);
				return;
			}
			yield chunk;
		}
	}

	try {
		for await (const chunk of chunks) {
			for (let at = 0; at < chunk.length && failure === undefined && !ended; at += PIECE_BYTES[kind]) {
				const piece = chunk.subarray(at, at + PIECE_BYTES[kind]);
				compressedBytes += piece.length;
				if (compressedBytes <= RESCUE_BYTES_MAX) fed.push(piece);
				await Promise.race([stopped, new Promise<void>((resolve) => engine.write(piece, () => resolve()))]);
				yield* drain();
			}
			if (failure !== undefined || ended) break;
		}
		if (failure === undefined) {
			engine.end();
			await stopped;
		}
		yield* drain();
		if (failure === undefined && engine.bytesWritten < compressedBytes) failure = new Error("bytes follow the end of the data");
		if (
			failure !== undefined &&
			!(failure instanceof CollectorError) &&
			kind === "gzip" &&
			compressedBytes <= RESCUE_BYTES_MAX &&
			inflatedBytes <= RESCUE_INFLATED_MAX
		)
			yield rescue(Buffer.concat(fed)).subarray(inflatedBytes);
	} finally {
		engine.destroy();
	}
	if (failure !== undefined) inflation.error ??= failure instanceof CollectorError ? failure : damaged(kind, failure);
}

function damaged(kind: Compression, cause: Error): CollectorError {
	return new CollectorError(
		"RECORD_MALFORMED",
		`${kind} data is cut or damaged: what came before is read, fetch the file again for the rest`,
		{ cause },
	);
}

/**
 * The engine forgets what it inflated last when it meets damage or bytes after the end; this finds all that is intact,
 * by the longest prefix that inflates.
 */
function rescue(compressed: Uint8Array): Uint8Array {
	let intact: Uint8Array = new Uint8Array(0);
	let from = 0;
	let to = compressed.length;
	while (from < to) {
		const middle = Math.ceil((from + to) / 2);
		try {
			intact = gunzipSync(compressed.subarray(0, middle), {
				finishFlush: constants.Z_SYNC_FLUSH,
				maxOutputLength: 2 * RESCUE_INFLATED_MAX,
			});
			from = middle;
		} catch {
			to = middle - 1;
		}
	}
	return intact;
}

/** The first chunk with enough bytes to tell a compression by, and all of the stream again. */
async function peek(chunks: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; rest: AsyncIterable<Uint8Array> }> {
	const iterator = chunks[Symbol.asyncIterator]();
	let first: Uint8Array = new Uint8Array(0);
	let done = false;
	while (first.length < MAGIC_BYTES && !done) {
		const next = await iterator.next();
		if (next.done === true) done = true;
		else first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
	}
	async function* rest(): AsyncGenerator<Uint8Array> {
		try {
			if (first.length > 0) yield first;
			if (!done) yield* { [Symbol.asyncIterator]: () => iterator };
		} finally {
			await iterator.return?.();
		}
	}
	return { first, rest: rest() };
}

/** Inflates a whole small delivery, such as one subscription payload. Throws RECORD_TOO_LARGE or RECORD_MALFORMED. */
export function inflateWhole(bytes: Uint8Array, maxBytes: number): Uint8Array {
	const kind = compressionOf(bytes);
	if (kind === undefined) return bytes;
	try {
		return kind === "gzip" ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
			throw new CollectorError(
				"RECORD_TOO_LARGE",
				`a ${kind} delivery inflates to more than ${maxBytes} bytes: raise limits.documentBytesMax to read it`,
			);
		}
		throw damaged(kind, error as Error);
	}
}

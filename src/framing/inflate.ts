/** Undoes compression, told by the bytes and not by the name, and refuses bombs. */

import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Limits } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import { type Compression, type Engine, PIECE_BYTES, startEngine } from "./engine.ts";
import { peek } from "./peek.ts";

/** Firehose may wrap a second gzip around members that are gzip already. */
const LAYERS_MAX = 3;
const MAGIC_BYTES = 4;

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

/**
 * The stream's bytes without their compression. Concatenated members are one stream, also with zeros between or after
 * them, as tapes and block devices leave them. Does not throw on bad bytes: see `inflation.error`.
 */
export async function* inflate(chunks: AsyncIterable<Uint8Array>, limits: InflateLimits, inflation: Inflation): AsyncGenerator<Uint8Array> {
	const { first, rest } = await peek(chunks, MAGIC_BYTES);
	const kind = compressionOf(first);
	if (kind === undefined || inflation.layers.length === LAYERS_MAX) {
		yield* rest;
		return;
	}
	inflation.layers.push(kind);
	yield* inflate(inflateLayer(rest, kind, limits, inflation), limits, inflation);
}

/** One layer on its way: members one after the other, each with an engine of its own. */
interface Layer {
	readonly kind: Compression;
	readonly limits: InflateLimits;
	engine: Engine;
	compressedBytes: number;
	inflatedBytes: number;
	failure: CollectorError | undefined;
}

async function* inflateLayer(
	chunks: AsyncIterable<Uint8Array>,
	kind: Compression,
	limits: InflateLimits,
	inflation: Inflation,
): AsyncGenerator<Uint8Array> {
	const layer: Layer = { kind, limits, engine: startEngine(kind), compressedBytes: 0, inflatedBytes: 0, failure: undefined };
	try {
		for await (const chunk of chunks) {
			yield* inflateChunk(layer, chunk);
			if (layer.failure !== undefined) break;
		}
		if (layer.failure === undefined && !layer.engine.stopped) yield* checked(layer, await layer.engine.end());
	} finally {
		layer.engine.destroy();
	}
	if (layer.failure !== undefined) inflation.error ??= layer.failure;
}

async function* inflateChunk(layer: Layer, chunk: Uint8Array): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < chunk.length && layer.failure === undefined; ) {
		if (layer.engine.stopped) {
			at = layer.kind === "gzip" ? skipZeros(chunk, at) : at;
			if (at === chunk.length) return;
			layer.engine.destroy();
			layer.engine = startEngine(layer.kind);
		}
		const piece = chunk.subarray(at, at + PIECE_BYTES[layer.kind]);
		const output = await layer.engine.write(piece);
		const takenBytes = piece.length - layer.engine.leftBytes;
		layer.compressedBytes += takenBytes;
		at += takenBytes;
		yield* checked(layer, output);
	}
}

function skipZeros(bytes: Uint8Array, from: number): number {
	let at = from;
	while (at < bytes.length && bytes[at] === 0) at++;
	return at;
}

/** The output, as far as it is no bomb; says why the layer failed, if it did. */
function* checked(layer: Layer, output: readonly Uint8Array[]): Generator<Uint8Array> {
	const { kind, limits, engine } = layer;
	for (const chunk of output) {
		layer.inflatedBytes += chunk.length;
		if (layer.inflatedBytes > limits.inflatedBytesMin && layer.inflatedBytes > layer.compressedBytes * limits.inflationRatioMax) {
			layer.failure = new CollectorError(
				"RECORD_TOO_LARGE",
				`${kind} data inflates more than ${limits.inflationRatioMax} times: looks like a bomb; raise limits.inflationRatioMax to read it`,
			);
			return;
		}
		if (chunk.length > 0) yield chunk;
	}
	if (engine.damage !== undefined) layer.failure = damaged(kind, engine.damage);
}

function damaged(kind: Compression, cause: Error): CollectorError {
	return new CollectorError(
		"RECORD_MALFORMED",
		`${kind} data is cut or damaged: what came before is read, fetch the file again for the rest`,
		{ cause },
	);
}

/** Inflates a whole small delivery, such as one subscription payload. Throws RECORD_TOO_LARGE or RECORD_MALFORMED. */
export function inflateWhole(bytes: Uint8Array, maxBytes: number): Uint8Array {
	const kind = compressionOf(bytes);
	if (kind === undefined) return bytes;
	try {
		return kind === "gzip" ? gunzipSync(bytes, { maxOutputLength: maxBytes }) : inflateFrames(bytes, maxBytes);
	} catch (error) {
		if (error instanceof CollectorError) throw error;
		throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(kind, maxBytes) : damaged(kind, error as Error);
	}
}

function tooLarge(kind: Compression, maxBytes: number): CollectorError {
	return new CollectorError(
		"RECORD_TOO_LARGE",
		`a ${kind} delivery inflates to more than ${maxBytes} bytes: raise limits.documentBytesMax to read it`,
	);
}

/** The library's own call stops without a word after the first zstd frame. */
function inflateFrames(bytes: Uint8Array, maxBytes: number): Uint8Array {
	const frames: Uint8Array[] = [];
	let leftBytes = maxBytes;
	for (let at = 0; at < bytes.length; ) {
		// The library wants a bound of at least 1.
		const options = { maxOutputLength: Math.max(1, leftBytes), info: true };
		const { buffer, engine } = zstdDecompressSync(bytes.subarray(at), options) as unknown as Inflated;
		frames.push(buffer);
		leftBytes -= buffer.length;
		if (leftBytes < 0) throw tooLarge("zstd", maxBytes);
		at += engine.bytesWritten;
	}
	return frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames);
}

/** What zlib gives where it is asked for `info`; the types do not know. */
interface Inflated {
	readonly buffer: Uint8Array;
	readonly engine: { readonly bytesWritten: number };
}

/** Decompression engines of zlib, fed piece by piece: told when the data ends before the bytes do, and what damage leaves intact. */

import { constants, createGunzip, createZstdDecompress, type Gunzip, gunzipSync, type ZstdDecompress } from "node:zlib";

export type Compression = "gzip" | "zstd";

/** Inflates one member, or several, of which the first piece holds the beginning. */
export interface Engine {
	/** Inflates a piece of at most PIECE_BYTES. */
	write(piece: Uint8Array): Promise<readonly Uint8Array[]>;
	/** Says that no piece follows. */
	end(): Promise<readonly Uint8Array[]>;
	/** The data has ended, or is damaged: nothing more can be written. */
	readonly stopped: boolean;
	/** Bytes of the last piece that follow the end of the data. */
	readonly leftBytes: number;
	/** Why it is damaged; all that is intact has been given. */
	readonly damage: Error | undefined;
	destroy(): void;
}

/** Compressed bytes given to the engine at a time: what they may inflate to at the most must fit in memory. */
export const PIECE_BYTES: Readonly<Record<Compression, number>> = { gzip: 16 * 1024, zstd: 1024 };

/** Of damaged gzip data up to this size, compressed, every intact byte is found; of other data all but the last piece before the damage. */
const RESCUE_BYTES_MAX = 1024 * 1024;
const RESCUE_INFLATED_MAX = 64 * 1024 * 1024;
const OUTPUT_BYTES = 256 * 1024;

/** An engine for data that begins with the first piece. Whoever starts it destroys it. */
export function startEngine(kind: Compression): Engine {
	const stream: Gunzip | ZstdDecompress =
		kind === "gzip" ? createGunzip({ chunkSize: OUTPUT_BYTES }) : createZstdDecompress({ chunkSize: OUTPUT_BYTES });
	const output: Uint8Array[] = [];
	const written: Uint8Array[] = [];
	let writtenBytes = 0;
	let inflatedBytes = 0;
	let ended = false;
	let damage: Error | undefined;
	/** Ends the waiting for the current piece. The engine does not call back when it stops in the middle of it. */
	let wake = (): void => {};
	stream.on("data", (chunk: Uint8Array) => {
		inflatedBytes += chunk.length;
		output.push(chunk);
	});
	stream.once("end", () => {
		ended = true;
		wake();
	});
	stream.once("error", (error) => {
		damage ??= error;
		wake();
	});

	async function step(act: (done: () => void) => void): Promise<readonly Uint8Array[]> {
		await new Promise<void>((resolve) => {
			wake = resolve;
			act(resolve);
		});
		const isRescuable = kind === "gzip" && writtenBytes <= RESCUE_BYTES_MAX && inflatedBytes <= RESCUE_INFLATED_MAX;
		if (damage !== undefined && isRescuable) output.push(intactOf(Buffer.concat(written)).subarray(inflatedBytes));
		return output.splice(0);
	}

	return {
		write(piece) {
			writtenBytes += piece.length;
			if (writtenBytes <= RESCUE_BYTES_MAX) written.push(piece);
			return step((done) => stream.write(piece, done));
		},
		// "end" and "error" wake it.
		end: () => step(() => stream.end()),
		get stopped() {
			return ended || damage !== undefined;
		},
		get leftBytes() {
			return ended ? writtenBytes - stream.bytesWritten : 0;
		},
		get damage() {
			return damage;
		},
		destroy: () => stream.destroy(),
	};
}

/**
 * The engine forgets what it inflated last when it meets damage or bytes after the end; this finds all that is intact,
 * by the longest prefix that inflates.
 */
function intactOf(compressed: Uint8Array): Uint8Array {
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

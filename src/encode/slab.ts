/** Memory for encoded events: large pieces that many events share, since a buffer for each is what costs most of encoding. */

const SLAB_BYTES = 256 * 1024;

let slab: Buffer = Buffer.alloc(0);
let usedBytes = 0;

/**
 * Lets `write` put at most `sizeMax` bytes into a slab from the index given; it returns where it ended. The result is
 * a view that nobody else writes to. A slab lives as long as one of its views.
 */
export function writeToSlab(sizeMax: number, write: (slab: Buffer, at: number) => number): Uint8Array {
	if (slab.length - usedBytes < sizeMax) {
		slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, sizeMax));
		usedBytes = 0;
	}
	const from = usedBytes;
	usedBytes = write(slab, from);
	return slab.subarray(from, usedBytes);
}

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { constants, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import type { ErrorCode } from "../contract/errors.ts";
import { compressionOf, type Inflation, inflate, inflateWhole } from "./inflate.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { breaking, chunksOf, sizes, watched } from "./test-chunks.ts";

interface Inflated {
	readonly bytes: Buffer;
	readonly layers: readonly string[];
	readonly code: ErrorCode | undefined;
}

async function inflated(bytes: Uint8Array, chunkSizes?: readonly number[], limits = DEFAULT_LIMITS): Promise<Inflated> {
	const inflation: Inflation = { layers: [] };
	const output: Uint8Array[] = [];
	for await (const chunk of inflate(chunksOf(bytes, chunkSizes), limits, inflation)) output.push(chunk);
	return { bytes: Buffer.concat(output), layers: inflation.layers, code: inflation.error?.code };
}

/** Lines that compress, but not to nothing. */
function lines(count: number): Buffer {
	return Buffer.from(
		Array.from(
			{ length: count },
			(_, i) => `{"n":${i},"random":"${createHash("sha256").update(`${count} ${i}`).digest("hex").slice(0, 24)}"}\n`,
		).join(""),
	);
}

const A = lines(60);
const B = lines(50);
const BOTH = Buffer.concat([A, B]);
const gzip = (bytes: Uint8Array): Buffer => gzipSync(bytes);
const zstd = (bytes: Uint8Array): Buffer => zstdCompressSync(bytes);
const KINDS = [
	["gzip", gzip],
	["zstd", zstd],
] as const;
const CHUNKINGS = [[1 << 16], [1], [0, 7, 300]];

test("what is not compressed passes", async () => {
	for (const text of ["", "a", "{}\n", "\u001f", "plain"])
		assert.deepEqual(await inflated(Buffer.from(text), [1]), { bytes: Buffer.from(text), layers: [], code: undefined });
	assert.equal(compressionOf(Buffer.from([0x1f, 0x8b])), "gzip");
	assert.equal(compressionOf(Buffer.from([0x28, 0xb5, 0x2f])), undefined);
});

test("one member, several, and layers of them give all their bytes", async () => {
	for (const [kind, compress] of KINDS) {
		for (const chunkSizes of CHUNKINGS) {
			assert.deepEqual(await inflated(compress(A), chunkSizes), { bytes: A, layers: [kind], code: undefined });
			const members = Buffer.concat([compress(A), compress(B)]);
			assert.deepEqual(await inflated(members, chunkSizes), { bytes: BOTH, layers: [kind], code: undefined });
			assert.deepEqual(await inflated(compress(members), chunkSizes), { bytes: BOTH, layers: [kind, kind], code: undefined });
		}
	}
	assert.deepEqual(await inflated(gzip(zstd(A))), { bytes: A, layers: ["gzip", "zstd"], code: undefined });
});

test("bug: of concatenated zstd frames only the first was read", async () => {
	const frames = Array.from({ length: 50 }, (_, i) => Buffer.from(`frame ${i}\n`));
	const whole = Buffer.concat(frames);
	assert.deepEqual((await inflated(Buffer.concat(frames.map(zstd)))).bytes.toString(), whole.toString());
	assert.equal(Buffer.from(inflateWhole(Buffer.concat(frames.map(zstd)), 1000)).toString(), whole.toString());
});

test("more layers than anybody wraps are left alone", async () => {
	const three = gzip(gzip(gzip(A)));
	assert.deepEqual(await inflated(three), { bytes: A, layers: ["gzip", "gzip", "gzip"], code: undefined });
	assert.deepEqual((await inflated(gzip(three))).bytes, gzip(A));
});

test("cut anywhere, gzip gives all that arrived, and says so", async () => {
	const compressed = Buffer.concat([gzip(A), gzip(B)]);
	const first = gzip(A).length;
	let before = -1;
	for (let end = 19; end < compressed.length; end += 97) {
		const { bytes, code } = await inflated(compressed.subarray(0, end), [301]);
		assert.ok(BOTH.subarray(0, bytes.length).equals(bytes), `cut at ${end}`);
		assert.ok(bytes.length >= before && (end < first || bytes.length >= A.length), `cut at ${end}`);
		assert.equal(code, end === first ? undefined : "RECORD_MALFORMED", `cut at ${end}`);
		before = bytes.length;
	}
});

test("cut anywhere, zstd gives every whole frame and every whole block, and says so", async () => {
	const blocks = Buffer.concat([zstd(A), zstdCompressSync(lines(8_000))]);
	const { bytes, code } = await inflated(blocks.subarray(0, -1));
	assert.equal(code, "RECORD_MALFORMED");
	assert.ok(bytes.length > A.length + 128 * 1024);
	const cut = await inflated(Buffer.concat([zstd(A), zstd(B).subarray(0, 100)]), [1 << 16]);
	assert.deepEqual(cut, { bytes: A, layers: ["zstd"], code: "RECORD_MALFORMED" });
});

test("damage in the middle ends the stream, after all that came before it", async () => {
	const damaged = Buffer.from(gzip(B));
	// A block type that does not exist.
	damaged[10] = 0xff;
	for (const chunkSizes of CHUNKINGS)
		assert.deepEqual(await inflated(Buffer.concat([gzip(A), damaged, gzip(A)]), chunkSizes), {
			bytes: A,
			layers: ["gzip"],
			code: "RECORD_MALFORMED",
		});
	const frame = Buffer.from(zstd(B));
	frame.fill(0xff, 4, 12);
	for (const chunkSizes of CHUNKINGS)
		assert.deepEqual(await inflated(Buffer.concat([zstd(A), frame]), chunkSizes), { bytes: A, layers: ["zstd"], code: "RECORD_MALFORMED" });
});

test("damage in one deflate block loses none of the blocks before it", async () => {
	const flushed = Buffer.concat([
		gzip(A).subarray(0, 10),
		deflateRawSync(A, { finishFlush: constants.Z_SYNC_FLUSH }),
		Buffer.from([0xff, 0xff, 0xff, 0xff]),
	]);
	for (const chunkSizes of CHUNKINGS)
		assert.deepEqual(await inflated(flushed, chunkSizes), { bytes: A, layers: ["gzip"], code: "RECORD_MALFORMED" });
});

test("garbage after the last member is told, and loses nothing", async () => {
	for (const [kind, compress] of KINDS) {
		for (const chunkSizes of CHUNKINGS) {
			const garbage = Buffer.concat([compress(A), Buffer.from("this is no member\n")]);
			assert.deepEqual(await inflated(garbage, chunkSizes), { bytes: A, layers: [kind], code: "RECORD_MALFORMED" });
		}
	}
});

test("bug: zeros after or between gzip members, as tapes leave them, are no damage", async () => {
	for (const chunkSizes of CHUNKINGS) {
		assert.deepEqual(await inflated(Buffer.concat([gzip(A), Buffer.alloc(1000)]), chunkSizes), {
			bytes: A,
			layers: ["gzip"],
			code: undefined,
		});
		assert.deepEqual(await inflated(Buffer.concat([gzip(A), Buffer.alloc(512), gzip(B), Buffer.alloc(3)]), chunkSizes), {
			bytes: BOTH,
			layers: ["gzip"],
			code: undefined,
		});
	}
});

test("any bytes behind a magic end, and never throw", async () => {
	const magic = fc.constantFrom(
		Buffer.from([0x1f, 0x8b]),
		Buffer.from([0x1f, 0x8b, 8, 0]),
		Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
		gzip(Buffer.from("a")),
		zstd(Buffer.from("a")),
	);
	await fc.assert(
		fc.asyncProperty(magic, fc.uint8Array({ maxLength: 60 }), sizes, async (start, more, chunkSizes) => {
			await inflated(Buffer.concat([start, more]), chunkSizes);
		}),
	);
});

test("a bomb is refused, in bounded memory", async () => {
	const limits = { ...DEFAULT_LIMITS, inflatedBytesMin: 1 << 20, inflationRatioMax: 100 };
	for (const [kind, compress] of KINDS) {
		const bomb = compress(Buffer.alloc(64 << 20));
		const { bytes, code } = await inflated(bomb, undefined, limits);
		assert.equal(code, "RECORD_TOO_LARGE", kind);
		assert.ok(bytes.length < 20 << 20, `${kind} gave ${bytes.length} bytes`);
		// What inflates as much but stays small is no bomb.
		assert.equal((await inflated(compress(Buffer.alloc(1 << 20)), undefined, limits)).code, undefined);
	}
});

test("an early return closes the source, through all layers", async () => {
	for (const bytes of [A, gzip(A), gzip(gzip(A)), zstd(A)]) {
		const source = watched(chunksOf(bytes, [10]));
		for await (const _ of inflate(source.chunks, DEFAULT_LIMITS, { layers: [] })) break;
		assert.ok(source.closed());
	}
});

test("what a source throws is thrown on, after what could be inflated", async () => {
	for (const bytes of [A, gzip(A).subarray(0, 2000), gzip(gzip(A)).subarray(0, 2000), Buffer.from([0x1f])]) {
		const inflation: Inflation = { layers: [] };
		await assert.rejects(async () => {
			for await (const _ of inflate(breaking(bytes), DEFAULT_LIMITS, inflation));
		}, /the source broke/);
		assert.equal(inflation.error, undefined);
	}
});

test("a whole delivery is inflated up to the limit and not past it", () => {
	for (const [, compress] of KINDS) {
		assert.deepEqual(Buffer.from(inflateWhole(compress(A), A.length)), A);
		assert.throws(() => inflateWhole(compress(A), A.length - 1), { code: "RECORD_TOO_LARGE" });
		assert.throws(() => inflateWhole(Buffer.concat([compress(A), compress(B)]), BOTH.length - 1), { code: "RECORD_TOO_LARGE" });
		assert.throws(() => inflateWhole(Buffer.concat([compress(A), compress(B)]), A.length), { code: "RECORD_TOO_LARGE" });
		assert.deepEqual(Buffer.from(inflateWhole(Buffer.concat([compress(A), compress(B)]), BOTH.length)), BOTH);
		assert.throws(() => inflateWhole(compress(A).subarray(0, 300), 1 << 20), { code: "RECORD_MALFORMED" });
		assert.throws(() => inflateWhole(Buffer.concat([compress(A), Buffer.from("garbage")]), 1 << 20), { code: "RECORD_MALFORMED" });
	}
	assert.equal(inflateWhole(A, 1), A);
});

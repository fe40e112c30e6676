import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Connector, Pulls, ReadRequest } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import { NO_METER } from "../../contract/meter.ts";
import type { Batch, Cursor, Tier } from "../../contract/record.ts";
import { connectorNamed } from "../registry.ts";
import { systemClock } from "../system-clock.ts";
import { atHalfRate, inRange, piecesOf } from "./backfill-range.ts";

const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2026, 10, 1);
const RANGE = { fromMs: FROM_MS, untilMs: FROM_MS + 3 * DAY_MS };

test("pieces cover the range without a gap, in order, none longer than a day", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 1_000, max: 60 * DAY_MS }), (fromMs, lengthMs) => {
			const pieces = piecesOf({ fromMs, untilMs: fromMs + lengthMs });
			assert.equal(pieces[0]?.fromMs, fromMs);
			assert.equal(pieces.at(-1)?.untilMs, fromMs + lengthMs);
			for (const [i, piece] of pieces.entries()) {
				assert.ok(piece.untilMs > piece.fromMs && piece.untilMs - piece.fromMs <= DAY_MS);
				assert.equal(piece.fromMs, pieces[i - 1]?.untilMs ?? fromMs);
			}
		}),
	);
});

/** What the source was asked for. */
interface Asked {
	readonly startMs: number;
	readonly endMs: number;
	readonly saved: readonly Tier[];
}

/** A source that gives two batches a reading: the half, and the end. */
function sourceOf(asked: Asked[]): Connector {
	async function* read({ startMs, until, saved, scope }: ReadRequest<never>): AsyncGenerator<Batch> {
		const { endMs } = until as { readonly endMs: number };
		asked.push({ startMs, endMs, saved: [...saved.keys()] });
		const begin = saved.get("fast")?.["at"] as number | undefined;
		for (const [seq, at] of [startMs + Math.floor((endMs - startMs) / 2), endMs].entries()) {
			if (begin !== undefined && at <= begin) continue;
			const cursor = { v: 1, at, watermark: new Date(at).toISOString() };
			yield {
				partition: scope.name,
				seq,
				origin: scope.origin,
				records: [],
				cursor,
				memory: () => ({ v: 1, ids: at }),
				settle: async () => {},
			};
		}
	}
	const pulls: Pulls<never> = { scopes: async () => [], read };
	return { ...connectorNamed("kubernetes"), pull: { settings: { safeParse: () => ({ success: true }) }, open: () => pulls } };
}

interface Reading {
	readonly saved?: ReadonlyMap<Tier, Cursor>;
	readonly signal?: AbortSignal;
	readonly retentionMs?: number;
	/** After each batch. */
	onBatch?(count: number): void;
}

async function readAll({ saved = new Map(), signal = new AbortController().signal, retentionMs, onBatch }: Reading = {}) {
	const asked: Asked[] = [];
	const logged: string[] = [];
	const pulls = inRange(sourceOf(asked), RANGE).pull?.open({ clock: systemClock, log() {} }) as Pulls<never>;
	const clock = { now: () => RANGE.untilMs, wait: async () => {} };
	const scope = { name: "scope", origin: { connector: "kubernetes" }, ...(retentionMs === undefined ? {} : { retentionMs }) };
	const host = { signal, clock, random: () => 0, log: (line: string) => void logged.push(line), meter: NO_METER };
	const batches: Batch[] = [];
	for await (const batch of pulls.read({ settings: undefined as never, scope, saved, startMs: 0, until: "caught-up", host })) {
		batches.push(batch);
		onBatch?.(batches.length);
	}
	return { asked, batches, logged };
}

const savedOf = (batch: Batch | undefined): ReadonlyMap<Tier, Cursor> =>
	new Map([
		["fast", JSON.parse(JSON.stringify(batch?.cursor)) as Cursor],
		["memory", JSON.parse(JSON.stringify(batch?.memory?.())) as Cursor],
	]);

test("each piece is asked for once, from its begin to before its end, in batches that are numbered through", async () => {
	const { asked, batches } = await readAll();
	assert.deepEqual(
		asked,
		piecesOf(RANGE).map(({ fromMs, untilMs }) => ({ startMs: fromMs, endMs: untilMs - 1, saved: [] })),
	);
	assert.deepEqual(
		batches.map(({ seq }) => seq),
		[0, 1, 2, 3, 4, 5],
	);
	assert.ok(batches.every(({ cursor }) => typeof cursor?.["watermark"] === "string"));
});

test("taken up after any batch, it reads on from there and reads no piece again", async () => {
	const whole = (await readAll()).batches.map(({ cursor }) => cursor);
	for (let after = 0; after < whole.length; after++) {
		const { batches } = await readAll({ saved: savedOf((await readAll()).batches[after]) });
		assert.deepEqual(
			batches.map(({ cursor }) => cursor),
			whole.slice(after + 1),
		);
	}
});

test("what is saved goes to its own piece alone", async () => {
	const { asked } = await readAll({ saved: savedOf((await readAll()).batches[2]) });
	assert.deepEqual(
		asked.map(({ saved }) => saved),
		[["fast", "memory"], []],
	);
});

test("stopped, it goes on to no other piece", async () => {
	const stop = new AbortController();
	const { asked } = await readAll({ signal: stop.signal, onBatch: () => stop.abort() });
	assert.equal(asked.length, 1);
});

test("a piece that the service no longer keeps is told of and left out", async () => {
	const { asked, logged } = await readAll({ retentionMs: 1.5 * DAY_MS });
	assert.equal(asked.length, 2);
	assert.match(logged.join("\n"), /no longer keeps what lies from 2026-11-01T00:00:00.000Z to 2026-11-02T00:00:00.000Z/);
});

test("progress of another range is refused, not guessed at", async () => {
	const saved = new Map<Tier, Cursor>([["fast", { v: 1, watermark: "2026-11-01T00:00:00Z" }]]);
	await assert.rejects(readAll({ saved }), (error: CollectorError) => error instanceof CollectorError && error.code === "CONFIG_INVALID");
});

test("half of the quota's share is taken, and of a rate in its place; what is granted stays", () => {
	assert.deepEqual(atHalfRate({ a: 1, quota: { share: 0.4, per30Seconds: 200 } }), { a: 1, quota: { share: 0.2, per30Seconds: 200 } });
	assert.deepEqual(atHalfRate({ quota: { share: 0.4, perSecond: 3 } }), { quota: { share: 0.2, perSecond: 1.5 } });
	assert.deepEqual(atHalfRate({ region: "x" }), { region: "x" });
});

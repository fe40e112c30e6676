/** A range of time as a source that ends: read in pieces, each resumed where it was left, and at half of live collection's rate. */

import type { Connector, Pulls, ReadRequest } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Batch, Cursor, Tier } from "../../contract/record.ts";
import { isObject } from "../../json/value.ts";

export interface Range {
	/** Epoch milliseconds, inclusive. */
	readonly fromMs: number;
	/** Exclusive. */
	readonly untilMs: number;
}

const DAY_MS = 86_400_000;
/** First width of a window: what is read again after a crash is seldom more. */
const WIDTH_MS = 3_600_000;

/** The range in equal pieces of at most a day: what was seen is remembered for a piece alone. */
export function piecesOf({ fromMs, untilMs }: Range): readonly Range[] {
	const count = Math.ceil((untilMs - fromMs) / DAY_MS);
	const startOf = (i: number): number => fromMs + Math.floor(((untilMs - fromMs) * i) / count);
	return Array.from({ length: count }, (_, i) => ({ fromMs: startOf(i), untilMs: startOf(i + 1) }));
}

/** The same connector, of which every reading is of the range alone. */
export function inRange(connector: Connector, range: Range): Connector {
	const { pull } = connector;
	if (pull === undefined) return connector;
	return {
		...connector,
		pull: {
			settings: pull.settings,
			open(surroundings) {
				const pulls = pull.open(surroundings);
				return { ...pulls, read: (request) => readRange(pulls, request, piecesOf(range)) };
			},
		},
	};
}

/** The cursor of the source itself, and of which piece it is. */
interface PieceCursor extends Cursor {
	readonly v: 1;
	/** Where the piece begins, epoch milliseconds. */
	readonly piece: number;
	readonly inner: Cursor;
	/** As the inner one has it, so that progress shows. */
	readonly watermark: unknown;
}

async function* readRange(pulls: Pulls<never>, request: ReadRequest<never>, pieces: readonly Range[]): AsyncGenerator<Batch> {
	const { saved, host, scope } = request;
	const reached = pieceCursorOf(saved.get("fast"), pieces, scope.name);
	let seq = 0;
	for (const piece of pieces) {
		if (reached !== undefined && piece.fromMs < reached.piece) continue;
		if (isGone(piece, request)) continue;
		const batches = pulls.read({
			...request,
			saved: innerOf(saved, piece),
			startMs: piece.fromMs,
			until: { endMs: piece.untilMs - 1 },
			// All that will ever be there is there: nothing is read twice, and nothing is looked for behind.
			timing: { widthMs: WIDTH_MS, ...request.timing, overlapMs: 0, overlapMaxMs: 0, sweeps: [] },
		});
		for await (const batch of batches) yield { ...batch, ...wrapped(batch, piece), seq: seq++ };
		if (host.signal.aborted) return;
	}
}

/** What the service no longer keeps would only be asked for in vain. */
function isGone({ fromMs, untilMs }: Range, { scope, host }: ReadRequest<never>): boolean {
	if (scope.retentionMs === undefined || untilMs > host.clock.now() - scope.retentionMs) return false;
	const [from, until] = [fromMs, untilMs].map((ms) => new Date(ms).toISOString());
	host.log(`${scope.name}: the service no longer keeps what lies from ${from} to ${until}`);
	host.meter.count("gaps_total");
	return true;
}

function wrapped({ cursor, memory }: Batch, { fromMs }: Range): Pick<Batch, "cursor" | "memory"> {
	const wrap = (inner: Cursor): PieceCursor => ({ v: 1, piece: fromMs, watermark: inner["watermark"], inner });
	return {
		...(cursor === undefined ? {} : { cursor: wrap(cursor) }),
		...(memory === undefined
			? {}
			: {
					memory() {
						const inner = memory();
						return inner && wrap(inner);
					},
				}),
	};
}

/** Throws CONFIG_INVALID if what is saved is of no piece of this range. */
function pieceCursorOf(cursor: Cursor | undefined, pieces: readonly Range[], scope: string): PieceCursor | undefined {
	if (cursor === undefined) return undefined;
	if (cursor.v === 1 && isObject(cursor["inner"]) && pieces.some(({ fromMs }) => fromMs === cursor["piece"])) return cursor as PieceCursor;
	throw new CollectorError(
		"CONFIG_INVALID",
		`the progress of ${scope} is not one that this version can read: choose another --progress file`,
	);
}

/** What is saved of this piece, as the source saved it. */
function innerOf(saved: ReadonlyMap<Tier, Cursor>, { fromMs }: Range): ReadonlyMap<Tier, Cursor> {
	const inner = new Map<Tier, Cursor>();
	for (const [tier, cursor] of saved)
		if (cursor["piece"] === fromMs && isObject(cursor["inner"])) inner.set(tier, cursor["inner"] as Cursor);
	return inner;
}

/**
 * Settings with half the share of the service's quota. By convention it stands in `quota`: `share` of what is granted, or
 * `perSecond`, calls in its place. Settings of a connector that has neither are left as they are.
 */
export function atHalfRate(settings: unknown): unknown {
	if (!isObject(settings) || !isObject(settings["quota"])) return settings;
	const halved = ["share", "perSecond"].flatMap((key) => {
		const rate = (settings["quota"] as Record<string, unknown>)[key];
		return typeof rate === "number" ? [[key, rate / 2] as const] : [];
	});
	return { ...settings, quota: { ...settings["quota"], ...Object.fromEntries(halved) } };
}

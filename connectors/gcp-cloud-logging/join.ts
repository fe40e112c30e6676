/** Holds the parts of split entries until all have come: one entry goes on in their place. */

import type { Join } from "../../src/contract/connector.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { bufferOf, DEPTH_MAX, scanObject, textOf } from "../../src/json/scan.ts";
import { isObject, parseOrNone } from "../../src/json/value.ts";
import { entryOfRow, ROW_PAYLOAD } from "./bigquery.ts";
import type { EntryEnvelope } from "./decode.ts";
import { mergeParts } from "./merge.ts";

/** Bounds on what is held. */
export interface JoinLimits {
	/** Entries of which parts are held; the oldest goes on without its missing parts when there are more. */
	readonly heldSetsMax: number;
	readonly heldBytesMax: number;
	/** How long parts wait for the others, counted from the first `expire` after they came. */
	readonly heldMs: number;
}

export const JOIN_LIMITS: JoinLimits = { heldSetsMax: 1_000, heldBytesMax: 64 * 1024 * 1024, heldMs: 300_000 };

interface Split {
	readonly uid: string;
	readonly index: number;
	readonly total: number;
}

interface Held {
	readonly total: number;
	readonly parts: Map<number, RawRecord>;
	/** The oldest batch of a part. */
	fromSeq: number;
	bytes: number;
	waitingSinceMs: number | undefined;
}

/**
 * Entries without `split` pass untouched. A part that comes twice is one part; one that contradicts its like goes on
 * alone. What goes on without all its parts says so in its envelope, and the decoder makes of it what it can.
 */
export function createJoin(limits: JoinLimits = JOIN_LIMITS): Join {
	const sets = new Map<string, Held>();
	let heldBytes = 0;

	function release(key: string, held: Held): RawRecord[] {
		sets.delete(key);
		heldBytes -= held.bytes;
		return reunite(held);
	}

	function hold(key: string, record: RawRecord, { index, total }: Split, seq: number): RawRecord[] {
		const held = sets.get(key) ?? { total, parts: new Map(), fromSeq: seq, bytes: 0, waitingSinceMs: undefined };
		const twin = held.parts.get(index);
		if (twin !== undefined)
			return Buffer.compare(twin.body, record.body) === 0 ? [] : reunite({ total, parts: new Map([[index, record]]) });
		// A copy: the view would keep its whole page in memory.
		held.parts.set(index, { ...record, body: Uint8Array.from(record.body) });
		held.fromSeq = Math.min(held.fromSeq, seq);
		held.bytes += record.body.length;
		heldBytes += record.body.length;
		sets.set(key, held);
		return held.parts.size === total ? release(key, held) : [];
	}

	function* evict(): Generator<RawRecord> {
		for (const [key, held] of sets) {
			if (sets.size <= limits.heldSetsMax && heldBytes <= limits.heldBytesMax) return;
			yield* release(key, held);
		}
	}

	return {
		add(record, seq) {
			const split = record.error === undefined ? splitOf(record.body) : undefined;
			if (split === undefined) return [record];
			return [...hold(`${split.uid}\n${split.total}`, record, split, seq), ...evict()];
		},
		expire(nowMs) {
			return [...sets].flatMap(([key, held]) => {
				held.waitingSinceMs ??= nowMs;
				return nowMs === Number.POSITIVE_INFINITY || nowMs - held.waitingSinceMs >= limits.heldMs ? release(key, held) : [];
			});
		},
		get heldFrom() {
			let least: number | undefined;
			for (const { fromSeq } of sets.values()) if (least === undefined || fromSeq < least) least = fromSeq;
			return least;
		},
	};
}

/** One record of the parts that are there; if their text cannot be merged, each part alone. */
function reunite({ total, parts }: Pick<Held, "total" | "parts">): RawRecord[] {
	const inOrder = [...parts].sort(([a], [b]) => a - b);
	const [first] = inOrder;
	if (first === undefined) return [];
	const [, record] = first;
	const isRow = isRowText(record.body);
	const envelope = { ...record.envelope, parts: { arrived: parts.size, total }, ...(isRow ? { isRow } : {}) } satisfies EntryEnvelope;
	try {
		const texts = inOrder.map(([index, { body }]) => ({ index, text: textOf(isRow ? entryOfRow(body) : body) }));
		const { text, insertId } = mergeParts(texts);
		return [{ ...record, id: insertId ?? record.id, body: Buffer.from(text, "utf8"), envelope }];
	} catch {
		return inOrder.map(([, part]) => ({ ...part, envelope: { ...part.envelope, parts: { arrived: 1, total } } }));
	}
}

const SPLIT_MARK = Buffer.from('"split"');
const ROW_MARK = Buffer.from(`"${ROW_PAYLOAD}"`);

function splitOf(body: Uint8Array): Split | undefined {
	if (!includes(body, SPLIT_MARK)) return undefined;
	const { members, state } = scanObject(body, 0, body.length, DEPTH_MAX);
	const member = members.findLast(({ key }) => key === "split");
	if (state !== "whole" || member === undefined) return undefined;
	return readSplit(parseOrNone(body.subarray(member.start, member.end)));
}

/** Index 0 is left out in the JSON of protobuf; BigQuery's tool writes numbers as text. */
function readSplit(value: unknown): Split | undefined {
	if (!isObject(value)) return undefined;
	const { uid, index, totalSplits } = value;
	const [at, total] = [Number(index ?? 0), Number(totalSplits)];
	if (typeof uid !== "string" || uid === "" || !Number.isSafeInteger(at) || !Number.isSafeInteger(total)) return undefined;
	return at >= 0 && at < total && total > 1 ? { uid, index: at, total } : undefined;
}

function isRowText(body: Uint8Array): boolean {
	return includes(body, ROW_MARK) && scanObject(body).members.some(({ key }) => key === ROW_PAYLOAD);
}

function includes(body: Uint8Array, mark: Buffer): boolean {
	return bufferOf(body).includes(mark);
}

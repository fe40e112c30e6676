/** Remembers which records were seen: exactly inside the overlap, as a digest a minute behind it. */

import { addKeys, type Digest, emptyDigest, type PackedDigest, packDigest, unpackDigest } from "./digest.ts";
import { createKeySet, type KeySet } from "./key-set.ts";

const MINUTE_MS = 60_000;

export interface Seen {
	/** Whether the record is new. From now on it is not. */
	add(id: string, timeMs: number, seq: number): boolean;
	/** Batches up to this one are settled: what they brought may be saved. */
	settled(seq: number): void;
	/** Lets go of ids in whole minutes before that time; what stays of them is a digest a minute. */
	forget(beforeMs: number): void;
	/** Ids before this are known as digests only. */
	forgottenMs(): number;
	/** Of a minute before `forgottenMs`, given by its first millisecond. */
	digestOf(minuteMs: number): Digest;
	/** A sweep delivered this minute anew. */
	replace(minuteMs: number, digest: Digest): void;
	/** Drops digests of minutes before that time: no sweep goes there any more. */
	drop(beforeMs: number): void;
	/** All that is settled. */
	save(): SavedSeen;
}

export interface SavedSeen {
	readonly forgottenMs: number;
	readonly ids: readonly (readonly [minuteMs: number, keys: string])[];
	readonly bins: readonly (readonly [minuteMs: number, ...digest: PackedDigest])[];
}

export function minuteOf(timeMs: number): number {
	return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}

interface Minute {
	readonly ids: KeySet;
	/** How many of them are settled, and how many there were after each batch that is not. Batches settle in their order. */
	settled: number;
	readonly unsettled: { readonly seq: number; size: number }[];
}

function minuteWith(packed = ""): Minute {
	const ids = createKeySet(packed);
	return { ids, settled: ids.size(), unsettled: [] };
}

function addTo({ ids, unsettled }: Minute, id: string, seq: number): boolean {
	if (!ids.add(id)) return false;
	const last = unsettled.at(-1);
	if (last?.seq === seq) last.size++;
	else unsettled.push({ seq, size: ids.size() });
	return true;
}

/** `fromMs`: what was never read lies before it. */
export function createSeen(fromMs: number, saved?: SavedSeen): Seen {
	const minutes = new Map<number, Minute>();
	const bins = new Map<number, Digest>();
	let forgottenMs = saved?.forgottenMs ?? minuteOf(fromMs);
	for (const [minuteMs, keys] of saved?.ids ?? []) minutes.set(minuteMs, minuteWith(keys));
	for (const [minuteMs, ...digest] of saved?.bins ?? []) bins.set(minuteMs, unpackDigest(digest));

	function compact(minuteMs: number, { ids }: Minute): void {
		const digest = bins.get(minuteMs) ?? emptyDigest();
		addKeys(digest, ids);
		bins.set(minuteMs, digest);
		minutes.delete(minuteMs);
	}

	return {
		add(id, timeMs, seq) {
			const minuteMs = minuteOf(timeMs);
			const minute = minutes.get(minuteMs) ?? minuteWith();
			minutes.set(minuteMs, minute);
			return addTo(minute, id, seq);
		},
		settled(seq) {
			for (const minute of minutes.values())
				for (let next = minute.unsettled[0]; next !== undefined && next.seq <= seq; next = minute.unsettled[0]) {
					minute.settled = next.size;
					minute.unsettled.shift();
				}
		},
		forget(beforeMs) {
			forgottenMs = Math.max(forgottenMs, minuteOf(beforeMs));
			for (const [minuteMs, minute] of minutes) if (minuteMs < forgottenMs) compact(minuteMs, minute);
		},
		forgottenMs: () => forgottenMs,
		digestOf: (minuteMs) => bins.get(minuteMs) ?? emptyDigest(),
		replace: (minuteMs, digest) => void bins.set(minuteMs, digest),
		drop(beforeMs) {
			for (const minuteMs of bins.keys()) if (minuteMs < minuteOf(beforeMs)) bins.delete(minuteMs);
		},
		save() {
			return {
				forgottenMs,
				ids: [...minutes].map(([minuteMs, { ids, settled }]) => [minuteMs, ids.pack(settled)] as const),
				bins: [...bins].map(([minuteMs, digest]) => [minuteMs, ...packDigest(digest)] as const),
			};
		},
	};
}

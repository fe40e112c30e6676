/** Remembers which records were seen: exactly inside the overlap, as a digest a minute behind it. */

import { addKey, type Digest, emptyDigest, keyOf, type PackedDigest, packDigest, packKeys, unpackDigest, unpackKeys } from "./digest.ts";

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

/** `fromMs`: what was never read lies before it. */
export function createSeen(fromMs: number, saved?: SavedSeen): Seen {
	const minutes = new Map<number, Set<string>>();
	const bins = new Map<number, Digest>();
	/** Keys of batches that are not settled, in the order of their batches. */
	const pending: { readonly seq: number; readonly keys: Set<string> }[] = [];
	let forgottenMs = saved?.forgottenMs ?? minuteOf(fromMs);
	for (const [minuteMs, keys] of saved?.ids ?? []) minutes.set(minuteMs, new Set(unpackKeys(keys)));
	for (const [minuteMs, ...digest] of saved?.bins ?? []) bins.set(minuteMs, unpackDigest(digest));

	function pendingOf(seq: number): Set<string> {
		const last = pending.at(-1);
		if (last?.seq === seq) return last.keys;
		const keys = new Set<string>();
		pending.push({ seq, keys });
		return keys;
	}

	function compact(minuteMs: number, keys: ReadonlySet<string>): void {
		const digest = bins.get(minuteMs) ?? emptyDigest();
		for (const key of keys) addKey(digest, key);
		bins.set(minuteMs, digest);
		minutes.delete(minuteMs);
	}

	return {
		add(id, timeMs, seq) {
			const minuteMs = minuteOf(timeMs);
			const keys = minutes.get(minuteMs) ?? new Set();
			const key = keyOf(id);
			if (keys.has(key)) return false;
			minutes.set(minuteMs, keys.add(key));
			pendingOf(seq).add(key);
			return true;
		},
		settled(seq) {
			while (pending[0] !== undefined && pending[0].seq <= seq) pending.shift();
		},
		forget(beforeMs) {
			forgottenMs = Math.max(forgottenMs, minuteOf(beforeMs));
			for (const [minuteMs, keys] of minutes) if (minuteMs < forgottenMs) compact(minuteMs, keys);
		},
		forgottenMs: () => forgottenMs,
		digestOf: (minuteMs) => bins.get(minuteMs) ?? emptyDigest(),
		replace: (minuteMs, digest) => void bins.set(minuteMs, digest),
		drop(beforeMs) {
			for (const minuteMs of bins.keys()) if (minuteMs < minuteOf(beforeMs)) bins.delete(minuteMs);
		},
		save() {
			const isSettled = (key: string): boolean => !pending.some(({ keys }) => keys.has(key));
			return {
				forgottenMs,
				ids: [...minutes].map(([minuteMs, keys]) => [minuteMs, packKeys([...keys].filter(isSettled))] as const),
				bins: [...bins].map(([minuteMs, digest]) => [minuteMs, ...packDigest(digest)] as const),
			};
		},
	};
}

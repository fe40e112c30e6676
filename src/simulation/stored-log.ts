/** What a simulated log service has stored: entries in the order of time, each hidden until the service shows it. */

/** One entry, in whatever form its service keeps it. */
export interface Stored<E> {
	readonly entry: E;
	/** On the axis on which the service is asked, epoch milliseconds. */
	readonly timeMs: number;
	/** Orders entries of the same time; unique. */
	readonly order: string;
	/** From when on reads return it, epoch milliseconds: never before, always after. */
	readonly visibleAtMs: number;
}

export interface StoredLog<E> {
	put(stored: Stored<E>): void;
	/** Those of [fromMs, toMs], both inclusive, that are visible at `nowMs`, in order; after the place `after`, if given. */
	list(fromMs: number, toMs: number, nowMs: number, after?: Place): Iterable<Stored<E>>;
	/** Drops what is older, as retention does. */
	forget(beforeMs: number): void;
	readonly size: number;
}

export type Place = Pick<Stored<unknown>, "timeMs" | "order">;

function isAfter(a: Place, b: Place): boolean {
	return a.timeMs !== b.timeMs ? a.timeMs > b.timeMs : a.order > b.order;
}

export function createStoredLog<E>(): StoredLog<E> {
	const all: Stored<E>[] = [];

	/** The first index whose entry is not before `timeMs`. */
	function indexOf(timeMs: number): number {
		let low = 0;
		let high = all.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if ((all[middle] as Stored<E>).timeMs < timeMs) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	return {
		put(stored) {
			let place = all.length;
			if (place > 0 && isAfter(all[place - 1] as Stored<E>, stored)) {
				place = indexOf(stored.timeMs);
				while (place < all.length && isAfter(stored, all[place] as Stored<E>)) place++;
			}
			if (place === all.length) all.push(stored);
			else all.splice(place, 0, stored);
		},
		*list(fromMs, toMs, nowMs, after) {
			const start = indexOf(after === undefined ? fromMs : Math.max(fromMs, after.timeMs));
			for (let i = start; i < all.length; i++) {
				const stored = all[i] as Stored<E>;
				if (stored.timeMs > toMs) return;
				if (stored.visibleAtMs <= nowMs && (after === undefined || isAfter(stored, after))) yield stored;
			}
		},
		forget: (beforeMs) => void all.splice(0, indexOf(beforeMs)),
		get size() {
			return all.length;
		},
	};
}

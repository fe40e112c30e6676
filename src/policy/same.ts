/** Maps over lists and records that mostly stay as they are: without a change, the same object comes back. */

/** `map` over the elements. */
export function sameOrMapped<T>(values: readonly T[], map: (value: T, index: number) => T): readonly T[] {
	let changed: T[] | undefined;
	for (let i = 0; i < values.length; i++) {
		const value = values[i] as T;
		const mapped = map(value, i);
		if (mapped === value) continue;
		changed ??= [...values];
		changed[i] = mapped;
	}
	return changed ?? values;
}

/** `map` over the members; `__proto__` is a key like any other. */
export function sameOrEntries<T>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => T): Readonly<Record<string, T>> {
	let changed: [string, T][] | undefined;
	const keys = Object.keys(record);
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i] as string;
		const value = record[key] as T;
		const mapped = map(value, key);
		if (mapped === value) continue;
		changed ??= Object.entries(record);
		changed[i] = [key, mapped];
	}
	return changed === undefined ? record : Object.fromEntries(changed);
}

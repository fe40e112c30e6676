/** A checkpoint store that lasts as long as its run: for replay, and for tests. */

import type { CheckpointStore, Version } from "../contract/checkpoint.ts";
import type { Cursor } from "../contract/record.ts";
import { conflictError } from "./failure.ts";
import { rowNameOf } from "./key.ts";

export function createMemoryCheckpoints(): CheckpointStore {
	const saved = new Map<string, { readonly cursor: Cursor; readonly version: Version }>();
	return {
		load: async (key) => saved.get(rowNameOf(key)),
		async save(key, next, expected) {
			const name = rowNameOf(key);
			if (saved.get(name)?.version !== expected) throw conflictError(key);
			const version = String(Number(expected ?? "0") + 1);
			saved.set(name, { cursor: structuredClone(next), version });
			return version;
		},
	};
}

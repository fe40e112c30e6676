/** A checkpoint store that lasts as long as its run: for replay, and for tests. */

import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Cursor } from "../contract/record.ts";

export function createMemoryCheckpoints(): CheckpointStore {
	const saved = new Map<string, { readonly cursor: Cursor; readonly version: Version }>();
	const nameOf = ({ source, scope, tier }: CheckpointKey): string => JSON.stringify([source, scope, tier]);
	return {
		load: async (key) => saved.get(nameOf(key)),
		async save(key, next, expected) {
			const name = nameOf(key);
			if (saved.get(name)?.version !== expected) {
				throw new CollectorError("CHECKPOINT_CONFLICT", `somebody else saved the checkpoint of ${key.source}: let one collector own it`);
			}
			const version = String(Number(expected ?? "0") + 1);
			saved.set(name, { cursor: structuredClone(next), version });
			return version;
		},
	};
}

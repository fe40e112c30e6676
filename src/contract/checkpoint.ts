/** Where cursors are kept between runs. */

import type { Cursor, Tier } from "./record.ts";

export interface CheckpointKey {
	readonly source: string;
	readonly scope: string;
	readonly tier: Tier;
}

/** Opaque; changes with every save. */
export type Version = string;

export interface CheckpointStore {
	load(key: CheckpointKey): Promise<{ readonly cursor: Cursor; readonly version: Version } | undefined>;
	/** Compare and set: throws CHECKPOINT_CONFLICT if somebody else saved since `expected`. */
	save(key: CheckpointKey, next: Cursor, expected: Version | undefined): Promise<Version>;
}

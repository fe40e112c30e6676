/** What can be wrong with a checkpoint, in words that say what to do next. */

import type { CheckpointKey } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import { titleOf } from "./key.ts";

/** Never silently from now: whoever begins anew says from when. */
export const BEGIN_ANEW = "begin anew from a time that you name: `kube-audit run --start-from TIME`";

export function conflictError(key: CheckpointKey): CollectorError {
	return new CollectorError("CHECKPOINT_CONFLICT", `somebody else saved ${titleOf(key)}: let one collector own it, and stop the other`);
}

/** `place` is where the store keeps it, without credentials. */
export function damagedError(key: CheckpointKey, place: string, what: string): CollectorError {
	return new CollectorError("CONFIG_INVALID", `${titleOf(key)} in ${place} is damaged (${what}): restore it from a copy, or ${BEGIN_ANEW}`);
}

/** Of one that a later release wrote: reading it as if it were older could skip events. */
export function newerError(place: string): CollectorError {
	return new CollectorError("CONFIG_INVALID", `${place} was written by a newer kube-audit: update this one, or ${BEGIN_ANEW}`);
}

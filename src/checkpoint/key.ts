/** What a checkpoint is called: in a table, in an object store, and in words. */

import { createHash } from "node:crypto";
import type { CheckpointKey } from "../contract/checkpoint.ts";

/** Characters of one part of an object's name; stores allow 1,024 bytes for the whole. */
const PART_CHARACTERS_MAX = 200;
const CUT_CHARACTERS = 100;

/** Different for different keys. JSON also tells apart strings that have no UTF-8, which a database would not. */
export function rowNameOf({ source, scope, tier }: CheckpointKey): string {
	return JSON.stringify([source, scope, tier]);
}

/**
 * `<source>/<scope>/<tier>.json`, percent-encoded, at most 420 ASCII characters. Different for different keys:
 * what is too long, empty or has no UTF-8 bears a `~`, which the encoding never gives, and a SHA-256 of all of it.
 */
export function objectNameOf({ source, scope, tier }: CheckpointKey): string {
	return `${partOf(source)}/${partOf(scope)}/${tier}.json`;
}

function partOf(text: string): string {
	const encoded = percentEncoded(text);
	if (text !== "" && text.isWellFormed() && encoded.length <= PART_CHARACTERS_MAX) return encoded;
	const hash = createHash("sha256").update(Buffer.from(text, "utf16le")).digest("hex");
	return `${encoded.slice(0, CUT_CHARACTERS)}~${hash}`;
}

/** Keeps only what every store, proxy and console leaves alone; a part of dots alone would be a step up in a path. */
function percentEncoded(text: string): string {
	const safe = text.replace(/[^A-Za-z0-9_.-]/gu, (character) => {
		return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
	});
	return safe.replace(/^\.+/, (dots) => "%2E".repeat(dots.length));
}

/** For messages. */
export function titleOf({ source, scope, tier }: CheckpointKey): string {
	return `the checkpoint of source ${JSON.stringify(source)}, scope ${JSON.stringify(scope)}${tier === "memory" ? " (what was seen lately)" : ""}`;
}

/** The byte order mark, which editors on Windows put before a text. */

const MARK = [0xef, 0xbb, 0xbf];
export const MARK_BYTES = MARK.length;

/** Bytes of the mark that the text begins with: 3 or 0. */
export function markLength(text: Uint8Array): number {
	return MARK.every((byte, i) => text[i] === byte) ? MARK_BYTES : 0;
}

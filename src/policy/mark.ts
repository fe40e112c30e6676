/** What stands in the place of a value that was replaced. */

import { createHmac } from "node:crypto";

/** Gives what to write for a value; equal values give equal marks. */
export type Mark = (original: string) => string;

const REDACTED = "[REDACTED]";
const MARKS = /^(?:\[REDACTED\]|hmac-sha256:[0-9a-f]{32})$/;
const HEX_LENGTH = 32;

export function createMark(hmacKey: string | Uint8Array | undefined): Mark {
	if (hmacKey === undefined) return () => REDACTED;
	return (original) => `hmac-sha256:${createHmac("sha256", hmacKey).update(original, "utf8").digest("hex").slice(0, HEX_LENGTH)}`;
}

/** Whether the text is a mark already: redacting twice changes nothing more. */
export function isMark(text: string): boolean {
	return MARKS.test(text);
}

/** Decodes an audit event that an envelope carries as a JSON string. */

import type { Repair } from "../contract/decode.ts";
import type { Unquoted } from "../json/quoted.ts";
import { type AuditText, decodeAuditText } from "./decode-text.ts";

/** Decodes the text inside the string; what the string itself could not carry is reported with `quoted` as the original. */
export function decodeQuotedAudit(unquoted: Unquoted, quoted: Uint8Array): AuditText {
	const decoded = decodeAuditText(unquoted.bytes);
	if (decoded.kind !== "event" || unquoted.what.length === 0) return decoded;
	const what: Repair["what"] = [...new Set([...unquoted.what, ...(decoded.repaired?.what ?? [])])];
	return { ...decoded, repaired: { what, original: quoted } };
}

/** Turns one record of a stored audit log into its outcome, deciding by what it looks like: lines of one file differ. */

import { decodeQuotedAudit } from "../../src/audit/decode-quoted.ts";
import { type AuditText, decodeAuditText } from "../../src/audit/decode-text.ts";
import type { Decode, Decoded, Envelope } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { trimJson } from "../../src/json/scan.ts";
import { parseOrNone } from "../../src/json/value.ts";
import { decodeLegacy, legacyTime } from "./legacy.ts";
import { isServerText } from "./server-text.ts";
import { openShipped } from "./shipper.ts";

/** JSON events, lines of the legacy format, a shipper's envelope around either; klog and stack traces are skipped. */
export const decode: Decode = (record) => {
	if (record.error !== undefined) return { kind: "bad", error: record.error };
	const decoded = decodeLine(trimJson(record.body));
	if (decoded.kind !== "event" || record.envelope === undefined) return decoded;
	return { ...decoded, envelope: mergeEnvelopes(criEnvelope(record.envelope), decoded.envelope) };
};

function decodeLine(line: Uint8Array): Decoded {
	if (line[0] !== OPEN_BRACE) return decodeText(line);
	const direct = decodeAuditText(line);
	if (direct.kind === "event") return outcome(direct);
	const shipped = openShipped(line);
	if (shipped === undefined) return direct;
	const inner =
		trimJson(shipped.line.bytes)[0] === OPEN_BRACE
			? outcome(decodeQuotedAudit(shipped.line, shipped.quoted))
			: decodeText(trimJson(shipped.line.bytes));
	return inner.kind === "event" ? { ...inner, envelope: shipped.envelope, origin: shipped.origin } : inner;
}

const NO_ENVELOPE: Envelope = {};
const NOT_INFERRED: readonly string[] = [];

function outcome(decoded: AuditText): Decoded {
	return decoded.kind === "event" ? { ...decoded, envelope: NO_ENVELOPE, inferred: NOT_INFERRED } : decoded;
}

function decodeText(line: Uint8Array): Decoded {
	if (legacyTime(line) !== undefined) return decodeLegacy(line);
	if (isServerText(line)) return { kind: "skip", reason: "other-log" };
	if (isJson(line)) return { kind: "skip", reason: "not-an-audit-event" };
	return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", "the line is neither JSON nor anything that kube-apiserver writes") };
}

const JSON_BEGINS = /^["[\-0-9tfn]/;

function isJson(line: Uint8Array): boolean {
	return JSON_BEGINS.test(String.fromCharCode(line[0] ?? 0)) && parseOrNone(line) !== undefined;
}

/** The container runtime's time and stream, which framing took from the line's beginning. */
function criEnvelope({ time, stream }: NonNullable<RawRecord["envelope"]>): Envelope {
	if (typeof time !== "string" || typeof stream !== "string") return {};
	return { loggedTime: time, rest: { stream } };
}

/** The inner envelope is nearer to the event, so its time wins; the outer one is then kept beside it. */
function mergeEnvelopes(outer: Envelope, inner: Envelope): Envelope {
	if (outer.loggedTime === undefined) return inner;
	const kept: JsonObject = inner.loggedTime === undefined ? {} : { time: outer.loggedTime };
	return { ...outer, ...inner, rest: { ...inner.rest, ...outer.rest, ...kept } };
}

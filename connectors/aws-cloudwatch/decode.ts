/** Turns one log event of CloudWatch Logs into its outcome: an audit event, another component's line, or neither. */

import { decodeQuotedAudit } from "../../src/audit/decode-quoted.ts";
import type { Decode, Decoded } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import type { Origin, RawRecord } from "../../src/contract/record.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { skipSpace, trimJson } from "../../src/json/scan.ts";
import { type Entry, plainMessage } from "./entry.ts";
import { readExport } from "./export-line.ts";
import { readRow } from "./insights.ts";
import { readLive } from "./live-record.ts";
import { readLogEvent } from "./log-event.ts";
import { commonOrigin, isEksGroup } from "./origin.ts";

/**
 * One log group holds the streams of all control-plane components. `kube-apiserver-` would not do: that is the
 * API server's own klog, whose name the audit streams begin with.
 */
export const AUDIT_STREAM = "kube-apiserver-audit-";
const COMPONENT_STREAM = /^(?:kube-apiserver|authenticator|kube-controller-manager|kube-scheduler|cloud-controller-manager)-/;
const OTHER_LOG: Decoded = { kind: "skip", reason: "other-log" };

/** Decodes what framing cut, what was pulled, or a record whose body is a bare message. */
export const decode: Decode = (record) => {
	if (record.error !== undefined) return { kind: "bad", error: record.error };
	const shape = record.envelope?.["shape"];
	if (shape === "control") return { kind: "skip", reason: "control-message" };
	const entry = (shape === "live" ? readLive(record) : readEntryOf({ ...record, body: trimJson(record.body) }, shape)) ?? bareEntry(record);
	const origin = { ...record.origin, ...entry.origin };
	const isEks = isOfEks(origin);
	const stream = origin.logSource;
	if (isEks && stream !== undefined && !stream.startsWith(AUDIT_STREAM)) return OTHER_LOG;
	const decoded = decodeEntry(entry, stream !== undefined);
	if (decoded.kind !== "event") return isEks ? decoded : OTHER_LOG;
	return { ...decoded, origin: { ...commonOrigin(isEks), ...origin } };
};

/** The group says so or, where only the stream is known, its name; a record that says neither is taken for EKS. */
function isOfEks({ logName, logSource }: Partial<Origin>): boolean {
	return isEksGroup(logName) ?? (logSource === undefined || COMPONENT_STREAM.test(logSource));
}

function readEntryOf({ body, envelope }: RawRecord, shape: unknown): Entry | undefined {
	if (shape === "log-event") return readLogEvent(body, envelope?.["header"] as JsonObject | undefined);
	if (shape === "row") return readRow(body);
	return shape === "export" ? readExport(body) : undefined;
}

function bareEntry({ body }: RawRecord): Entry {
	return { ...plainMessage(body), envelope: {}, origin: {} };
}

function decodeEntry({ message, slice, envelope }: Entry, isAuditStream: boolean): Decoded {
	const start = skipSpace(message.bytes, 0);
	if (message.bytes[start] !== OPEN_BRACE) return isAuditStream ? textInAuditStream() : OTHER_LOG;
	const decoded = decodeQuotedAudit(message, slice);
	return decoded.kind === "event" ? { ...decoded, envelope, inferred: [] } : decoded;
}

function textInAuditStream(): Decoded {
	return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", "a message of an audit stream is no JSON object") };
}

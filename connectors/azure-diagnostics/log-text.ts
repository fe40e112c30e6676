/** Decides what a log line is: an audit event, the beginning of one, another component's text, or something broken. */

import { type AuditText, decodeAuditText } from "../../src/audit/decode-text.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { textOf, trimJson } from "../../src/json/scan.ts";
import { malformed } from "./record-text.ts";

/** What the record says of the line. */
export interface LogHints {
	readonly category: string | undefined;
	/** Audit events come on "stdout", klog on "stderr". */
	readonly stream: string | undefined;
}

const HEAD_BYTES = 512;

/** A klog header, the continuation lines that it drags along (one record each), logfmt. */
const TEXT_LOG = /^(?:[IWEF]\d{4} \d\d:\d\d:\d\d|[ \t]|Trace\[|---|goroutine \d|panic: |created by |time=|ts=|level=)/;

/**
 * Reads a log line. The content decides and not the category, since whole audit logs have been delivered
 * under kube-apiserver (github.com/Azure/AKS/issues/4750); the category helps only where the content says nothing.
 */
export function readLogText(line: Uint8Array, hints: LogHints): AuditText {
	const trimmed = trimJson(line);
	if (trimmed[0] !== OPEN_BRACE)
		return isOtherText(line, trimmed, hints) ? OTHER_LOG : { kind: "bad", error: malformed("its log line is no event") };
	const audit = decodeAuditText(trimmed);
	if (audit.kind !== "bad" || isAuditCategory(hints.category) || beginsLikeEvent(trimmed)) return audit;
	return OTHER_LOG;
}

/** Whether a category carries audit events by its name; a record that names none might. */
export function isAuditCategory(category: string | undefined): boolean {
	return category === undefined || category.toLowerCase().startsWith("kube-audit");
}

const OTHER_LOG: AuditText = { kind: "skip", reason: "other-log" };

function isOtherText(line: Uint8Array, trimmed: Uint8Array, { category, stream }: LogHints): boolean {
	if (!isAuditCategory(category) || stream === "stderr" || trimmed.length === 0) return true;
	return TEXT_LOG.test(textOf(line.subarray(0, HEAD_BYTES)));
}

function beginsLikeEvent(text: Uint8Array): boolean {
	return /"(?:audit\.k8s\.io\/|auditID")/.test(textOf(text.subarray(0, HEAD_BYTES)));
}

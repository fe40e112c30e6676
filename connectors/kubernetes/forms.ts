/** How the stored forms of native audit logs are told from one another and from everybody else's files. */

import type { Form, Sniff } from "../../src/contract/connector.ts";
import { sniff } from "../../src/framing/sniff.ts";
import { scanObject } from "../../src/json/scan.ts";
import { looksLikeEvent, looksLikeEventOnLine } from "./recognise.ts";

/** The most specific first; `audit-log` takes what looks like events on lines and nothing more. */
export const forms: readonly Form[] = [
	{ name: "legacy", summary: "--audit-log-format=legacy: a line of text per event", matches: ({ text }) => LEGACY.test(text) },
	{ name: "event-list", summary: "webhook bodies: one EventList, one per line, concatenated or indented", matches: isEventList },
	{ name: "json", summary: "events as a JSON array, indented or concatenated documents; an array of EventLists", matches: isDocuments },
	{ name: "audit-log", summary: "JSON lines: audit.log, node logs, container logs, a shipper's envelope", matches: isAuditLog },
];

const LEGACY = /^(?:\S{20,40} std(?:out|err) [FP] )?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,16} AUDIT: id="/m;

function isEventList(seen: Sniff): boolean {
	return !seen.inArray && isList(seen);
}

function isList({ first, keys, text }: Sniff): boolean {
	const { kind, apiVersion } = first ?? {};
	if (kind !== undefined || apiVersion !== undefined)
		return kind === "EventList" && typeof apiVersion === "string" && apiVersion.startsWith("audit.k8s.io/");
	// Of a list whose `items` come first and are long, neither is seen.
	const opening = keys.size === 1 ? /^\s*\[?\s*\{\s*"items"\s*:\s*\[/.exec(text) : null;
	return opening !== null && looksLikeEvent(sniff(Buffer.from(text.slice(opening[0].length))));
}

function isDocuments(seen: Sniff): boolean {
	if (seen.inArray) return looksLikeEvent(seen) || isList(seen);
	return looksLikeEvent(seen) && (isIndented(seen.text) || isConcatenated(seen.text));
}

/** Whoever indents JSON ends the line after the first brace; a compact event that lost its end has no line end there. */
function isIndented(text: string): boolean {
	return /^\s*\{[ \t]*\r?\n/.test(text);
}

/** Another document begins on the line on which the first one ends. */
function isConcatenated(text: string): boolean {
	const bytes = Buffer.from(text.trimStart());
	const { state, end } = scanObject(bytes);
	return state === "whole" && /^[ \t]*\{/.test(bytes.toString("utf8", end, end + 8));
}

/** Other text may come first, such as klog: it is enough that one of the lines looks like an event. */
function isAuditLog({ inArray, text }: Sniff): boolean {
	return !inArray && text.split("\n").some(looksLikeEventOnLine);
}

/** The stored forms of log entries, told by content: what an entry, a row, a message and a CloudEvent look like. */

import type { Form, Sniff } from "../../src/contract/connector.ts";
import { isObject } from "../../src/json/value.ts";
import { ROW_PAYLOAD } from "./bigquery.ts";

const AUDIT_EVENT = /"type"\s*:\s*"google\.cloud\.audit\.log\./;
const ENTRY_TEXT = /"(?:logName|protoPayload|insertId)"\s*:/;
const MESSAGE_TEXT = /"(?:data|messageId|message_id|publishTime)"\s*:/;
/** An Any begins with its type; LogEntryData of Eventarc has none. */
const TYPED_PAYLOAD = /"protoPayload"\s*:\s*\{\s*"@type"/;
const PAYLOADS = ["protoPayload", "textPayload", "jsonPayload"];
const MARKS = ["insertId", "logName", "resource", "timestamp"];

/** The most specific first. */
export const FORMS: readonly Form[] = [
	{ name: "bigquery", summary: "rows of a BigQuery sink's table, one a line or in an array", matches: ({ keys }) => keys.has(ROW_PAYLOAD) },
	{ name: "eventarc", summary: "Eventarc CloudEvents, structured, or their LogEntryData alone", matches: isEventarc },
	{ name: "pubsub", summary: "Pub/Sub messages, pulled or pushed", matches: isPubSub },
	{ name: "log-entries", summary: "log entries: Cloud Storage files, gcloud logging read, pages of entries.list", matches: isLogEntries },
];

function isEventarc(sniff: Sniff): boolean {
	if (sniff.keys.has("specversion")) return AUDIT_EVENT.test(sniff.text);
	return sniff.keys.has("protoPayload") && isEntry(sniff) && !hasTypedPayload(sniff);
}

function hasTypedPayload({ first, text }: Sniff): boolean {
	const payload = first?.["protoPayload"];
	return isObject(payload) ? Object.hasOwn(payload, "@type") : TYPED_PAYLOAD.test(text);
}

function isPubSub({ keys, text }: Sniff): boolean {
	if (keys.has("receivedMessages")) return true;
	return keys.has("message") && (keys.has("subscription") || keys.has("ackId")) && MESSAGE_TEXT.test(text);
}

function isLogEntries(sniff: Sniff): boolean {
	const { keys, text } = sniff;
	if (isEntry(sniff)) return true;
	if (keys.has("entries")) return ENTRY_TEXT.test(text) || keys.has("nextPageToken");
	return keys.size === 1 && keys.has("nextPageToken");
}

/** Two marks of an entry and a payload; or a log name with two marks, if the payload is not in sight. */
function isEntry({ keys }: Sniff): boolean {
	const marks = MARKS.filter((key) => keys.has(key)).length;
	return marks >= 2 && (keys.has("logName") || PAYLOADS.some((key) => keys.has(key)));
}

/** How the stored forms of CloudWatch Logs are told from one another and from everybody else's files. */

import { constants, gunzipSync } from "node:zlib";
import type { Form, Sniff } from "../../src/contract/connector.ts";
import { compressionOf } from "../../src/framing/inflate.ts";
import { sniff } from "../../src/framing/sniff.ts";
import { exportTime } from "./export-line.ts";

/** The most specific first; `messages` takes only what shows that it went through EKS. */
export const forms: readonly Form[] = [
	{ name: "subscription", summary: "subscription documents, plain or as base64 of gzip; Firehose objects in S3", matches: isSubscription },
	{ name: "lambda", summary: "the event of a Lambda subscription: {awslogs:{data}}", matches: ({ keys }) => keys.has("awslogs") },
	{ name: "kinesis", summary: "a Kinesis event of a Lambda: Records[].kinesis.data", matches: isKinesis },
	{ name: "firehose", summary: "a request to a Firehose HTTP endpoint, or a Firehose transformation event", matches: isFirehose },
	{ name: "log-events", summary: "pages of FilterLogEvents or GetLogEvents, or their events alone", matches: isLogEvents },
	{ name: "insights", summary: "GetQueryResults of Logs Insights, or the console's JSON export", matches: isInsights },
	{ name: "export", summary: "text of an export task: <time> <message>", matches: isExport },
	{ name: "messages", summary: "bare messages: Firehose message extraction, events that a data lake stored anew", matches: isMessages },
];

function isSubscription(seen: Sniff): boolean {
	return isDocument(seen) || isDocument(sniff(unpackBeginning(seen.text)));
}

function isDocument({ keys, first }: Sniff): boolean {
	const type = first?.["messageType"];
	if (type === "DATA_MESSAGE" || type === "CONTROL_MESSAGE") return true;
	return keys.has("logEvents") && (keys.size === 1 || keys.has("logGroup") || keys.has("messageType"));
}

const PACKED_CHARACTERS_MAX = 4096;

/** The beginning of what base64 text of gzip holds; empty if the text is something else. */
function unpackBeginning(text: string): Uint8Array {
	const packed = /^\s*([A-Za-z0-9+/]{8,4096})/.exec(text.slice(0, PACKED_CHARACTERS_MAX + 8))?.[1] ?? "";
	const bytes = Buffer.from(packed, "base64");
	if (compressionOf(bytes) !== "gzip") return new Uint8Array(0);
	try {
		return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 8 * 1024 * 1024 });
	} catch {
		return new Uint8Array(0);
	}
}

function isKinesis({ keys, text }: Sniff): boolean {
	return keys.has("Records") && /"kinesis"\s*:\s*\{/.test(text) && /"data"\s*:\s*"/.test(text);
}

const FIREHOSE_KEYS = ["requestId", "invocationId", "deliveryStreamArn"];

function isFirehose({ keys, text }: Sniff): boolean {
	if (!keys.has("records")) return false;
	const record = elementOf(text, "records");
	return record === undefined ? FIREHOSE_KEYS.some((key) => keys.has(key)) : record.keys.has("data");
}

const PAGE_KEYS = ["searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"];
const EVENT_KEYS = ["logStreamName", "ingestionTime", "eventId", "id"];

function isLogEvents({ keys, text }: Sniff): boolean {
	if (keys.has("events")) {
		const event = elementOf(text, "events");
		return event === undefined ? PAGE_KEYS.some((key) => keys.has(key)) : isLogEvent(event);
	}
	return isLogEvent({ keys });
}

function isLogEvent({ keys }: Pick<Sniff, "keys">): boolean {
	return keys.has("message") && keys.has("timestamp") && EVENT_KEYS.some((key) => keys.has(key));
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html */
const QUERY_STATUS = /^(?:Scheduled|Running|Complete|Failed|Cancelled|Timeout|Unknown)$/;

function isInsights({ keys, text, first }: Sniff): boolean {
	if (!keys.has("results")) return keys.has("@message");
	const field = /"results"\s*:\s*\[\s*\[\s*(?=\{)/.exec(text);
	if (field === null) return /"results"\s*:\s*\[\s*\]/.test(text) && QUERY_STATUS.test(String(first?.["status"]));
	const cell = sniff(Buffer.from(text.slice(field.index + field[0].length)));
	return cell.keys.has("field") && cell.keys.has("value");
}

/** What the first element of a member's array begins with; undefined if the array is empty or holds no objects. */
function elementOf(text: string, key: string): Sniff | undefined {
	const opening = new RegExp(`"${key}"\\s*:\\s*\\[\\s*(?=\\{)`).exec(text);
	return opening === null ? undefined : sniff(Buffer.from(text.slice(opening.index + opening[0].length)));
}

/** The file by which AWS tries the bucket. */
const WRITE_TEST = /^Permission Check Successful\s*$/;
const KLOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d/;

function isExport({ text }: Sniff): boolean {
	if (WRITE_TEST.test(text)) return true;
	return text.split("\n").some((line) => {
		const time = exportTime(Buffer.from(line.slice(0, 40)));
		const message = time === undefined ? "" : line.slice(time.length + 1);
		return KLOG.test(message) || (message.startsWith("{") && isAuditEvent(sniff(Buffer.from(message))));
	});
}

const isAuditEvent = ({ keys }: Sniff): boolean => keys.has("auditID") && ["verb", "requestURI", "stage"].some((key) => keys.has(key));

/** Identities that aws-iam-authenticator gives, and users that only EKS has. */
const EKS_MARK = /"(?:aws-iam-authenticator|heptio-authenticator-aws):\d{12}:|"username":\s*"eks:/;

function isMessages(seen: Sniff): boolean {
	if (!isAuditEvent(seen)) return false;
	const isStoredAnew = seen.first?.["p_log_type"] === "Amazon.EKS.Audit" || String(seen.first?.["stageTimestamp"]).includes(" ");
	return isStoredAnew || (!seen.inArray && EKS_MARK.test(seen.text));
}

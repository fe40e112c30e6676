/** Takes the log entry out of what a way in wraps around it: a Pub/Sub message or a CloudEvent. */

import { CollectorError } from "../../src/contract/errors.ts";
import type { JsonObject } from "../../src/contract/json.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { OPEN_BRACE, QUOTE } from "../../src/json/bytes.ts";
import { unquote } from "../../src/json/quoted.ts";
import { restOf } from "../../src/json/rest.ts";
import { CUT, type Member, type Scan, scanObject, textOf } from "../../src/json/scan.ts";
import { nanosOf } from "./time.ts";

const BASE_64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const AUDIT_EVENT = "google.cloud.audit.log.";
/** Only the REST reply of a pull has it, and it is of no use once the message is acknowledged. */
const ACK_ID = "ackId";
const TIME_KEYS: ReadonlySet<string> = new Set(["publishTime", "publish_time"]);
const MESSAGE_KEYS: ReadonlySet<string> = new Set([...TIME_KEYS, "messageId", "message_id"]);
const NANOS_PER_MS = 1_000_000n;

/**
 * A Pub/Sub message, pushed (`message`, `subscription`) or pulled (`ackId`, `message`), with its decoded `data` as body.
 * An unwrapped delivery, which is the entry itself, is left as it is. A message that is cut gives what came of the entry.
 */
export function openMessage(record: RawRecord): RawRecord {
	const outer = scanObject(record.body);
	const wrapped = outer.members.findLast(({ key, start }) => key === "message" && record.body[start] === OPEN_BRACE);
	if (wrapped === undefined && !outer.members.some(({ key }) => MESSAGE_KEYS.has(key))) return record;
	const message = wrapped === undefined ? outer : scanObject(record.body, wrapped.start);
	const around = wrapped === undefined ? undefined : restOf(record.body, outer.members, (key) => key === "message" || key === ACK_ID);
	const inside = restOf(record.body, message.members, (key) => key === "data");
	const body = decodedMember(record.body, message, "data");
	if (body === undefined) return broken(record, "the data of a Pub/Sub message is no base64 text");
	const loggedTimeMs = publishedMs(record.body, message);
	return {
		...record,
		body,
		envelope: { delivery: { pubsub: { ...around, ...(inside === undefined ? {} : { message: inside }) } } },
		...(loggedTimeMs === undefined ? {} : { loggedTimeMs }),
	};
}

/** A CloudEvent in structured mode with its `data` as body; anything else, LogEntryData of binary mode too, is left as it is. */
export function openCloudEvent(record: RawRecord): RawRecord {
	const { members } = scanObject(record.body);
	const type = members.findLast(({ key }) => key === "type");
	const isAudit = type !== undefined && type.end !== CUT && stringOf(record.body, type)?.startsWith(AUDIT_EVENT) === true;
	if (!isAudit || !members.some(({ key }) => key === "specversion")) return record;
	const plain = members.findLast(({ key }) => key === "data");
	const body = plain === undefined ? decodedMember(record.body, { members }, "data_base64") : plainMember(record.body, plain);
	if (body === undefined) return broken(record, "the data of a CloudEvent is neither JSON nor base64 text");
	const cloudEvent = restOf(record.body, members, (key) => key === "data" || key === "data_base64");
	return { ...record, body, envelope: { delivery: { cloudEvent: cloudEvent ?? {} } satisfies JsonObject } };
}

function plainMember(bytes: Uint8Array, member: Member): Uint8Array | undefined {
	const value = valueBytes(bytes, member);
	return value[0] === QUOTE ? unquote(value)?.bytes : value;
}

/** The bytes that a member says in base64; none at all if there is no such member. */
function decodedMember(bytes: Uint8Array, { members }: Pick<Scan, "members">, key: string): Uint8Array | undefined {
	const member = members.findLast((candidate) => candidate.key === key);
	if (member === undefined) return new Uint8Array(0);
	const quoted = unquote(valueBytes(bytes, member));
	const text = quoted === undefined ? "" : textOf(quoted.bytes);
	return quoted === undefined || !BASE_64.test(text) ? undefined : Buffer.from(text, "base64");
}

function valueBytes(bytes: Uint8Array, { start, end }: Member): Uint8Array {
	return bytes.subarray(start, end === CUT ? bytes.length : end);
}

function stringOf(bytes: Uint8Array, member: Member): string | undefined {
	const text = unquote(valueBytes(bytes, member));
	return text === undefined ? undefined : textOf(text.bytes);
}

function publishedMs(bytes: Uint8Array, { members }: Scan): number | undefined {
	const member = members.find(({ key, end }) => TIME_KEYS.has(key) && end !== CUT);
	const nanos = member === undefined ? undefined : nanosOf(stringOf(bytes, member) ?? "");
	return nanos === undefined ? undefined : Number(nanos / NANOS_PER_MS);
}

function broken(record: RawRecord, what: string): RawRecord {
	return { ...record, error: new CollectorError("RECORD_MALFORMED", `${what}: look at what the topic is fed with`) };
}

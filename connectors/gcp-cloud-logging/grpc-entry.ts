/** Writes an entry that came over gRPC as the JSON text that REST would have given. */

import { isObject } from "../../src/json/value.ts";
import { AUDIT_LOG, AUDIT_LOG_TYPE } from "./audit-log-fields.ts";
import { readMessage } from "./protobuf.ts";
import { rfc3339Of } from "./time.ts";

type Members = Readonly<Record<string, unknown>>;

/** The fields of google.logging.v2.LogEntry that audit entries have; the order is that of the alphabet, as the API has it. */
const FIELDS: readonly (readonly [name: string, read: (value: unknown) => unknown])[] = [
	["insertId", said],
	["jsonPayload", undecoded],
	["labels", labelsOf],
	["logName", said],
	["operation", partsOf],
	["protoPayload", payloadOf],
	["receiveTimestamp", timeOf],
	["resource", partsOf],
	["severity", (value) => (value === "DEFAULT" || value === 0 ? undefined : said(value))],
	["sourceLocation", partsOf],
	["spanId", said],
	["split", partsOf],
	["textPayload", said],
	["timestamp", timeOf],
	["trace", said],
	["traceSampled", said],
];

/**
 * The JSON text of an entry, as the library hands it over with its defaults filled in: what is zero or empty is left out, as in
 * JSON. A payload that cannot be read stays bytes, in base64, so that decoding says so.
 */
export function entryText(entry: unknown): Uint8Array {
	const value: Members = isObject(entry) ? entry : {};
	const members = FIELDS.map(([name, read]) => [name, read(value[name])] as const);
	return Buffer.from(JSON.stringify(Object.fromEntries(members.filter(([, member]) => member !== undefined))));
}

function said(value: unknown): unknown {
	return value === "" || value === 0 || value === "0" || value === false || value === null ? undefined : value;
}

function labelsOf(value: unknown): unknown {
	return isObject(value) && Object.keys(value).length > 0 ? value : undefined;
}

function partsOf(value: unknown): unknown {
	if (!isObject(value)) return undefined;
	const members = Object.entries(value).map(([name, member]) => [name, isObject(member) ? labelsOf(member) : said(member)] as const);
	return Object.fromEntries(members.filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Such entries are no audit entries: what they say is not looked at. */
function undecoded(value: unknown): unknown {
	return isObject(value) ? {} : undefined;
}

function timeOf(value: unknown): unknown {
	if (!isObject(value)) return undefined;
	const { seconds, nanos } = value;
	if (!/^-?\d{1,15}$/.test(String(seconds))) return undefined;
	return rfc3339Of(BigInt(String(seconds)), Number(nanos));
}

function payloadOf(value: unknown): unknown {
	if (!isObject(value)) return undefined;
	const { type_url: type, value: bytes } = value;
	const message = type === AUDIT_LOG_TYPE && bytes instanceof Uint8Array ? readMessage(bytes, AUDIT_LOG) : undefined;
	if (message === undefined)
		return { type_url: type, value: bytes instanceof Uint8Array ? Buffer.from(bytes).toString("base64") : undefined };
	return { "@type": type, ...message };
}

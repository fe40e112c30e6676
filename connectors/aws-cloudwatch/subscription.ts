/** Opens a subscription document: a header that says where, and the log events of one stream. */

import type { Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { boundedRecord } from "../../src/framing/oversize.ts";
import { OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanElements } from "../../src/json/elements.ts";
import { restOf } from "../../src/json/rest.ts";
import type { Member, Scan } from "../../src/json/scan.ts";
import { type Shape, stringOf } from "./entry.ts";
import { originOf } from "./origin.ts";

/** What the delivery around a document says of it. */
export interface Delivery {
	readonly region?: string | undefined;
	readonly partition?: string | undefined;
}

const EVENTS = "logEvents";
const PLACES: ReadonlySet<string> = new Set([EVENTS, "logGroup", "logStream"]);

/** Whether an object is a subscription document, whole or cut, in any order of its members. */
export function isSubscription(members: readonly Member[]): boolean {
	return members.some(({ key }) => key === EVENTS) || ["messageType", "logGroup"].every((name) => members.some(({ key }) => key === name));
}

/** The document's log events, each with the header; a health check is one record. Of a cut document, what came of it. */
export function* openSubscription(document: RawRecord, scan: Scan, limits: Limits, delivery: Delivery): Generator<RawRecord> {
	const { body } = document;
	const type = stringOf(body, scan.members, "messageType");
	const lists = scan.members.filter(({ key, start }) => key === EVENTS && body[start] === OPEN_BRACKET);
	if (type === "CONTROL_MESSAGE") yield { ...document, envelope: { shape: "control" satisfies Shape } };
	else if (lists.length === 0) yield unreadable(document);
	else {
		const { origin, header } = readHeader(body, scan.members, type, delivery);
		const envelope = { shape: "log-event" satisfies Shape, ...(header === undefined ? {} : { header }) };
		let index = 0;
		for (const list of lists) {
			for (const [start, end] of scanElements(body, list.start, list.end < 0 ? body.length : list.end, limits.depthMax)) {
				const record = { id: `${document.id}/${index++}`, body: body.subarray(start, end) };
				yield { ...boundedRecord(record, limits.recordBytesMax), origin, envelope };
			}
		}
	}
}

/** A real header has some hundred bytes. It goes to every record, so that a large one would be multiplied. */
const HEADER_BYTES_MAX = 16 * 1024;

function readHeader(
	body: Uint8Array,
	members: readonly Member[],
	type: string | undefined,
	delivery: Delivery,
): { origin: NonNullable<RawRecord["origin"]>; header: ReturnType<typeof restOf> } {
	const origin = originOf({
		...delivery,
		account: stringOf(body, members, "owner"),
		logGroup: stringOf(body, members, "logGroup"),
		logStream: stringOf(body, members, "logStream"),
	});
	const isTaken = (key: string): boolean =>
		PLACES.has(key) || (key === "owner" && origin.account !== undefined) || (key === "messageType" && type === "DATA_MESSAGE");
	const sizeBytes = members.reduce((sum, { key, keyStart, end }) => (isTaken(key) || end < 0 ? sum : sum + end - keyStart), 0);
	return { origin, header: sizeBytes > HEADER_BYTES_MAX ? undefined : restOf(body, members, isTaken) };
}

/** The document itself, for quarantine. */
export function unreadable(document: RawRecord): RawRecord {
	const error = new CollectorError("RECORD_MALFORMED", "a delivery holds no readable subscription document");
	return { ...document, error: document.error ?? error };
}

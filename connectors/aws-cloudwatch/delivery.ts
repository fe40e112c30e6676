/** Unpacks what a subscription's ways wrap around its documents: base64, gzip, and the events of Lambda, Kinesis and Firehose. */

import type { Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { compressionOf, inflateWhole } from "../../src/framing/inflate.ts";
import { scanElements } from "../../src/json/elements.ts";
import { type Member, type Scan, scanObject, skipSpace, skipValue, textOf, trimJson } from "../../src/json/scan.ts";
import { type Shape, stringOf } from "./entry.ts";
import { placeOfArn } from "./origin.ts";
import { type Delivery, isSubscription, openSubscription, scanDocument, unreadable } from "./subscription.ts";

/** A delivery in a delivery in a delivery: nothing real is wrapped more often. */
const LAYERS_MAX = 3;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * The records in one piece of a stored delivery, page by page: a JSON document, or base64 text of a compressed one.
 * Documents that are no delivery are given back, for decoding to judge.
 */
export function* openDelivery(piece: RawRecord, limits: Limits, around: Delivery = {}, layer = 0): Generator<readonly RawRecord[]> {
	if (piece.body[0] !== OPEN_BRACE) {
		// Framing takes base64 for text that is no JSON; the length of such text is bounded like that of a document.
		const isPacked = piece.whole === undefined && compressionOf(base64(piece.body.subarray(0, 8))) !== undefined;
		if (isPacked && layer < LAYERS_MAX) yield* openData(piece.id, piece.body, limits, around, layer);
		else yield [piece];
		return;
	}
	if (piece.error !== undefined || layer === LAYERS_MAX) {
		yield [unreadable(piece)];
		return;
	}
	const scan = scanDocument(piece, limits);
	if (isSubscription(scan.members)) yield openSubscription(piece, scan, limits, around);
	else yield* openEvent(piece, scan, limits, around, layer);
}

function* openEvent(event: RawRecord, { members }: Scan, limits: Limits, around: Delivery, layer: number): Generator<readonly RawRecord[]> {
	const { body } = event;
	const place = { ...around, ...placeOf(body, members) };
	const named = (key: string): Member | undefined => members.find((member) => member.key === key);
	const lambda = named("awslogs");
	const records = named("Records") ?? named("records");
	if (lambda !== undefined) yield* openHolder(event, scanObject(body, lambda.start).members, limits, place, layer);
	else if (records !== undefined && body[records.start] === OPEN_BRACKET) {
		const end = records.end < 0 ? body.length : records.end;
		for (const [index, [from, to]] of scanElements(body, records.start, end, limits.depthMax).entries()) {
			const record = { id: `${event.id}/${index}`, body: body.subarray(from, to) };
			const { members: own } = scanDocument(record, limits);
			const kinesis = own.find(({ key }) => key === "kinesis");
			const holder = kinesis === undefined ? own : scanObject(record.body, kinesis.start).members;
			yield* openHolder(record, holder, limits, { ...place, ...placeOf(record.body, own) }, layer);
		}
	} else yield [{ ...event, envelope: { shape: "log-event" satisfies Shape } }];
}

/** Region and partition, where an event of Kinesis or Firehose says them. */
function placeOf(body: Uint8Array, members: readonly Member[]): Delivery {
	const arn = placeOfArn(stringOf(body, members, "eventSourceARN") ?? stringOf(body, members, "deliveryStreamArn"));
	const region = stringOf(body, members, "awsRegion") ?? stringOf(body, members, "region") ?? arn.region;
	return { ...(region === undefined ? {} : { region }), ...(arn.partition === undefined ? {} : { partition: arn.partition }) };
}

/** Opens the member `data` of the object whose members these are. */
function* openHolder(
	record: RawRecord,
	members: readonly Member[],
	limits: Limits,
	place: Delivery,
	layer: number,
): Generator<readonly RawRecord[]> {
	const data = stringOf(record.body, members, "data");
	if (data === undefined) yield [unreadable(record)];
	else yield* openData(record.id, Buffer.from(data, "latin1"), limits, place, layer, record);
}

function* openData(
	id: string,
	data: Uint8Array,
	limits: Limits,
	place: Delivery,
	layer: number,
	holder: RawRecord = { id, body: data },
): Generator<readonly RawRecord[]> {
	let bytes: Uint8Array;
	try {
		bytes = inflateWhole(base64(data), limits.documentBytesMax);
	} catch (error) {
		yield [
			{ ...holder, error: error instanceof CollectorError ? error : new CollectorError("RECORD_MALFORMED", "cannot inflate a delivery") },
		];
		return;
	}
	const documents = cutDocuments(bytes, limits.depthMax);
	if (documents === undefined || documents.length === 0) yield [unreadable(holder)];
	else
		for (const [index, body] of documents.entries())
			yield* openDelivery({ id: index === 0 ? id : `${id}/+${index}`, body }, limits, place, layer + 1);
}

function base64(text: Uint8Array): Uint8Array {
	return Buffer.from(textOf(text), "base64");
}

/** The JSON objects that lie one after the other in these bytes; the last may be cut. Undefined if something else does. */
function cutDocuments(bytes: Uint8Array, depthMax: number): readonly Uint8Array[] | undefined {
	const documents: Uint8Array[] = [];
	for (let at = skipSpace(bytes, 0); at < bytes.length; ) {
		if (bytes[at] !== OPEN_BRACE) return undefined;
		const end = skipValue(bytes, at, bytes.length, depthMax);
		documents.push(trimJson(bytes.subarray(at, end < 0 ? bytes.length : end)));
		at = end < 0 ? bytes.length : skipSpace(bytes, end);
	}
	return documents;
}

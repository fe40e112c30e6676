/** Unpacks what a subscription's ways wrap around its documents: base64, gzip, and the events of Lambda, Kinesis and Firehose. */

import type { Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { compressionOf, inflateWhole } from "../../src/framing/inflate.ts";
import { OPEN_BRACE, OPEN_BRACKET } from "../../src/json/bytes.ts";
import { scanElements } from "../../src/json/elements.ts";
import { type Member, scanObject, skipSpace, skipValue, textOf, trimJson } from "../../src/json/scan.ts";
import { type Shape, stringOf } from "./entry.ts";
import { placeOfArn } from "./origin.ts";
import { type Delivery, isSubscription, openSubscription, unreadable } from "./subscription.ts";

/** A delivery in a delivery in a delivery: nothing real is wrapped more often. */
const LAYERS_MAX = 3;
const MAGIC_CHARACTERS = 8;

/** What is known while a delivery is opened. */
interface Opening {
	readonly limits: Limits;
	readonly place: Delivery;
	readonly layer: number;
}

/**
 * The records in one piece of a stored delivery: a JSON document, or base64 text of a compressed one.
 * Documents that are no delivery are given back, for decoding to judge.
 */
export function openDelivery(piece: RawRecord, limits: Limits): Generator<RawRecord> {
	return openPiece(piece, { limits, place: {}, layer: 0 });
}

function* openPiece(piece: RawRecord, opening: Opening): Generator<RawRecord> {
	const isTooLarge = piece.whole !== undefined;
	if (!isTooLarge && opening.layer === LAYERS_MAX) yield unreadable(piece);
	else if (!isTooLarge && piece.body[0] === OPEN_BRACE) yield* openDocument(piece, opening);
	// Framing takes base64 for text that is no JSON.
	else if (!isTooLarge && compressionOf(base64(piece.body.subarray(0, MAGIC_CHARACTERS))) !== undefined)
		yield* openData(piece.body, { id: piece.id, body: piece.body }, opening);
	else yield piece;
}

function* openDocument(document: RawRecord, opening: Opening): Generator<RawRecord> {
	const { body } = document;
	const scan = scanObject(body, 0, body.length, opening.limits.depthMax);
	const { members, state } = scan;
	if (isSubscription(members) && state !== "broken" && state !== "deep") {
		yield* openSubscription(document, scan, opening.limits, opening.place);
		return;
	}
	const holders = members.filter(({ key }) => HOLDERS.has(key));
	if (holders.length === 0) yield { ...document, envelope: { shape: "log-event" satisfies Shape } };
	else if (state === "broken" || state === "deep") yield unreadable(document);
	else {
		const place = { ...opening.place, ...placeOf(body, members) };
		for (const holder of holders) yield* openHolder(document, holder, { ...opening, place });
	}
}

/** Where the events of Lambda, Kinesis and Firehose have what was delivered. */
const HOLDERS: ReadonlySet<string> = new Set(["awslogs", "Records", "records"]);

function* openHolder(event: RawRecord, holder: Member, opening: Opening): Generator<RawRecord> {
	const { body } = event;
	if (body[holder.start] !== OPEN_BRACKET) {
		yield* openRecord(event, scanObject(body, holder.start).members, opening);
		return;
	}
	let index = 0;
	for (const [from, to] of scanElements(body, holder.start, holder.end < 0 ? body.length : holder.end, opening.limits.depthMax)) {
		const record = { id: `${event.id}/${index++}`, body: body.subarray(from, to) };
		const { members } = scanObject(record.body);
		const kinesis = members.find(({ key }) => key === "kinesis");
		const place = { ...opening.place, ...placeOf(record.body, members) };
		yield* openRecord(record, kinesis === undefined ? members : scanObject(record.body, kinesis.start).members, { ...opening, place });
	}
}

/** Region and partition, where an event of Kinesis or Firehose says them. */
function placeOf(body: Uint8Array, members: readonly Member[]): Delivery {
	const arn = placeOfArn(stringOf(body, members, "eventSourceARN") ?? stringOf(body, members, "deliveryStreamArn"));
	const region = stringOf(body, members, "awsRegion") ?? stringOf(body, members, "region") ?? arn.region;
	return { ...(region === undefined ? {} : { region }), ...(arn.partition === undefined ? {} : { partition: arn.partition }) };
}

/** Opens the member `data` of the object whose members these are. */
function* openRecord(record: RawRecord, members: readonly Member[], opening: Opening): Generator<RawRecord> {
	const data = stringOf(record.body, members, "data");
	if (data === undefined) yield unreadable(record);
	else yield* openData(Buffer.from(data, "latin1"), record, opening);
}

function* openData(data: Uint8Array, record: RawRecord, opening: Opening): Generator<RawRecord> {
	const bytes = inflateData(data, opening.limits.documentBytesMax);
	if (bytes instanceof CollectorError) {
		yield { ...record, error: bytes };
		return;
	}
	let index = 0;
	for (const body of cutDocuments(bytes, opening.limits.depthMax)) {
		const id = index === 0 ? record.id : `${record.id}/+${index}`;
		index++;
		if (body[0] === OPEN_BRACE) yield* openPiece({ id, body }, { ...opening, layer: opening.layer + 1 });
		else yield unreadable({ id, body });
	}
	if (index === 0) yield unreadable(record);
}

function inflateData(data: Uint8Array, bytesMax: number): Uint8Array | CollectorError {
	try {
		return inflateWhole(base64(data), bytesMax);
	} catch (error) {
		return error instanceof CollectorError ? error : new CollectorError("RECORD_MALFORMED", "cannot inflate a delivery", { cause: error });
	}
}

function base64(text: Uint8Array): Uint8Array {
	return Buffer.from(textOf(text), "base64");
}

/** The JSON objects that lie one after the other in these bytes; where one is cut, or something else stands, all that is left. */
function* cutDocuments(bytes: Uint8Array, depthMax: number): Generator<Uint8Array> {
	for (let at = skipSpace(bytes, 0); at < bytes.length; ) {
		const end = bytes[at] === OPEN_BRACE ? skipValue(bytes, at, bytes.length, depthMax) : -1;
		yield trimJson(bytes.subarray(at, end < 0 ? bytes.length : end));
		at = end < 0 ? bytes.length : skipSpace(bytes, end);
	}
}

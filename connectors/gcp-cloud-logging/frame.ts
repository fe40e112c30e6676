/** Cuts stored deliveries into records, each of them the text of one log entry. */

import type { Frame } from "../../src/contract/connector.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import type { JsonStreamOptions } from "../../src/framing/json-cutter.ts";
import { frameJson } from "../../src/framing/json-stream.ts";
import { scanObject } from "../../src/json/scan.ts";
import { openCloudEvent, openMessage } from "./delivery.ts";

interface Shape {
	readonly stream: Omit<JsonStreamOptions, "recordBytesMax">;
	readonly open: (record: RawRecord) => RawRecord;
}

const asIs = (record: RawRecord): RawRecord => record;
const ENTRIES: Shape = { stream: { arrays: new Set(["entries"]), openElements: true }, open: asIs };

const SHAPES: ReadonlyMap<string, Shape> = new Map([
	["bigquery", { stream: {}, open: asIs }],
	["eventarc", { stream: {}, open: openCloudEvent }],
	["pubsub", { stream: { arrays: new Set(["receivedMessages"]), openElements: true }, open: openMessage }],
	["log-entries", ENTRIES],
]);
/** A page without entries is this, or nothing at all. */
const TOKEN_KEY = "nextPageToken";
const EMPTY_PAGE_BYTES_MAX = 16 * 1024;

/** Pages, lists and lines become single entries; pages without any vanish. Ids are offsets in the stream. */
export const frame: Frame = async function* (bytes, form, { recordBytesMax }) {
	const { stream, open } = SHAPES.get(form) ?? ENTRIES;
	for await (const page of frameJson(bytes, { ...stream, recordBytesMax })) {
		const records = page.filter((record) => !isEmptyPage(record)).map((record) => (record.error === undefined ? open(record) : record));
		if (records.length > 0) yield records;
	}
};

function isEmptyPage({ body, error }: RawRecord): boolean {
	if (error !== undefined || body.length > EMPTY_PAGE_BYTES_MAX) return false;
	const { members, state } = scanObject(body);
	return state === "whole" && members.every(({ key }) => key === TOKEN_KEY);
}

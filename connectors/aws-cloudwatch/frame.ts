/** Cuts what CloudWatch Logs returned, delivered or exported into log events. */

import type { Frame, Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { frameJson } from "../../src/framing/json-stream.ts";
import { frameLines } from "../../src/framing/lines.ts";
import { pagesOf } from "../../src/framing/pages.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { skipSpace, skipValue } from "../../src/json/scan.ts";
import { openDelivery } from "./delivery.ts";
import type { Shape } from "./entry.ts";
import { createExportJoin } from "./export-line.ts";

type Bytes = AsyncIterable<Uint8Array>;
type Pages = AsyncGenerator<readonly RawRecord[]>;

const FRAMES: Readonly<Record<string, (bytes: Bytes, limits: Limits) => Pages>> = {
	"log-events": (bytes, limits) => frameElements(bytes, limits, "events", "log-event"),
	insights: (bytes, limits) => frameElements(bytes, limits, "results", "row"),
	subscription: frameDeliveries,
	lambda: frameDeliveries,
	kinesis: frameDeliveries,
	firehose: frameDeliveries,
	export: frameExport,
	messages: frameMessages,
};

/** Large arrays of log events are streamed; deliveries are held one document at a time, text one line at a time. */
export const frame: Frame = (bytes, form, limits) => {
	const pages = Object.hasOwn(FRAMES, form) ? FRAMES[form] : undefined;
	if (pages === undefined)
		throw new CollectorError("CONFIG_INVALID", `aws-cloudwatch has no form "${form}": use ${Object.keys(FRAMES).join(", ")}`);
	return pages(bytes, limits);
};

function shaped(record: RawRecord, shape: Shape): RawRecord {
	return { ...record, envelope: { shape } };
}

/** Pages of an API are objects with one large array; without the page around it, that array, or its elements on lines. */
async function* frameElements(bytes: Bytes, { recordBytesMax }: Limits, array: string, shape: Shape): Pages {
	for await (const records of frameJson(bytes, { recordBytesMax, arrays: new Set([array]), openElements: true })) {
		yield records.map((record) => shaped(record, shape));
	}
}

async function* frameDeliveries(bytes: Bytes, limits: Limits): Pages {
	for await (const pieces of frameJson(bytes, { recordBytesMax: limits.documentBytesMax })) {
		for (const piece of pieces) yield* pagesOf(openDelivery(piece, limits), limits.batchRecordsMax);
	}
}

async function* frameExport(bytes: Bytes, { recordBytesMax }: Limits): Pages {
	const join = createExportJoin(recordBytesMax);
	for await (const lines of frameLines(bytes, recordBytesMax)) {
		yield lines.flatMap((line) => join.add(line) ?? []).map((record) => shaped(record, "export"));
	}
	const last = join.end();
	if (last !== undefined) yield [shaped(last, "export")];
}

async function* frameMessages(bytes: Bytes, { recordBytesMax, depthMax, batchRecordsMax }: Limits): Pages {
	for await (const lines of frameLines(bytes, recordBytesMax)) yield* pagesOf(cutLines(lines, depthMax), batchRecordsMax);
}

function* cutLines(lines: readonly RawRecord[], depthMax: number): Generator<RawRecord> {
	for (const line of lines) for (const record of cutLine(line, depthMax)) yield shaped(record, "text");
}

/** Firehose puts nothing between messages unless it is told to: several objects may stand on a line. */
function* cutLine(line: RawRecord, depthMax: number): Generator<RawRecord> {
	const { body, id } = line;
	let index = 0;
	let start = 0;
	for (let at = skipSpace(body, 0); line.error === undefined && body[at] === OPEN_BRACE; at = start) {
		const end = skipValue(body, at, body.length, depthMax);
		const next = end < 0 ? body.length : skipSpace(body, end);
		if (next >= body.length || body[next] !== OPEN_BRACE) break;
		yield { id: `${id}/${index++}`, body: body.subarray(at, end) };
		start = next;
	}
	yield index === 0 ? line : { id: `${id}/${index}`, body: body.subarray(start) };
}

/** Cuts stored audit logs into events: lines with their decoration undone, documents and lists into their elements. */

import type { Frame, Limits } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { frameJson } from "../../src/framing/json-stream.ts";
import { frameLines } from "../../src/framing/lines.ts";
import { pagesOf } from "../../src/framing/pages.ts";
import { OPEN_BRACE } from "../../src/json/bytes.ts";
import { type CriJoin, createCriJoin } from "./cri.ts";
import { openList } from "./event-list.ts";
import { WEBHOOK } from "./origin.ts";

type Bytes = AsyncIterable<Uint8Array>;
type Pages = AsyncGenerator<readonly RawRecord[]>;

const ITEMS: ReadonlySet<string> = new Set(["items"]);

/** `legacy` and `audit-log` are read line by line, `event-list` and `json` as JSON. */
export const frame: Frame = (bytes, form, limits) => {
	switch (form) {
		case "event-list":
			return frameLists(bytes, limits);
		case "json":
			return frameDocuments(bytes, limits);
		case "audit-log":
		case "legacy":
			return frameLog(bytes, limits);
		default:
			throw new CollectorError("CONFIG_INVALID", `kubernetes has no form "${form}": use legacy, event-list, json or audit-log`);
	}
};

async function* frameLists(bytes: Bytes, limits: Limits): Pages {
	const { recordBytesMax, batchRecordsMax } = limits;
	for await (const records of frameJson(bytes, { recordBytesMax, arrays: ITEMS })) {
		const items = records.map((record) => ({ ...record, origin: WEBHOOK }));
		yield* pagesOf(openAll(items, limits), batchRecordsMax);
	}
}

async function* frameDocuments(bytes: Bytes, limits: Limits): Pages {
	const { recordBytesMax, batchRecordsMax } = limits;
	for await (const records of frameJson(bytes, { recordBytesMax, arrays: ITEMS, openElements: true })) {
		yield* pagesOf(openAll(records, limits), batchRecordsMax);
	}
}

async function* frameLog(bytes: Bytes, limits: Limits): Pages {
	const cri = createCriJoin(limits);
	for await (const lines of frameLines(bytes, limits.recordBytesMax)) {
		yield* pagesOf(openAll(wholeLines(lines, cri), limits), limits.batchRecordsMax);
	}
	yield* pagesOf(openAll(cri.end().map(withoutNodeName), limits), limits.batchRecordsMax);
}

function* wholeLines(lines: readonly RawRecord[], cri: CriJoin): Generator<RawRecord> {
	for (const line of lines) {
		const whole = cri.add(line);
		if (whole !== undefined) yield withoutNodeName(whole);
	}
}

function* openAll(records: Iterable<RawRecord>, { depthMax }: Limits): Generator<RawRecord> {
	for (const record of records) {
		const items = openList(record, depthMax);
		if (items === undefined) yield record;
		else yield* items;
	}
}

/** A DNS subdomain and a blank; the longest that Kubernetes allows as a node's name is 253. */
const NODE_NAME = /^([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?) \{/;
const NODE_NAME_MAX = 253;

/** `oc adm node-logs` puts the node's name before every line. */
function withoutNodeName(record: RawRecord): RawRecord {
	const { body } = record;
	if (body[0] === OPEN_BRACE || record.error !== undefined) return record;
	const name = NODE_NAME.exec(Buffer.from(body.subarray(0, NODE_NAME_MAX + 2)).toString("latin1"))?.[1];
	if (name === undefined) return record;
	return { ...record, body: body.subarray(name.length + 1), origin: { ...record.origin, logSource: name } };
}

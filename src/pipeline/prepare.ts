/** Records -> what each route has to send, and what goes to quarantine: decode once, prepare once per distinct way. */

import type { Connector } from "../contract/connector.ts";
import type { Decoded, DecodedBad, DecodedEvent, DecodedSkip } from "../contract/decode.ts";
import type { CollectorError } from "../contract/errors.ts";
import type { Origin, RawRecord } from "../contract/record.ts";
import type { Prepare, Prepared, Route } from "../contract/route.ts";
import type { EncodedEvent, QuarantineEntry } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
import type { Origins } from "./origins.ts";
import { count, newTally } from "./tally.ts";

/** One route's share of a batch. */
export interface Share {
	readonly route: Route;
	readonly events: EncodedEvent[];
	/** Everything but what is in `events`, which is not sent yet. */
	readonly tally: Tally;
}

export interface PreparedBatch {
	readonly shares: readonly Share[];
	readonly quarantine: readonly QuarantineEntry[];
}

/** Told of every record, for summaries and metrics. */
export interface Observer {
	event(decoded: DecodedEvent, origin: Origin, prepared: Prepared): void;
	skipped(origin: Origin, reason: string): void;
	bad(origin: Origin, error: CollectorError): void;
}

export interface PrepareOptions {
	readonly routes: readonly Route[];
	readonly observer: Observer;
}

export function prepareRecords(records: readonly RawRecord[], origins: Origins, options: PrepareOptions): PreparedBatch {
	const { routes, observer } = options;
	const shares = routes.map((route): Share => ({ route, events: [], tally: newTally() }));
	const ways = [...new Set(routes.map((route) => route.prepare))];
	const batch: Batch = { shares, ways, quarantine: [], observer };
	for (const record of records) {
		const decoded = decode(record, origins.connector);
		if (decoded.kind === "event") prepareEvent(decoded, origins.ofEvent(record, decoded), record, origins.base, batch);
		else setAside(decoded, origins.ofRecord(record), record, origins.base, batch);
	}
	for (const { tally } of shares) tally.framed = records.length;
	return batch;
}

/** What is being prepared. */
interface Batch extends PreparedBatch {
	readonly ways: readonly Prepare[];
	readonly quarantine: QuarantineEntry[];
	readonly observer: Observer;
}

function decode(record: RawRecord, connector: Connector): Decoded {
	return record.error === undefined ? connector.decode(record) : { kind: "bad", error: record.error };
}

function prepareEvent(decoded: DecodedEvent, origin: Origin, record: RawRecord, base: Origin, batch: Batch): void {
	const { shares, ways, quarantine, observer } = batch;
	for (const way of ways) {
		const prepared = way(decoded, origin);
		if (way === ways[0]) observer.event(decoded, origin, prepared);
		if (prepared.kind === "bad") quarantine.push(entryOf(record, base, prepared.error));
		for (const share of shares) if (share.route.prepare === way) take(share, prepared);
	}
}

function setAside(decoded: DecodedSkip | DecodedBad, origin: Origin, record: RawRecord, base: Origin, batch: Batch): void {
	const { shares, quarantine, observer } = batch;
	if (decoded.kind === "skip") {
		observer.skipped(origin, decoded.reason);
		for (const { tally } of shares) count(tally.skipped, decoded.reason);
	} else {
		observer.bad(origin, decoded.error);
		quarantine.push(entryOf(record, base, decoded.error));
		for (const { tally } of shares) count(tally.quarantined, decoded.error.code);
	}
}

function take({ events, tally }: Share, prepared: Prepared): void {
	if (prepared.kind === "encoded") events.push(prepared.event);
	else if (prepared.kind === "filtered") count(tally.filtered, prepared.rule);
	else count(tally.quarantined, prepared.error.code);
}

function entryOf(record: RawRecord, origin: Origin, error: CollectorError): QuarantineEntry {
	const { body, whole, id } = record;
	return { error, source: origin.logName ?? origin.connector, position: id, body, ...(whole === undefined ? {} : { whole }) };
}

/** Records -> what each route has to send, and what goes to quarantine: decode once, prepare once per distinct way. */

import type { Connector } from "../contract/connector.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { CollectorError } from "../contract/errors.ts";
import type { Origin, RawRecord } from "../contract/record.ts";
import type { Prepare, Prepared, Route } from "../contract/route.ts";
import type { EncodedEvent, QuarantineEntry } from "../contract/sink.ts";
import type { Tally } from "../contract/tally.ts";
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

export function prepareRecords(records: readonly RawRecord[], base: Origin, connector: Connector, options: PrepareOptions): PreparedBatch {
	const shares = options.routes.map((route) => ({ route, events: [], tally: newTally() }));
	const quarantine: QuarantineEntry[] = [];
	const ways = [...new Set(options.routes.map((route) => route.prepare))];
	for (const record of records) {
		const origin = { ...base, ...record.origin };
		const decoded = record.error === undefined ? connector.decode(record) : { kind: "bad" as const, error: record.error };
		if (decoded.kind === "event") {
			const entry = (error: CollectorError): QuarantineEntry => entryOf(record, base, error);
			prepareEvent(decoded, connector.resolve({ ...origin, ...decoded.origin }), entry, ways, shares, quarantine, options.observer);
			continue;
		}
		if (decoded.kind === "skip") {
			options.observer.skipped(origin, decoded.reason);
			for (const { tally } of shares) count(tally.skipped, decoded.reason);
			continue;
		}
		options.observer.bad(origin, decoded.error);
		quarantine.push(entryOf(record, base, decoded.error));
		for (const { tally } of shares) count(tally.quarantined, decoded.error.code);
	}
	for (const { tally } of shares) tally.framed = records.length;
	return { shares, quarantine };
}

function prepareEvent(
	decoded: DecodedEvent,
	origin: Origin,
	entry: (error: CollectorError) => QuarantineEntry,
	ways: readonly Prepare[],
	shares: readonly Share[],
	quarantine: QuarantineEntry[],
	observer: Observer,
): void {
	for (const way of ways) {
		const prepared = way(decoded, origin);
		if (way === ways[0]) observer.event(decoded, origin, prepared);
		if (prepared.kind === "bad") quarantine.push(entry(prepared.error));
		for (const share of shares) if (share.route.prepare === way) take(share, prepared);
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

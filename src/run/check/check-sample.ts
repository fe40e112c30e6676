/** Reads a few minutes of a scope as collection would, and counts what comes, without settling anything. */

import type { Connector, Host, Pulls, ReadRequest, Scope, Timing } from "../../contract/connector.ts";
import type { DecodedEvent } from "../../contract/decode.ts";
import type { Meter } from "../../contract/meter.ts";
import type { RawRecord } from "../../contract/record.ts";
import { eventTime } from "../../normalise/times.ts";
import { createJoins } from "../../pipeline/joins.ts";
import { count } from "../../pipeline/tally.ts";

export interface Sample {
	readonly sampleMs: number;
	/** The time was up before the present was reached. */
	readonly isCut: boolean;
	readonly records: number;
	readonly events: number;
	/** Of them, those that only look: get, list and watch. */
	readonly reads: number;
	/** By reason. */
	readonly skipped: ReadonlyMap<string, number>;
	/** By error code. */
	readonly bad: ReadonlyMap<string, number>;
	readonly bytes: number;
	/** As far as the connector's meter tells. */
	readonly pages: number;
	readonly overlapMs?: number;
	/** Of the newest event, epoch milliseconds. */
	readonly newestMs?: number;
	/** From an event's time to that of the log service, of the first so many events. */
	readonly delaysMs: readonly number[];
	/** Names of clusters that events tell of, the first so many. */
	readonly clusters: ReadonlySet<string>;
}

export interface Reading {
	readonly connector: Connector;
	readonly pulls: Pulls<never>;
	readonly settings: unknown;
	readonly scope: Scope;
	readonly timing: Partial<Timing>;
	readonly host: Host;
	/** When to make do with what was read, epoch milliseconds. */
	readonly deadlineMs: number;
}

const DELAYS_MAX = 10_000;
const CLUSTERS_MAX = 20;
const READS: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** What came in the last `sampleMs`. Throws what the connector throws. */
export async function takeSample(reading: Reading, sampleMs: number): Promise<Sample> {
	const { connector, host, deadlineMs } = reading;
	const startMs = host.clock.now() - sampleMs;
	const meter = createSampleMeter(host.meter);
	const tally = createTally(connector, host);
	const joins = createJoins(() => connector);
	let isCut = false;
	for await (const batch of read({ ...reading, host: { ...host, meter } }, startMs, "caught-up")) {
		for (const record of joins.add(batch)) tally.add(record);
		isCut = host.clock.now() >= deadlineMs;
		if (isCut) break;
	}
	// Many readers end without a word when they are stopped.
	host.signal.throwIfAborted();
	for (const { records } of joins.expireAll()) for (const record of records) tally.add(record);
	const seen = tally.seen();
	// What comes first is the oldest: a reading that was cut got as far as its newest record.
	const readMs = isCut && seen.newestMs !== undefined ? Math.max(1_000, seen.newestMs - startMs) : sampleMs;
	return { ...seen, sampleMs: Math.min(sampleMs, readMs), isCut, ...meter.told() };
}

/** Whether any record of [startMs, endMs] is an audit event. Undefined: the time was up before that could be told. */
export async function hasEvents(reading: Reading, startMs: number, endMs: number): Promise<boolean | undefined> {
	const { connector, host, deadlineMs } = reading;
	const joins = createJoins(() => connector);
	const isEvent = (record: RawRecord): boolean => record.error === undefined && connector.decode(record).kind === "event";
	for await (const batch of read(reading, startMs, { endMs })) {
		if (joins.add(batch).some(isEvent)) return true;
		if (host.clock.now() >= deadlineMs) return undefined;
	}
	host.signal.throwIfAborted();
	return [...joins.expireAll()].some(({ records }) => records.some(isEvent));
}

/** In one window, so that nothing is asked for twice. */
function read({ pulls, settings, scope, timing, host, deadlineMs }: Reading, startMs: number, until: ReadRequest<unknown>["until"]) {
	const widthMs = 2 * (host.clock.now() - startMs);
	return pulls.read({
		settings: settings as never,
		scope,
		saved: new Map(),
		startMs,
		timing: { ...timing, widthMs, widthMaxMs: widthMs },
		until,
		deadlineMs,
		host,
	});
}

type Seen = Omit<Sample, "sampleMs" | "isCut" | "pages" | "overlapMs">;

function createTally({ decode }: Connector, { clock }: Host): { add(record: RawRecord): void; seen(): Seen } {
	const skipped = new Map<string, number>();
	const bad = new Map<string, number>();
	const clusters = new Set<string>();
	const delaysMs: number[] = [];
	const nowMs = clock.now();
	let [records, bytes, events, reads, newestMs] = [0, 0, 0, 0, Number.NEGATIVE_INFINITY];

	function addEvent(decoded: DecodedEvent, { origin, loggedTimeMs }: RawRecord): void {
		const { ms } = eventTime(decoded, nowMs);
		events++;
		if (READS.has(decoded.event.verb ?? "")) reads++;
		newestMs = Math.max(newestMs, ms);
		const logged = loggedTimeMs ?? Date.parse(decoded.envelope.loggedTime ?? "");
		if (Number.isFinite(logged) && delaysMs.length < DELAYS_MAX) delaysMs.push(Math.max(0, logged - ms));
		const cluster = decoded.origin?.clusterName ?? origin?.clusterName ?? decoded.origin?.clusterId ?? origin?.clusterId;
		if (cluster !== undefined && clusters.size < CLUSTERS_MAX) clusters.add(cluster);
	}

	return {
		add(record) {
			records++;
			bytes += record.whole?.sizeBytes ?? record.body.length;
			const decoded = record.error === undefined ? decode(record) : { kind: "bad" as const, error: record.error };
			if (decoded.kind === "event") addEvent(decoded, record);
			else if (decoded.kind === "skip") count(skipped, decoded.reason);
			else count(bad, decoded.error.code);
		},
		seen: () => ({ records, bytes, events, reads, skipped, bad, clusters, delaysMs, ...(events === 0 ? {} : { newestMs }) }),
	};
}

function createSampleMeter(outer: Meter): Meter & { told(): Pick<Sample, "pages" | "overlapMs"> } {
	let pages = 0;
	let overlapS: number | undefined;
	return {
		count(name, by = 1) {
			outer.count(name, by);
			if (name === "pages_total") pages += by;
		},
		gauge(name, value) {
			if (name === "overlap_seconds") overlapS = value;
		},
		observe() {},
		told: () => ({ pages, ...(overlapS === undefined ? {} : { overlapMs: overlapS * 1000 }) }),
	};
}

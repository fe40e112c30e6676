/** Puts events into the table `events`, each uid once, whatever a single event is like. */

import type { DuckDBConnection } from "@duckdb/node-api";
import type { EncodedEvent } from "../contract/sink.ts";
import { parseOrNone } from "../json/value.ts";
import { COLUMNS, EVENT_STRUCTURE } from "./columns.ts";
import { isContentError, isMemoryError } from "./failure.ts";
import type { Lease } from "./lease.ts";
import { shieldLog } from "./private-files.ts";
import { type Staged, stageEvents } from "./staging.ts";
import type { Store } from "./store.ts";
import { quoted } from "./text.ts";

export interface Loaded {
	readonly stored: number;
	/** Uids of events that DuckDB cannot read. */
	readonly refused: ReadonlySet<string>;
}

/** Reading a text as JSON, copying and compressing it takes this many times its size, at worst. */
const MEMORY_PER_BYTE = 32;
/** An event that exhausts the memory all by itself is refused only if it is large; otherwise others are to blame. */
const LARGE_BYTES = 1024 * 1024;

/**
 * Stores those of `events` (no uid twice among them, none with a fault) that are not in the store yet. What it returns
 * is committed. Throws what DuckDB or the disk throws if the store cannot be written; some may be stored then.
 * There is one writer, so nothing can come between looking up and storing. No unique index: it would not fit in memory.
 */
export async function loadEvents(store: Store, lease: Lease, events: readonly EncodedEvent[]): Promise<Loaded> {
	const known = await lease.use((connection) => findStored(connection, events));
	const refused = new Set<string>();
	const stored = await insert({ store, lease, refused }, known.size === 0 ? events : events.filter(({ uid }) => !known.has(uid)));
	return { stored, refused };
}

/**
 * Only rows of these times are looked at, and those whose time was inferred: the same record has the same time,
 * unless it was the collector's clock.
 */
async function findStored(connection: DuckDBConnection, events: readonly EncodedEvent[]): Promise<ReadonlySet<string>> {
	let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (const { timeMs } of events) {
		from = Math.min(from, timeMs);
		to = Math.max(to, timeMs);
	}
	// Two scans, not one with OR: each skips the row groups that cannot match.
	const sql = `WITH wanted AS MATERIALIZED (SELECT unnest(string_split($uids, ','))::UUID AS uid)
		SELECT uid::VARCHAR FROM events WHERE uid IN (FROM wanted) AND time BETWEEN make_timestamp(${from}000) AND make_timestamp(${to}999)
		UNION ALL SELECT uid::VARCHAR FROM events WHERE time_inferred AND uid IN (FROM wanted)`;
	const found = await connection.runAndReadAll(sql, { uids: events.map(({ uid }) => uid).join(",") });
	return new Set(found.getRows().map(([uid]) => String(uid)));
}

interface Insertion {
	readonly store: Store;
	readonly lease: Lease;
	readonly refused: Set<string>;
}

/** One transaction, unless an event cannot be loaded: then all others are, in as many as that takes. */
async function insert(insertion: Insertion, events: readonly EncodedEvent[]): Promise<number> {
	if (events.length === 0) return 0;
	const { store, lease } = insertion;
	await using staged = await stageEvents(store.folder as string, events);
	try {
		return await lease.use((connection) => insertStaged(connection, store, staged));
	} catch (error) {
		if (!isContentError(error) && !isMemoryError(error)) throw error;
		return await insertOthers(insertion, events, error);
	}
}

async function insertStaged(connection: DuckDBConnection, store: Store, staged: Staged): Promise<number> {
	const memoryBytes = staged.eventBytesMax * MEMORY_PER_BYTE;
	const needsMore = memoryBytes > store.memoryBytesMax;
	shieldLog(store.realPath);
	if (needsMore) await setMemory(connection, memoryBytes);
	try {
		return (await connection.run(insertSql(staged))).rowsChanged;
	} finally {
		if (needsMore) await setMemory(connection, store.memoryBytesMax);
	}
}

async function setMemory(connection: DuckDBConnection, bytes: number): Promise<void> {
	await connection.run(`SET memory_limit = '${Math.ceil(bytes / 1024)}KiB'`);
}

function insertSql(staged: Staged): string {
	return `INSERT INTO events SELECT ${COLUMNS.map(({ sql }) => sql).join(", ")}
		FROM (SELECT uid, time_ms, event, json_transform(event, ${quoted(EVENT_STRUCTURE)}) AS e FROM ${staged.sql})`;
}

/** Takes out what is no JSON; if that was not it, halves find the event that DuckDB has something against. */
async function insertOthers(insertion: Insertion, events: readonly EncodedEvent[], error: unknown): Promise<number> {
	const [first] = events as readonly [EncodedEvent];
	const sound = isMemoryError(error) ? events : events.filter(isJson);
	if (sound.length < events.length) {
		for (const { uid, bytes } of events) if (!isJson({ bytes })) insertion.refused.add(uid);
		return insert(insertion, sound);
	}
	if (events.length > 1) {
		const middle = events.length >> 1;
		return (await insert(insertion, events.slice(0, middle))) + (await insert(insertion, events.slice(middle)));
	}
	if (isMemoryError(error) && first.bytes.length < LARGE_BYTES) throw error;
	insertion.refused.add(first.uid);
	return 0;
}

function isJson({ bytes }: Pick<EncodedEvent, "bytes">): boolean {
	return parseOrNone(bytes) !== undefined;
}

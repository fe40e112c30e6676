/** A checkpoint store in a cloud's object store: one object for every key, replaced only under the version that was seen last. */

import { randomUUID } from "node:crypto";
import { OBJECT_BYTES_MAX, type ObjectClient } from "../cloud/objects.ts";
import type { Refusal } from "../cloud/refusal.ts";
import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Cursor } from "../contract/record.ts";
import { isCursor, parsedOf } from "./cursor.ts";
import { conflictError, damagedError, newerError } from "./failure.ts";
import { objectNameOf, titleOf } from "./key.ts";

export interface ObjectCheckpointOptions {
	/** For `--start-from`: what is damaged is no error, but as if it were not there. */
	readonly startAnew?: boolean;
}

/** The object's own shape, not the cursor's. */
const BODY_VERSION = 1;

/** What an object holds. `writeId` is random: a writer that never got its answer knows its own work by it. */
interface Body {
	readonly v: typeof BODY_VERSION;
	readonly cursor: Cursor;
	readonly writeId: string;
	/** For people. */
	readonly savedAt: string;
}

/** A save that failed, but may have been done all the same. */
interface Unclear {
	readonly expected: Version | undefined;
	readonly writeId: string;
}

/**
 * Owns the client. A save is one attempt: what may pass is CHECKPOINT_UNAVAILABLE, and the same save may be tried again, also
 * if the first was done and only its answer lost; a denial is CONFIG_INVALID with the permission's name. The store must
 * honour conditional writes: one that ignores If-Match lets two collectors overwrite each other.
 */
export function createObjectCheckpoints(client: ObjectClient, options: ObjectCheckpointOptions = {}): CheckpointStore & AsyncDisposable {
	const unclear = new Map<string, Unclear>();
	/** Versions of objects that are to be written over, since they cannot be read. */
	const damaged = new Map<string, Version>();

	/** `expected` is what the caller saw; `base` what is written over, which may be our own unclear save. */
	async function put(key: CheckpointKey, next: Cursor, mine: Unclear, base: Version | undefined): Promise<Version> {
		const name = objectNameOf(key);
		const outcome = await client.put(name, bodyOf(key, next, mine.writeId), base);
		if (outcome.status === "stored") return outcome.version;
		if (outcome.status === "refused") throw refusedError("save", key, client.addressOf(name), outcome);
		return settle(key, next, mine, base);
	}

	/** Something else is stored than was expected: somebody's, or what we wrote when the answer was lost. */
	async function settle(key: CheckpointKey, next: Cursor, mine: Unclear, base: Version | undefined): Promise<Version> {
		const name = objectNameOf(key);
		const got = await client.get(name);
		if (got.status === "refused") throw refusedError("save", key, client.addressOf(name), got);
		const version = got.status === "found" ? got.version : undefined;
		if (version === base) throw unchangedError(key, client.addressOf(name));
		const body = got.status === "found" && got.text !== undefined ? parsedOf(got.text) : undefined;
		if (version === undefined || !isBody(body) || body.writeId !== mine.writeId) throw conflictError(key);
		if (JSON.stringify(body.cursor) === JSON.stringify(next)) return version;
		// Ours, of an earlier cursor. Under the same id, since this answer may be lost too.
		return put(key, next, mine, version);
	}

	return {
		async load(key) {
			const name = objectNameOf(key);
			const place = client.addressOf(name);
			const got = await client.get(name);
			if (got.status === "missing") return undefined;
			if (got.status === "refused") throw refusedError("load", key, place, got);
			const body = got.text === undefined ? undefined : parsedOf(got.text);
			if (isBody(body)) return { cursor: body.cursor, version: got.version };
			if (!options.startAnew) throw isNewer(body) ? newerError(place) : damagedError(key, place, "it is no checkpoint");
			damaged.set(name, got.version);
			return undefined;
		},
		async save(key, next, expected) {
			const name = objectNameOf(key);
			const base = expected ?? damaged.get(name);
			// Taken out meanwhile, so that two saves at once are two writers.
			const before = unclear.get(name);
			unclear.delete(name);
			const mine = before !== undefined && before.expected === base ? before : { expected: base, writeId: randomUUID() };
			try {
				const version = await put(key, next, mine, base);
				damaged.delete(name);
				return version;
			} catch (error) {
				if (error instanceof CollectorError && error.code === "CHECKPOINT_UNAVAILABLE") unclear.set(name, mine);
				throw error;
			}
		},
		[Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
	};
}

function bodyOf(key: CheckpointKey, cursor: Cursor, writeId: string): string {
	const body: Body = { v: BODY_VERSION, cursor, writeId, savedAt: new Date().toISOString() };
	const text = JSON.stringify(body);
	const bytes = Buffer.byteLength(text);
	if (bytes <= OBJECT_BYTES_MAX) return text;
	throw new CollectorError("CONFIG_INVALID", `${titleOf(key)} has ${bytes} bytes, more than ${OBJECT_BYTES_MAX}: shorten the overlap`);
}

function isBody(value: unknown): value is Body {
	if (typeof value !== "object" || value === null) return false;
	const { v, cursor, writeId } = value as Partial<Record<keyof Body, unknown>>;
	return v === BODY_VERSION && isCursor(cursor) && typeof writeId === "string";
}

function isNewer(value: unknown): boolean {
	const v = typeof value === "object" && value !== null ? (value as { v?: unknown }).v : undefined;
	return typeof v === "number" && v > BODY_VERSION;
}

function refusedError(deed: "load" | "save", key: CheckpointKey, place: string, refusal: Refusal): CollectorError {
	const { mayPass, reason, retryAfterMs } = refusal;
	const code = mayPass ? "CHECKPOINT_UNAVAILABLE" : "CONFIG_INVALID";
	return new CollectorError(
		code,
		`cannot ${deed} ${titleOf(key)} at ${place}: ${reason}`,
		retryAfterMs === undefined ? {} : { retryAfterMs },
	);
}

/** As S3's 409 says while another write of the same object is under way: nobody has won yet. */
function unchangedError(key: CheckpointKey, place: string): CollectorError {
	return new CollectorError(
		"CHECKPOINT_UNAVAILABLE",
		`cannot save ${titleOf(key)} at ${place}: refused though nothing changed, it is tried again`,
	);
}

/** Reads bytes with a connector's form as replay does, without the pipeline: for the tests of frame and decode. */

import type { Connector, Limits } from "../src/contract/connector.ts";
import type { Decoded, DecodedEvent } from "../src/contract/decode.ts";
import type { RawRecord } from "../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../src/framing/limits.ts";
import { sniff } from "../src/framing/sniff.ts";

export interface Stored {
	readonly record: RawRecord;
	readonly decoded: Decoded;
}

export interface ReadOptions {
	readonly limits?: Partial<Limits>;
	/** Where the bytes are split into chunks; absent: one chunk. */
	readonly cuts?: readonly number[];
}

/** Every record of the bytes with its outcome. */
export async function readStored(
	connector: Connector,
	form: string,
	bytes: string | Uint8Array,
	options: ReadOptions = {},
): Promise<readonly Stored[]> {
	const limits = { ...DEFAULT_LIMITS, ...options.limits };
	const stored: Stored[] = [];
	for await (const page of connector.frame(chunksOf(Buffer.from(bytes), options.cuts ?? []), form, limits)) {
		for (const record of page) stored.push({ record, decoded: connector.decode(record) });
	}
	return stored;
}

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
	const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
	let from = 0;
	for (const end of ends) {
		yield bytes.subarray(from, end);
		from = end;
	}
}

/** In one word each: "event", "cut" (a salvaged event), "bad", or why it was skipped. */
export function outcomesOf(stored: readonly Stored[]): readonly string[] {
	return stored.map(({ decoded }) => {
		if (decoded.kind === "event") return decoded.truncated === undefined ? "event" : "cut";
		return decoded.kind === "skip" ? decoded.reason : "bad";
	});
}

/** The events among the outcomes. */
export function eventsOf(stored: readonly Stored[]): readonly DecodedEvent[] {
	return stored.flatMap(({ decoded }) => (decoded.kind === "event" ? [decoded] : []));
}

/** The forms that claim a file that begins like this. */
export function formsOf(connector: Connector, bytes: string | Uint8Array): readonly string[] {
	const seen = sniff(Buffer.from(bytes));
	return connector.forms.filter((form) => form.matches(seen)).map(({ name }) => name);
}

/** The outcomes as text, for comparison: bytes as characters, errors as their messages. */
export function comparable(stored: readonly Stored[]): string {
	// Buffers have a toJSON of their own, which comes before the replacer: hence `this`.
	return JSON.stringify(stored, function (this: Readonly<Record<string, unknown>>, key: string) {
		const value = this[key];
		if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
		return value instanceof Error ? value.message : value;
	});
}

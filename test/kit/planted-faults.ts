/** Loops as they stand in other collectors, with the faults that lose their users' events: the kit must catch each of them. */

import type { Batch } from "../../src/contract/record.ts";
import type { ListedRecord, Window } from "../../src/pull/listing.ts";
import { pull } from "../../src/pull/pull.ts";
import type { PullRequest } from "../../src/pull/state.ts";

export type PlantedFault = (request: PullRequest) => AsyncIterable<Batch>;

interface Naive {
	/** The start of the next window, of what this one was and brought. */
	next(window: Window, records: readonly ListedRecord[]): number;
}

const newestOf = (records: readonly ListedRecord[]): number => Math.max(...records.map(({ timeMs }) => timeMs));

/** What is wrong -> the loop. source-semantics section 5 has who lost events by it. */
export const PLANTED_FAULTS: Readonly<Record<string, PlantedFault>> = {
	"the watermark is the newest timestamp": naive({
		next: (window, records) => (records.length === 0 ? window.fromMs : newestOf(records)),
	}),
	"the next window begins one millisecond after the newest": naive({
		next: (window, records) => (records.length === 0 ? window.fromMs : newestOf(records) + 1),
	}),
	"an empty page moves the cursor to the window's end": naive({
		next: (window, records) => (records.length === 0 ? window.toMs : newestOf(records)),
	}),
	"the watermark is the end of the window, without an overlap": naive({ next: (window) => window.toMs }),
	"the cursor is committed before its records are acknowledged": committedEarly,
	"a listing ends at its first empty page": (request) => pull({ ...request, list: untilEmptyPage(request.list) }),
	"nothing is read a second time, later": (request) => pull({ ...request, timing: { ...request.timing, sweeps: [] } }),
	"the collector's clock is taken for the service's": (request) => pull({ ...request, list: undated(request.list) }),
	"what was read is remembered before it is settled": rememberedEarly,
};

function naive({ next }: Naive): PlantedFault {
	return async function* ({ saved, startMs, list, host, scope, signal }) {
		let fromMs = Number(saved.get("fast")?.["from"] ?? startMs);
		for (let seq = 0; !signal.aborted; ) {
			const window = { fromMs, toMs: host.clock.now() };
			const all: ListedRecord[] = [];
			for await (const listed of list(window, signal)) {
				if (listed.kind !== "page") continue;
				all.push(...listed.records);
				yield { partition: scope.name, seq: seq++, origin: scope.origin, records: listed.records, settle: async () => {} };
			}
			fromMs = next(window, all);
			const cursor = { v: 1, from: fromMs };
			yield { partition: scope.name, seq: seq++, origin: scope.origin, records: [], cursor, settle: async () => {} };
			await host.clock.wait(10_000, signal).catch(() => {});
		}
	};
}

/** The right loop, but its cursor comes with the first batch of the window instead of after the last. */
async function* committedEarly(request: PullRequest): AsyncGenerator<Batch> {
	let held: Batch[] = [];
	let seq = 0;
	const renumbered = (batch: Batch): Batch => ({ ...batch, seq: seq++ });
	for await (const batch of pull(request)) {
		held.push(batch);
		if (batch.cursor === undefined) continue;
		yield renumbered({ ...batch, records: [] });
		for (const { memory: _, ...early } of held.slice(0, -1)) yield renumbered(early);
		held = [];
	}
}

function untilEmptyPage(list: PullRequest["list"]): PullRequest["list"] {
	return async function* (window, signal) {
		for await (const listed of list(window, signal)) {
			yield listed;
			if (listed.kind === "page" && listed.records.length === 0) return;
		}
	};
}

function undated(list: PullRequest["list"]): PullRequest["list"] {
	return async function* (window, signal) {
		for await (const listed of list(window, signal)) yield listed.kind === "page" ? { kind: "page", records: listed.records } : listed;
	};
}

/** The right loop, but every batch counts as settled as soon as it is read. */
async function* rememberedEarly(request: PullRequest): AsyncGenerator<Batch> {
	for await (const batch of pull(request)) {
		await batch.settle({ failed: [] });
		yield batch.memory === undefined ? batch : { ...batch, memory: batch.memory };
	}
}

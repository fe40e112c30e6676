/** The connector of the pipeline's tests: its records say what is to become of them. */

import type { Connector, Join } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { RawRecord } from "../contract/record.ts";
import type { Prepare } from "../contract/route.ts";

/** What is to become of a record. `part` [1, 3]: the second of three records that make one event. */
export interface Planted {
	readonly serial: string;
	readonly what: "event" | "skip" | "bad" | "filtered" | "unmappable" | "framing-error";
	readonly part?: readonly [index: number, total: number];
}

export function recordOf(planted: Planted): RawRecord {
	const record = { id: planted.serial, body: Buffer.from(JSON.stringify(planted)) };
	return planted.what === "framing-error" ? { ...record, error: new CollectorError("RECORD_TOO_LARGE", "too large") } : record;
}

const plantedOf = ({ body }: RawRecord): Planted => JSON.parse(Buffer.from(body).toString()) as Planted;

export const prepare: Prepare = ({ identity }) => {
	const { serial, what } = plantedOf({ id: "", body: identity });
	if (what === "filtered") return { kind: "filtered", rule: "test", bytes: 1 };
	if (what === "unmappable") return { kind: "bad", error: new CollectorError("EVENT_UNMAPPABLE", "unmappable") };
	const marks = { redacted: new Map(), truncated: false, inferred: false };
	return { kind: "encoded", event: { uid: serial, timeMs: 0, clusterKey: "", bytes: identity }, marks };
};

/** Holds the parts of a serial until all have come; a part that came twice is one. */
function createJoin(): Join {
	const held = new Map<string, { readonly from: number; readonly parts: Set<number>; readonly record: RawRecord }>();
	return {
		add(record, seq) {
			const { serial, part } = plantedOf(record);
			if (part === undefined) return [record];
			const set = held.get(serial) ?? { from: seq, parts: new Set(), record };
			set.parts.add(part[0]);
			held.set(serial, set);
			return set.parts.size === part[1] && held.delete(serial) ? [set.record] : [];
		},
		expire(nowMs) {
			// Time stands still: only what waits for ever is given up.
			if (nowMs !== Number.POSITIVE_INFINITY) return [];
			const records = [...held.values()].map(({ record }) => record);
			held.clear();
			return records;
		},
		get heldFrom() {
			return held.size === 0 ? undefined : Math.min(...[...held.values()].map(({ from }) => from));
		},
	};
}

export const CONNECTOR: Connector = {
	name: "fake",
	summary: "",
	forms: [],
	async *frame() {},
	join: createJoin,
	decode(record) {
		const { what } = plantedOf(record);
		if (what === "skip") return { kind: "skip", reason: "not-an-audit-event" };
		if (what === "bad") return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", "bad") };
		return { kind: "event", event: {}, envelope: {}, identity: record.body, inferred: [] };
	},
	resolve: (origin) => origin,
};

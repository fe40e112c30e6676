/** Counts, per source and cluster, what people want to know after a run. */

import type { DecodedEvent } from "../../contract/decode.ts";
import type { Origin } from "../../contract/record.ts";
import type { Prepared } from "../../contract/route.ts";
import { rememberEach } from "../../json/remember.ts";
import { statusAttributes } from "../../normalise/outcome.ts";
import type { Observer } from "../../pipeline/prepare.ts";
import { count } from "../../pipeline/tally.ts";

export interface ClusterSummary {
	/** The connector's name. */
	readonly source: string;
	/** The cluster's name or id; undefined if the records do not say. */
	readonly cluster: string | undefined;
	readonly region: string | undefined;
	events: number;
	/** Epoch milliseconds of the first and last event forwarded. */
	firstMs: number;
	lastMs: number;
	readonly outcomes: Map<string, number>;
	readonly filtered: Map<string, number>;
	/** Rule -> bytes of the events that it dropped, or of the bodies. */
	readonly savedBytes: Map<string, number>;
	readonly skipped: Map<string, number>;
	readonly quarantined: Map<string, number>;
	/** Rule -> values. */
	readonly redacted: Map<string, number>;
	truncated: number;
	inferred: number;
	readonly actors: Map<string, number>;
	readonly verbs: Map<string, number>;
	/** The uids of this cluster will not match those of live collection. */
	lacksKey: boolean;
}

/** So many are counted one by one; later ones are counted together. An API server has a dozen verbs; a forger has more. */
const [ACTORS_MAX, VERBS_MAX] = [10_000, 100] as const;
const OTHERS = "(others)";

export interface Summary {
	readonly observer: Observer;
	clusters(): readonly ClusterSummary[];
}

export function createSummary(): Summary {
	const clusters = new Map<string, ClusterSummary>();
	function findRow({ connector, clusterName, clusterId, clusterKey, region }: Origin): ClusterSummary {
		const cluster = clusterName ?? clusterId;
		const key = JSON.stringify([connector, clusterId ?? cluster ?? "", region ?? ""]);
		const known = clusters.get(key);
		if (known !== undefined) return known;
		const row = newRow(connector, cluster, region, clusterKey === undefined);
		clusters.set(key, row);
		return row;
	}

	const rowOf = rememberEach(findRow);

	return {
		observer: {
			event: (decoded, origin, prepared) => countEvent(rowOf(origin), decoded, prepared),
			skipped: (origin, reason) => count(rowOf(origin).skipped, reason),
			bad: (origin, error) => count(rowOf(origin).quarantined, error.code),
		},
		clusters: () => [...clusters.values()],
	};
}

function newRow(source: string, cluster: string | undefined, region: string | undefined, lacksKey: boolean): ClusterSummary {
	return {
		source,
		cluster,
		region,
		events: 0,
		firstMs: Number.POSITIVE_INFINITY,
		lastMs: Number.NEGATIVE_INFINITY,
		outcomes: new Map(),
		filtered: new Map(),
		savedBytes: new Map(),
		skipped: new Map(),
		quarantined: new Map(),
		redacted: new Map(),
		truncated: 0,
		inferred: 0,
		actors: new Map(),
		verbs: new Map(),
		lacksKey,
	};
}

function countEvent(row: ClusterSummary, decoded: DecodedEvent, prepared: Prepared): void {
	if (prepared.kind === "bad") count(row.quarantined, prepared.error.code);
	else if (prepared.kind === "encoded") countForwarded(row, decoded, prepared);
	else {
		count(row.savedBytes, prepared.rule, prepared.bytes);
		count(row.filtered, prepared.rule);
	}
}

function countForwarded(row: ClusterSummary, decoded: DecodedEvent, { event, marks }: Extract<Prepared, { kind: "encoded" }>): void {
	row.events++;
	row.firstMs = Math.min(row.firstMs, event.timeMs);
	row.lastMs = Math.max(row.lastMs, event.timeMs);
	count(row.outcomes, statusAttributes(decoded.event, decoded.rpcCode).status);
	for (const [rule, values] of marks.redacted) count(row.redacted, rule, values);
	if (marks.truncated) row.truncated++;
	if (marks.inferred) row.inferred++;
	if (marks.reduced !== undefined) count(row.savedBytes, marks.reduced.rule, marks.reduced.bytes);
	countUpTo(VERBS_MAX, row.verbs, decoded.event.verb || "(none)");
	countUpTo(ACTORS_MAX, row.actors, decoded.event.user?.username || "(unauthenticated)");
}

function countUpTo(most: number, counts: Map<string, number>, key: string): void {
	count(counts, counts.size < most || counts.has(key) ? key : OTHERS);
}

/** The most frequent, most frequent first; equal ones by name. */
export function topOf(counts: ReadonlyMap<string, number>, most: number): readonly (readonly [string, number])[] {
	return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, most);
}

/** Keeps the joins of all partitions: parts go in with their batch, whole records come out. */

import type { Connector, Join } from "../contract/connector.ts";
import type { Batch, Origin, RawRecord } from "../contract/record.ts";

export interface Joins {
	/** The batch's records that are whole now, with those of earlier batches that it completed. */
	add(batch: Batch): readonly RawRecord[];
	/** The oldest batch of a partition that a part is held of: it must not settle yet. */
	heldFrom(partition: string): number | undefined;
	/** Gives up on parts of a partition that have waited too long. */
	expire(partition: string, nowMs: number): readonly RawRecord[];
	/** Gives up waiting: what each join held comes out, one join at a time, so that the others hold their batches until then. */
	expireAll(): Iterable<Expired>;
}

interface Expired {
	readonly records: readonly RawRecord[];
	readonly origin: Origin;
	readonly partition: string;
	/** The oldest batch that a part came in. */
	readonly fromSeq: number;
}

export function createJoins(connectorOf: (origin: Origin) => Connector): Joins {
	const open = new Map<string, { readonly join: Join; readonly origin: Origin; readonly partition: string }>();

	function joinOf({ origin, partition }: Batch): Join | undefined {
		const key = `${origin.connector} ${partition}`;
		const known = open.get(key);
		if (known !== undefined) return known.join;
		const join = connectorOf(origin).join?.();
		if (join !== undefined) open.set(key, { join, origin, partition });
		return join;
	}

	return {
		add(batch) {
			const join = joinOf(batch);
			return join === undefined ? batch.records : batch.records.flatMap((record) => join.add(record, batch.seq));
		},
		heldFrom(partition) {
			const held = [...open.values()].filter((entry) => entry.partition === partition).map(({ join }) => join.heldFrom);
			return held.reduce((least, seq) => (least === undefined || (seq !== undefined && seq < least) ? seq : least), undefined);
		},
		expire(partition, nowMs) {
			return [...open.values()].filter((entry) => entry.partition === partition).flatMap(({ join }) => join.expire(nowMs));
		},
		*expireAll() {
			for (const { join, origin, partition } of open.values()) {
				const fromSeq = join.heldFrom;
				if (fromSeq !== undefined) yield { records: join.expire(Number.POSITIVE_INFINITY), origin, partition, fromSeq };
			}
		},
	};
}

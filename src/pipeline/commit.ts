/** Settles and checkpoints batches in the order in which they were read, however their work ends. */

import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import type { Batch, Cursor, Tier } from "../contract/record.ts";

export interface Checkpoints {
	readonly store: CheckpointStore;
	readonly source: string;
}

export interface Committer {
	/** A batch was read. It commits once no join holds a part of it, and all work on records of it, or of a batch before it, is done. */
	begin(batch: Batch): void;
	/**
	 * Work begins on records the oldest of which came in batch `fromSeq`: a join may have held their beginning until now.
	 * Call what this gives once every required route took the records; never, if that failed.
	 */
	work(partition: string, fromSeq: number): () => Promise<void>;
}

/** One partition's batches that are read and not committed. */
interface Queue {
	readonly partition: string;
	/** Without their records: batches may have to wait here for long. */
	readonly batches: Batch[];
	readonly works: Set<{ readonly fromSeq: number }>;
	/** Settles or saves one after the other. */
	turn: Promise<void>;
	/** A batch could not be settled or checkpointed: no later one may be. */
	stuck: boolean;
}

/** "<tier> <partition>" -> the version that was loaded or saved last. */
export type Versions = Map<string, Version>;

export function keyOf(source: string, partition: string, tier: Tier): CheckpointKey {
	return { source, scope: partition, tier };
}

/** `heldFrom` names the oldest batch of a partition that a join still holds a part of. */
export function createCommitter(
	checkpoints: Checkpoints,
	versions: Versions,
	heldFrom: (partition: string) => number | undefined,
): Committer {
	const queues = new Map<string, Queue>();

	function queueOf(partition: string): Queue {
		const queue = queues.get(partition) ?? { partition, batches: [], works: new Set(), turn: Promise.resolve(), stuck: false };
		queues.set(partition, queue);
		return queue;
	}

	async function commit(batch: Batch): Promise<void> {
		await batch.settle({ failed: [] });
		if (batch.cursor !== undefined) await save(batch.partition, "fast", batch.cursor);
		const memory = batch.memory?.();
		if (memory !== undefined) await save(batch.partition, "memory", memory);
	}

	async function save(partition: string, tier: Tier, cursor: Cursor): Promise<void> {
		const name = `${tier} ${partition}`;
		const version = await checkpoints.store.save(keyOf(checkpoints.source, partition, tier), cursor, versions.get(name));
		versions.set(name, version);
	}

	/** The oldest batch that work is done on, or that a join holds a part of. */
	function busyFrom({ partition, works }: Queue): number {
		let least = heldFrom(partition) ?? Number.POSITIVE_INFINITY;
		for (const { fromSeq } of works) least = Math.min(least, fromSeq);
		return least;
	}

	async function drain(queue: Queue): Promise<void> {
		for (let first = queue.batches[0]; first !== undefined && !queue.stuck && first.seq < busyFrom(queue); first = queue.batches[0]) {
			queue.batches.shift();
			queue.stuck = true;
			await commit(first);
			queue.stuck = false;
		}
	}

	return {
		begin: (batch) => void queueOf(batch.partition).batches.push({ ...batch, records: [] }),
		work(partition, fromSeq) {
			const queue = queueOf(partition);
			const work = { fromSeq };
			queue.works.add(work);
			return async () => {
				queue.works.delete(work);
				const turn = queue.turn.then(() => drain(queue));
				queue.turn = turn.catch(() => {});
				await turn;
			};
		},
	};
}

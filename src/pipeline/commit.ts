/** Settles and checkpoints batches in the order in which they were read, however their work ends. */

import type { CheckpointKey, CheckpointStore, Version } from "../contract/checkpoint.ts";
import type { Batch, Cursor } from "../contract/record.ts";

export interface Checkpoints {
	readonly store: CheckpointStore;
	readonly source: string;
}

interface Waiting {
	readonly batch: Batch;
	done: boolean;
}

export interface Committer {
	/** A batch was read; it commits once `finish` was called for it and for all before it in its partition. */
	begin(batch: Batch): void;
	/** The work of a batch is done: every required route took its events. */
	finish(batch: Batch): Promise<void>;
	/** Commits what a join may have set free. */
	advance(): Promise<void>;
	/** Batches that are read and not committed. */
	pending(): number;
}

export function keyOf(source: string, partition: string): CheckpointKey {
	return { source, scope: partition, tier: "fast" };
}

/** `heldFrom` names the oldest batch of a partition that a join still holds a part of. */
export function createCommitter(
	checkpoints: Checkpoints,
	versions: Map<string, Version>,
	heldFrom: (partition: string) => number | undefined,
): Committer {
	const queues = new Map<string, Waiting[]>();
	let committing: Promise<void> = Promise.resolve();

	async function commit(batch: Batch): Promise<void> {
		await batch.settle({ failed: [] });
		if (batch.cursor !== undefined) await save(batch.partition, batch.cursor);
	}

	async function save(partition: string, cursor: Cursor): Promise<void> {
		const version = await checkpoints.store.save(keyOf(checkpoints.source, partition), cursor, versions.get(partition));
		versions.set(partition, version);
	}

	async function drain(partition: string, queue: Waiting[]): Promise<void> {
		for (let first = queue[0]; first?.done === true; first = queue[0]) {
			const held = heldFrom(partition);
			if (held !== undefined && held <= first.batch.seq) return;
			await commit(first.batch);
			queue.shift();
		}
	}

	async function advance(): Promise<void> {
		const turn = committing.then(async () => {
			for (const [partition, queue] of queues) await drain(partition, queue);
		});
		committing = turn.catch(() => {});
		await turn;
	}

	return {
		begin(batch) {
			const queue = queues.get(batch.partition) ?? [];
			queues.set(batch.partition, queue);
			queue.push({ batch, done: false });
		},
		async finish(batch) {
			const waiting = queues.get(batch.partition)?.find((candidate) => candidate.batch === batch);
			if (waiting !== undefined) waiting.done = true;
			await advance();
		},
		advance,
		pending: () => [...queues.values()].reduce((sum, queue) => sum + queue.length, 0),
	};
}

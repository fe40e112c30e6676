/** The long-running collector: every source on its own, started, stopped and exchanged without touching the others. */

import { runSource, type Shared, type SourcePlan } from "./source-runner.ts";

/** A plan, with a text that changes when the settings of its source do. */
export interface HashedPlan extends SourcePlan {
	readonly hash: string;
}

export interface Service {
	/** Resolves once all sources have ended, and none is about to start. */
	readonly ended: Promise<void>;
	/** Stops sources that are gone or changed, and starts those that are new or changed; gives what it did, for people. */
	exchange(plans: readonly HashedPlan[]): Promise<readonly string[]>;
}

interface Running {
	readonly hash: string;
	readonly stop: AbortController;
	readonly done: Promise<void>;
}

/** Runs until every source has ended by itself or `stop` fires; then reading ends, and what is in flight is settled. */
export function startService(plans: readonly HashedPlan[], shared: Shared, stop: AbortSignal): Service {
	const running = new Map<string, Running>();
	let changes: Promise<unknown> = Promise.resolve();

	function start(plan: HashedPlan): void {
		const own = new AbortController();
		const done = runSource(plan, shared, AbortSignal.any([stop, own.signal])).catch((error: unknown) => {
			shared.watch(plan, undefined).state({ kind: "stopped", error });
			shared.host.log(`${plan.id}: stopped by a fault of this program: ${(error as Error).stack ?? error}`);
		});
		running.set(plan.id, { hash: plan.hash, stop: own, done });
	}

	async function end(id: string): Promise<void> {
		const source = running.get(id);
		source?.stop.abort();
		await source?.done;
		running.delete(id);
	}

	async function change(next: readonly HashedPlan[]): Promise<readonly string[]> {
		const said: string[] = [];
		const gone = [...running.keys()].filter((id) => !next.some((plan) => plan.id === id));
		const changed = next.filter(({ id, hash }) => running.has(id) && running.get(id)?.hash !== hash);
		await Promise.all([...gone, ...changed.map(({ id }) => id)].map(end));
		said.push(...gone.map((id) => `${id}: stopped, since it is no longer in the settings`));
		said.push(...changed.map(({ id }) => `${id}: started again with its new settings`));
		for (const plan of next) {
			if (running.has(plan.id) || stop.aborted) continue;
			start(plan);
			if (!changed.includes(plan)) said.push(`${plan.id}: started`);
		}
		return said;
	}

	async function untilEnded(): Promise<void> {
		for (let pending: unknown; pending !== changes; ) {
			pending = changes;
			await pending;
			await Promise.all([...running.values()].map(({ done }) => done));
		}
	}

	for (const plan of plans) start(plan);
	return {
		ended: untilEnded(),
		exchange(next) {
			const mine = changes.then(() => change(next));
			changes = mine.catch(() => {});
			return mine;
		},
	};
}

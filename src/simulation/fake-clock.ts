/** A clock whose time passes only when nothing else can go on: hours of waiting take no time, and come out the same each time. */

import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../contract/connector.ts";

export interface FakeClock extends Clock {
	/** Lets time pass until `work` ends, and gives what it gives. Rejects if `work` waits for something that will never come. */
	run<T>(work: Promise<T>): Promise<T>;
	/** Waits that have not ended. */
	waiting(): number;
}

interface Timer {
	readonly atMs: number;
	readonly fire: () => void;
}

export function createFakeClock(startMs: number): FakeClock {
	let nowMs = startMs;
	/** Sorted; of two at the same moment the one set first comes first. */
	const timers: Timer[] = [];

	function set(timer: Timer): void {
		let place = timers.length;
		while (place > 0 && (timers[place - 1] as Timer).atMs > timer.atMs) place--;
		timers.splice(place, 0, timer);
	}

	return {
		now: () => nowMs,
		waiting: () => timers.length,
		wait(ms, signal) {
			return new Promise((resolve, reject) => {
				if (signal?.aborted) return reject(signal.reason);
				const timer = { atMs: nowMs + Math.max(0, ms), fire };
				function fire(): void {
					signal?.removeEventListener("abort", abort);
					resolve();
				}
				function abort(): void {
					timers.splice(timers.indexOf(timer), 1);
					reject(signal?.reason);
				}
				signal?.addEventListener("abort", abort, { once: true });
				set(timer);
			});
		},
		async run(work) {
			let isDone = false;
			const done = (): void => {
				isDone = true;
			};
			work.then(done, done);
			for (;;) {
				// A turn of the event loop comes only when no promise can go on.
				await turn();
				if (isDone) return work;
				const next = timers.shift();
				if (next === undefined) throw new Error(`stuck at ${new Date(nowMs).toISOString()}: nothing is left to wait for`);
				nowMs = next.atMs;
				next.fire();
			}
		},
	};
}

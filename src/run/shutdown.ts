/** The bound on how long what is in flight may take to settle once the stop button is pressed. */

import type { Clock } from "../contract/connector.ts";

export interface Shutdown {
	/** Ends everything at once. */
	readonly signal: AbortSignal;
	/** Ends the waiting for it; gives whether it had come to that. */
	end(): boolean;
}

/** Fires `shutdownMs` after `stop` did; `onStop` is told when that does. */
export function stopWithin(shutdownMs: number, stop: AbortSignal, clock: Clock, onStop: () => void): Shutdown {
	const kill = new AbortController();
	stop.addEventListener("abort", () => {
		onStop();
		void clock.wait(shutdownMs, kill.signal).then(
			() => kill.abort(new Error(`what was in flight could not be settled within ${shutdownMs / 1000} s`)),
			() => {},
		);
	});
	return {
		signal: kill.signal,
		end() {
			const isLate = kill.signal.aborted;
			kill.abort();
			return isLate;
		},
	};
}

/** Keeps the look at a source short: a bound on time, few attempts, and no long waits between them. */

import type { Clock, Host } from "../../contract/connector.ts";
import { CollectorError } from "../../contract/errors.ts";
import type { Meter } from "../../contract/meter.ts";

export interface LimitOptions {
	readonly clock: Clock;
	random(): number;
	readonly limitMs: number;
	/** When the time began, epoch milliseconds; absent: now. */
	readonly startedMs?: number;
	/** Ends everything. */
	readonly signal: AbortSignal;
	/** What to do about throttling. */
	readonly throttled: string;
}

export interface Limited extends Disposable {
	readonly host: Host;
	/** When to make do with what there is, epoch milliseconds: some time before the limit. */
	readonly deadlineMs: number;
	/** What the connector had to say since the last time. */
	notes(): readonly string[];
	/** Rejects with a CollectorError when the limit is reached, whether the work listens to the signal or not. */
	within<T>(work: () => Promise<T>): Promise<T>;
}

/** Refusals in a row after which it is plain that the quota is spent. */
const THROTTLES_MAX = 3;
/** Of a pause between attempts. */
const WAIT_MS_MAX = 250;
/** Of the limit, for what follows once reading has to end. */
const REST_SHARE = 0.2;

export function limit({ clock, random, limitMs, startedMs = clock.now(), signal, throttled }: LimitOptions): Limited {
	const ended = new AbortController();
	const over = new AbortController();
	const both = AbortSignal.any([signal, over.signal]);
	const lines: string[] = [];
	let throttles = 0;

	const meter: Meter = {
		count(name) {
			if (name === "pages_total") throttles = 0;
			if (name !== "throttles_total" || ++throttles < THROTTLES_MAX) return;
			over.abort(
				new CollectorError("SOURCE_THROTTLED", `throttled: the service refused ${throttles} calls in a row for their rate; ${throttled}`),
			);
		},
		gauge() {},
		observe() {},
	};
	void clock.wait(Math.max(1, startedMs + limitMs - clock.now()), ended.signal).then(
		() => over.abort(new CollectorError("SOURCE_UNAVAILABLE", lateText(limitMs, throttles))),
		() => {},
	);
	return {
		host: {
			signal: both,
			clock: { now: () => clock.now(), wait: (ms, stop) => clock.wait(Math.min(ms, WAIT_MS_MAX), stop) },
			random,
			log: (line) => void lines.push(line),
			meter,
		},
		deadlineMs: startedMs + limitMs * (1 - REST_SHARE),
		notes: () => lines.splice(0),
		async within(work) {
			both.throwIfAborted();
			const { promise, reject } = Promise.withResolvers<never>();
			const stop = (): void => reject(both.reason);
			both.addEventListener("abort", stop, { once: true });
			try {
				return await Promise.race([work(), promise]);
			} finally {
				both.removeEventListener("abort", stop);
			}
		},
		[Symbol.dispose]: () => ended.abort(),
	};
}

function lateText(limitMs: number, throttles: number): string {
	const late = `not done within ${limitMs / 1000} s`;
	if (throttles > 0) return `${late}, and calls were refused for their rate: other readers draw on the same quota`;
	return `${late}: check the network, the proxy and the endpoint, or give it more time with --timeout`;
}

/** Makes one call of a service until it succeeds: within the quota, with full jitter, as long as the error table says "retry". */

import pRetry from "p-retry";
import type { Host } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Bucket } from "./bucket.ts";

export interface AttemptLimits {
	readonly attemptsMax: number;
	readonly delayMinMs: number;
	readonly delayMaxMs: number;
}

export const DEFAULT_ATTEMPTS: AttemptLimits = { attemptsMax: 6, delayMinMs: 500, delayMaxMs: 30_000 };

/** Calls `ask` until it gives something. What it throws must be a CollectorError; the last one is thrown on. */
export type Attempt = <T>(ask: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export function createAttempt(host: Host, bucket: Bucket, limits: AttemptLimits = DEFAULT_ATTEMPTS): Attempt {
	/** The service's own word on how long to wait comes before ours. */
	function delayOf(error: unknown, attemptNumber: number): number {
		const asked = error instanceof CollectorError ? error.retryAfterMs : undefined;
		return asked ?? host.random() * Math.min(limits.delayMaxMs, limits.delayMinMs * 2 ** attemptNumber);
	}

	return (ask, signal) =>
		pRetry(
			async () => {
				await bucket.take(signal);
				return ask();
			},
			{
				retries: limits.attemptsMax - 1,
				// The waiting is done on our clock, below.
				minTimeout: 0,
				signal,
				shouldRetry: ({ error }) => error instanceof CollectorError && error.action === "retry",
				async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
					const isThrottled = error instanceof CollectorError && error.code === "SOURCE_THROTTLED";
					if (isThrottled) bucket.throttled();
					host.meter.count(isThrottled ? "throttles_total" : "call_failures_total");
					if (retriesLeft === 0 || !(error instanceof CollectorError) || error.action !== "retry") return;
					// An abort ends the waiting; the retry loop sees it itself.
					await host.clock.wait(delayOf(error, attemptNumber), signal).catch(() => {});
				},
			},
		);
}

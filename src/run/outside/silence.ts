/** Tells a cluster that has stopped sending from one that is merely not read yet. */

export interface Heard {
	/** Time of the newest event, epoch milliseconds; absent: none since `sinceMs`. */
	readonly lastEventMs: number | undefined;
	/** Where listening began. */
	readonly sinceMs: number;
	/** All that the source stored up to here is read; absent: nothing yet. */
	readonly watermarkMs: number | undefined;
}

export interface Silence {
	/** From when on nothing came. */
	readonly sinceMs: number;
	/** So much time is known to be empty. */
	readonly silentMs: number;
	/** It is more than is allowed. */
	readonly isSilent: boolean;
}

/**
 * Silence is measured on the time of events, up to the watermark: a source that cannot be read, or is read late, lags;
 * whether its cluster is silent nobody knows then. Without `afterMs` any silence is allowed.
 */
export function silenceOf({ lastEventMs, sinceMs, watermarkMs }: Heard, afterMs = Number.POSITIVE_INFINITY): Silence {
	const fromMs = Math.max(sinceMs, lastEventMs ?? sinceMs);
	const silentMs = Math.max(0, (watermarkMs ?? fromMs) - fromMs);
	return { sinceMs: fromMs, silentMs, isSilent: silentMs > afterMs };
}

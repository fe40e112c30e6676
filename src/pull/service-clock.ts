/** The service's clock, as far as its Date headers tell: a time that it has surely reached. */

export interface ServiceClock {
	/** The service's clock at a moment of ours: it shows this, or later. */
	atLeast(localMs: number): number;
	/** An answer with that date arrived at that moment of ours. */
	answered(servedAtMs: number, localMs: number): void;
}

/**
 * A Date header is made before the answer arrives, and cuts off the fraction of its second: by it the service's clock is
 * never thought to be ahead of itself. A watermark that is too early costs a second reading; one too late would lose events.
 */
export function createServiceClock(): ServiceClock {
	let offsetMs: number | undefined;
	return {
		atLeast: (localMs) => localMs + (offsetMs ?? 0),
		answered(servedAtMs, localMs) {
			offsetMs = servedAtMs - localMs;
		},
	};
}

/** Sends one route's share of a batch until every event is settled, rejected, or the attempts are spent. */

import pRetry, { AbortError, type RetryContext } from "p-retry";
import type { Host } from "../contract/connector.ts";
import { CollectorError } from "../contract/errors.ts";
import type { Delivery, EncodedEvent, QuarantineEntry, Rejection, SendResult, Sink } from "../contract/sink.ts";

export interface RetryLimits {
	readonly attemptsMax: number;
	readonly delayMinMs: number;
	readonly delayMaxMs: number;
}

/** What deliver needs of the pipeline's options. */
export interface DeliverOptions {
	readonly limits: { readonly retry: RetryLimits };
	readonly host: Host;
}

export interface Delivered {
	/** Events that the sink refused for good, with why. */
	readonly rejected: readonly QuarantineEntry[];
	/** The backend refused that many but could not say which: all are in `rejected`. */
	readonly unclear: number;
}

/** Which batch the events come from. */
export type Position = Pick<Delivery, "source" | "partition" | "firstSeq">;

/** Retries in place: what the sink settled is not sent again. Throws the sink's CollectorError when the attempts are spent or its action is not to retry. */
export async function deliver(
	sink: Sink,
	events: readonly EncodedEvent[],
	position: Position,
	{ limits: { retry: limits }, host }: DeliverOptions,
	signal: AbortSignal,
): Promise<Delivered> {
	let left = events;
	const rejected: QuarantineEntry[] = [];
	let unclear = 0;
	const reject = ({ index, error }: Rejection): void => {
		rejected.push(quarantineOf(left[index] as EncodedEvent, sink.name, error));
	};

	async function send(attempt: number): Promise<SendResult> {
		try {
			return await sink.send({ ...position, events: left, attempt }, signal);
		} catch (error) {
			// Outcomes are values: what is thrown will not get better by trying again.
			throw new AbortError(error instanceof Error ? error : String(error));
		}
	}

	function failed(error: CollectorError): Error {
		return error.action === "retry" ? error : new AbortError(error);
	}

	/** Full jitter; but what the other side asks us to wait comes before our own back-off. */
	function delayOf(error: Error, attempt: number): number {
		const asked = error instanceof CollectorError ? error.retryAfterMs : undefined;
		return asked ?? host.random() * Math.min(limits.delayMaxMs, limits.delayMinMs * 2 ** attempt);
	}

	async function attempt(number: number): Promise<void> {
		const result = await send(number);
		if (result.status === "retry") throw failed(result.error);
		if (result.status === "unclear") {
			unclear = result.rejectedCount;
			const error = new CollectorError("SINK_REJECTED", `${sink.name} refused ${unclear} of ${left.length} events and did not say which`);
			for (const index of left.keys()) reject({ index, error });
			left = [];
			return;
		}
		result.rejected.forEach(reject);
		left = result.status === "partial" ? result.retry.map((index) => left[index] as EncodedEvent) : [];
		if (result.status === "settled" || left.length === 0) return;
		const asked = result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs };
		throw new CollectorError("SINK_THROTTLED", `${sink.name} took a part of the batch only`, asked);
	}

	const retry = {
		retries: limits.attemptsMax - 1,
		// The waiting is done on our clock.
		minTimeout: 0,
		signal,
		async onFailedAttempt({ error, attemptNumber, retriesLeft }: RetryContext) {
			// An abort ends the waiting; the retry loop sees it itself.
			if (retriesLeft > 0) await host.clock.wait(delayOf(error, attemptNumber), signal).catch(() => {});
		},
	};
	try {
		if (left.length > 0) await pRetry(attempt, retry);
	} catch (error) {
		// An abort that came while the sink took the last event undoes nothing.
		if (left.length > 0) throw error;
	}
	return { rejected, unclear };
}

function quarantineOf(event: EncodedEvent, sinkName: string, error: CollectorError): QuarantineEntry {
	return { error, source: sinkName, position: event.uid, body: event.bytes };
}

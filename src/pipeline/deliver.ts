/** Sends one route's share of a batch until every event is settled, rejected, or the attempts are spent. */

import pRetry, { AbortError } from "p-retry";
import { CollectorError } from "../contract/errors.ts";
import type { Delivery, EncodedEvent, QuarantineEntry, Rejection, Sink } from "../contract/sink.ts";

export interface RetryLimits {
	readonly attemptsMax: number;
	readonly delayMinMs: number;
	readonly delayMaxMs: number;
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
	limits: RetryLimits,
	signal: AbortSignal,
): Promise<Delivered> {
	let left = events;
	const rejected: QuarantineEntry[] = [];
	let unclear = 0;
	const reject = ({ index, error }: Rejection): void => {
		rejected.push(quarantineOf(left[index] as EncodedEvent, sink.name, error));
	};

	async function attempt(number: number): Promise<void> {
		const result = await sink.send({ ...position, events: left, attempt: number }, signal);
		if (result.status === "retry") throw result.error.action === "retry" ? await afterWait(result.error, signal) : new AbortError(result.error);
		if (result.status === "unclear") {
			unclear = result.rejectedCount;
			const error = new CollectorError("SINK_REJECTED", `${sink.name} refused ${unclear} of ${left.length} events and did not say which`);
			left.forEach((_, index) => reject({ index, error }));
			return;
		}
		result.rejected.forEach(reject);
		if (result.status === "settled") return;
		left = result.retry.map((index) => left[index] as EncodedEvent);
		if (left.length === 0) return;
		const wait = result.retryAfterMs === undefined ? {} : { retryAfterMs: result.retryAfterMs };
		throw await afterWait(new CollectorError("SINK_THROTTLED", `${sink.name} took a part of the batch only`, wait), signal);
	}

	if (left.length > 0) {
		await pRetry(attempt, {
			retries: limits.attemptsMax - 1,
			minTimeout: limits.delayMinMs,
			maxTimeout: limits.delayMaxMs,
			randomize: true,
			signal,
		});
	}
	return { rejected, unclear };
}

/** What the other side asks us to wait comes before our own back-off. */
async function afterWait(error: CollectorError, signal: AbortSignal): Promise<CollectorError> {
	const { retryAfterMs } = error;
	if (retryAfterMs === undefined) return error;
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, retryAfterMs);
		signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
	});
	return error;
}

function quarantineOf(event: EncodedEvent, sinkName: string, error: CollectorError): QuarantineEntry {
	return { error, source: sinkName, position: event.uid, body: event.bytes };
}

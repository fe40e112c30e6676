/** Events for the tests of sinks. */

import type { Delivery, EncodedEvent } from "../contract/sink.ts";

export function deliveryOf(...texts: readonly string[]): Delivery {
	const events = texts.map((text): EncodedEvent => ({ uid: text, timeMs: 0, clusterKey: "", bytes: Buffer.from(text) }));
	return { events, source: "test", partition: "a", firstSeq: 0, attempt: 1 };
}

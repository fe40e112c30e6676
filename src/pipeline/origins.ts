/** Completes the origins of a batch's records; equal ones are one object, so that what follows from it is remembered. */

import type { Connector } from "../contract/connector.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import type { Origin, RawRecord } from "../contract/record.ts";
import { rememberTexts, share } from "../json/remember.ts";

/** Where the records of a batch come from. */
export interface Origins {
	readonly connector: Connector;
	/** The batch's. */
	readonly base: Origin;
	/** What is known before the record is decoded. */
	ofRecord(record: RawRecord): Origin;
	/** What is known at last, completed by the connector. Shared: nobody may change it. */
	ofEvent(record: RawRecord, decoded: DecodedEvent): Origin;
}

type Said = Partial<Origin> | undefined;

/** Clusters, and log streams of theirs, that the records of one batch's origin may name by turns. */
const ORIGINS_MAX = 256;

/** Of one batch's origin, for as many batches as have it. */
export function createOrigins(base: Origin, connector: Connector): Origins {
	const ofText = rememberTexts((text) => {
		const [byRecord, byContent] = JSON.parse(text) as readonly [Said, Said];
		return share(connector.resolve({ ...base, ...byRecord, ...byContent }));
	}, ORIGINS_MAX);
	// Nearly always the record says no more than the one before it.
	let last: { readonly byRecord: Said; readonly byContent: Said; readonly origin: Origin } | undefined;

	return {
		connector,
		base,
		ofRecord: ({ origin }) => (origin === undefined ? base : { ...base, ...origin }),
		ofEvent({ origin: byRecord }, { origin: byContent }) {
			if (last === undefined || last.byRecord !== byRecord || last.byContent !== byContent)
				last = { byRecord, byContent, origin: ofText(JSON.stringify([byRecord, byContent])) };
			return last.origin;
		},
	};
}

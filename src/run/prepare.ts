/** Policy, normalise and encode as one step: what a route does to an event. */

import type { Clock } from "../contract/connector.ts";
import type { DecodedEvent } from "../contract/decode.ts";
import { CollectorError } from "../contract/errors.ts";
import type { OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import type { Prepare } from "../contract/route.ts";
import { encodeAudit } from "../encode/audit.ts";
import { encodeEcs } from "../encode/ecs.ts";
import { encodeOcsf } from "../encode/ocsf.ts";
import { type Piece, plainOf } from "../json/pieces.ts";
import { normalise } from "../normalise/api-activity.ts";
import { eventTime } from "../normalise/times.ts";
import { uidOf } from "../normalise/uid.ts";
import type { Policy } from "../policy/policy.ts";
import type { Schema } from "./config/schemas.ts";

export interface PrepareSettings {
	readonly schema: Schema;
	readonly policy: Policy;
	readonly identityKey?: string;
	/** Epoch milliseconds; events outside [fromMs, untilMs) are filtered by the rule "time-range". */
	readonly fromMs?: number;
	readonly untilMs?: number;
	readonly clock: Clock;
}

type Encode = (event: Piece<OcsfEvent>, decoded: DecodedEvent, origin: Origin) => Uint8Array;

const ENCODERS: Record<Schema, Encode> = {
	ocsf: (event) => encodeOcsf(event),
	audit: (_, decoded) => encodeAudit(decoded.event),
	ecs: (event, decoded, origin) => encodeEcs(plainOf(event), decoded.event, origin),
};

export function createPrepare(settings: PrepareSettings): Prepare {
	const { policy, schema, identityKey, clock, fromMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = settings;
	const encode = ENCODERS[schema];
	const isBounded = fromMs !== Number.NEGATIVE_INFINITY || untilMs !== Number.POSITIVE_INFINITY;
	const isOutside = (decoded: DecodedEvent, nowMs: number): boolean => {
		const { ms } = eventTime(decoded, nowMs);
		return ms < fromMs || ms >= untilMs;
	};
	return (original, origin) => {
		try {
			const nowMs = clock.now();
			if (isBounded && isOutside(original, nowMs)) return { kind: "filtered", rule: "time-range", bytes: original.identity.length };
			const treated = policy(original);
			if (treated.kind === "filtered") return treated;
			const { decoded, redacted, reduced } = treated;
			const clusterKey = origin.clusterKey ?? "";
			const uid = uidOf(clusterKey, decoded.identity, identityKey);
			const { event, timeMs, isTruncated, inferred } = normalise(decoded, origin, uid, treated, nowMs);
			const marks = { redacted, truncated: isTruncated, inferred: inferred.length > 0 };
			return {
				kind: "encoded",
				event: { uid, timeMs, clusterKey, bytes: encode(event, decoded, origin) },
				marks: reduced === undefined ? marks : { ...marks, reduced },
			};
		} catch (error) {
			return {
				kind: "bad",
				error: new CollectorError("EVENT_UNMAPPABLE", "cannot map the event; please report it with its quarantine entry", { cause: error }),
			};
		}
	};
}

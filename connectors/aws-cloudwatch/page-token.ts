/** Page tokens of the simulated service: opaque, a position in one question's listing, good for a day. */

import { parseOrNone } from "../../src/json/value.ts";
import type { Place } from "../../src/simulation/stored-log.ts";

export interface PageTokens {
	/** Never the same twice. `place` is that of the last event given; undefined: of none. */
	make(place: Place | undefined, question: string, nowMs: number): string;
	/** "refused": expired, of another question, or not one of ours. */
	read(token: string, question: string, nowMs: number): Place | undefined | "refused";
}

interface Held {
	readonly serial: number;
	readonly question: string;
	readonly madeAtMs: number;
	readonly place?: Place;
}

export function createPageTokens(lifeMs: number): PageTokens {
	let serial = 0;
	return {
		make(place, question, madeAtMs) {
			const held: Held = {
				serial: serial++,
				question,
				madeAtMs,
				...(place === undefined ? {} : { place: { timeMs: place.timeMs, order: place.order } }),
			};
			return Buffer.from(JSON.stringify(held)).toString("base64url");
		},
		read(token, question, nowMs) {
			const held = parseOrNone(Buffer.from(token, "base64url")) as Partial<Held> | undefined;
			// source-semantics 1.1: "nextToken expires after 24 h".
			if (held?.question !== question || held.madeAtMs === undefined || nowMs - held.madeAtMs >= lifeMs) return "refused";
			return held.place;
		},
	};
}

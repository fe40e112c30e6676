/** For the tests of this folder: a service to pull from, events to find there, and what a listing brings. */

import type { Clock, Scope } from "../../src/contract/connector.ts";
import { NO_METER } from "../../src/contract/meter.ts";
import type { RawRecord } from "../../src/contract/record.ts";
import { type Attempt, createAttempt, DEFAULT_ATTEMPTS } from "../../src/pull/attempts.ts";
import { createBucket } from "../../src/pull/bucket.ts";
import type { Listed, ListedRecord, Window } from "../../src/pull/listing.ts";
import { createFakeClock } from "../../src/simulation/fake-clock.ts";
import { NO_FAULTS } from "../../src/simulation/faults.ts";
import { eventText } from "../../src/simulation/planted-event.ts";
import { randomOf } from "../../src/simulation/random.ts";
import type { Client } from "./client.ts";
import { createModel, type Model, type ModelOptions } from "./model.ts";
import { resolve } from "./origin.ts";
import { createList, type Listing } from "./poll.ts";
import { type Settings, settings as schema } from "./settings.ts";

export const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
export const HOUR_MS = 3_600_000;
export const SIGNAL = new AbortController().signal;
export const REGION = "eu-central-1";
export const GROUP = "/aws/eks/prod/cluster";

/** The scope of the model's own log group. */
export const SCOPE: Scope = {
	name: `123456789012/${REGION}/aws/eks/prod/cluster`,
	origin: resolve({ connector: "aws-cloudwatch", account: "123456789012", region: REGION, logName: GROUP }),
};

export function settingsOf(changes: object = {}): Settings {
	return schema.parse({ regions: [REGION], clusters: ["prod"], ...changes });
}

/** Every call is made once, and what it throws is thrown on. */
export const once: Attempt = (ask) => ask();

/** Calls as the loop makes them, but with more patience, in no time but the clock's. */
export function attemptOf(clock: Clock, perSecond = 1_000): Attempt {
	const host = { signal: SIGNAL, clock, random: randomOf(1), log() {}, meter: NO_METER };
	return createAttempt(host, createBucket(clock, { perSecond, burst: 10 }), { ...DEFAULT_ATTEMPTS, attemptsMax: 30 });
}

export function modelOf(options: Partial<ModelOptions> = {}) {
	const clock = createFakeClock(NOW_MS);
	return { clock, model: createModel({ clock, random: randomOf(7), faults: NO_FAULTS, ...options }) };
}

/** Plants events "s0", "s1", ..., a second apart, the last of them a minute ago by the service's clock; gives their serials. */
export function plantMany(model: Model, count: number, scope?: string): readonly string[] {
	const startMs = model.now() - 60_000 - count * 1000;
	return Array.from({ length: count }, (_, i) => {
		const serial = `s${i}`;
		const timeMs = startMs + i * 1000;
		const text = eventText(serial, timeMs);
		model.plant({ serial, text, timeMs, takenInMs: timeMs + 300, visibleAtMs: timeMs + 1300, server: i % 2 }, scope);
		return serial;
	});
}

export const ALL: Window = { fromMs: 0, toMs: NOW_MS + 1000 * HOUR_MS };

export function pagesOf(client: Client, changes: Partial<Listing> = {}, window = ALL, signal = SIGNAL): Promise<readonly Listed[]> {
	return Array.fromAsync(createList({ client, attempt: once, scope: SCOPE, ...changes })(window, signal));
}

/** The records of a listing that ends well. */
export async function recordsOf(client: Client, changes: Partial<Listing> = {}, window = ALL): Promise<readonly ListedRecord[]> {
	return (await pagesOf(client, changes, window)).flatMap((listed) => {
		if (listed.kind !== "page") throw new Error(listed.kind);
		return listed.records;
	});
}

/** The serial of a planted event, from whatever is left of its text. */
export function serialOf({ body }: RawRecord): string {
	return /\\?"auditID\\?":\\?"([^"\\]+)/.exec(Buffer.from(body).toString("utf8"))?.[1] ?? "?";
}

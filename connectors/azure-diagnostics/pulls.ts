/** The way in by polling: workspaces as scopes, each read by the shared loop, within the quota of the identity. */

import type { Clock, Pulls, Timing } from "../../src/contract/connector.ts";
import type { Batch } from "../../src/contract/record.ts";
import { createAttempt } from "../../src/pull/attempts.ts";
import { pull } from "../../src/pull/pull.ts";
import { createShared } from "../../src/pull/shared.ts";
import type { PullRequest } from "../../src/pull/state.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import type { Client } from "./client.ts";
import { countRows } from "./count.ts";
import { createList, scopes } from "./log-analytics.ts";
import { quotaOf, type Settings } from "./settings.ts";

export interface PullsOptions {
	readonly clock: Clock;
	connect(settings: Settings): Promise<Client>;
	/** The loop. */
	readonly read?: (request: PullRequest) => AsyncIterable<Batch>;
	/** Of sources whose settings say nothing of it. */
	readonly timing?: Timing;
}

const MINUTE_MS = 60_000;

/**
 * Rows can be asked for minutes after their time, and in any order of two ingestions that overlap (source-semantics 3.2):
 * to ask more often, or to look back less far, would cost more and find no more.
 */
const TIMING: Timing = {
	...DEFAULT_TIMING,
	intervalMs: MINUTE_MS,
	intervalMaxMs: 3 * MINUTE_MS,
	overlapMs: 10 * MINUTE_MS,
	overlapMaxMs: 60 * MINUTE_MS,
	sweeps: [
		{ everyMs: 30 * MINUTE_MS, depthMs: 90 * MINUTE_MS },
		{ everyMs: 360 * MINUTE_MS, depthMs: 720 * MINUTE_MS },
	],
};

export function createPulls({ clock, connect, read = pull, timing = TIMING }: PullsOptions): Pulls<Settings> {
	const shared = createShared(clock, connect);
	/** Quotas are an identity's; of those that settings do not tell apart there is one. */
	const bucketOf = (settings: Settings) => shared.bucketOf(JSON.stringify(settings.identity), quotaOf(settings));
	return {
		async scopes(settings, host) {
			const attempt = createAttempt(host, bucketOf(settings));
			return scopes({ client: await shared.clientOf(settings), attempt, settings, clock }, host.signal);
		},
		async *read({ settings, ...request }) {
			const { scope, host } = request;
			const attempt = createAttempt(host, bucketOf(settings));
			const list = createList({ client: await shared.clientOf(settings), attempt, settings, clock, scope });
			yield* read({ ...request, list, timing: { ...timing, ...request.timing }, signal: host.signal });
		},
		async count({ settings, scope, host, ...stretch }) {
			const attempt = createAttempt(host, bucketOf(settings));
			return countRows({ client: await shared.clientOf(settings), attempt, settings, clock, scope }, stretch, host.signal);
		},
		close: shared.close,
	};
}

/** The way in by polling: projects and views as scopes, each read by the shared loop, within the quota of its project. */

import type { Clock, Pulls, Timing } from "../../src/contract/connector.ts";
import type { Batch } from "../../src/contract/record.ts";
import { createAttempt } from "../../src/pull/attempts.ts";
import { pull } from "../../src/pull/pull.ts";
import { createShared } from "../../src/pull/shared.ts";
import type { PullRequest } from "../../src/pull/state.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import type { Client } from "./client.ts";
import { createList } from "./poll.ts";
import { quotaName, quotaOf, scopes } from "./query.ts";
import type { Settings } from "./settings.ts";

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
 * The axis is the service's own time of arrival, so little comes late on it (source-semantics 7, rule 12), and the quota is
 * small: 24 calls a minute have to do for the polls, and for what is read again (section 8).
 */
const TIMING: Timing = {
	...DEFAULT_TIMING,
	intervalMs: 15_000,
	intervalMaxMs: 45_000,
	overlapMs: MINUTE_MS,
	sweeps: [
		{ everyMs: 30 * MINUTE_MS, depthMs: 60 * MINUTE_MS },
		{ everyMs: 720 * MINUTE_MS, depthMs: 1_500 * MINUTE_MS },
	],
};

export function createPulls({ clock, connect, read = pull, timing = TIMING }: PullsOptions): Pulls<Settings> {
	const shared = createShared(clock, connect);
	return {
		scopes: async (settings) => scopes(settings),
		async *read({ settings, ...request }) {
			const { scope, host } = request;
			const attempt = createAttempt(host, shared.bucketOf(quotaName(scope), quotaOf(settings)));
			const list = createList({ client: await shared.clientOf(settings), attempt, resource: scope.name, settings });
			yield* read({ ...request, list, timing: { ...timing, ...request.timing }, signal: host.signal });
		},
		close: shared.close,
	};
}

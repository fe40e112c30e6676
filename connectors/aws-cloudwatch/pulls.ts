/** The way in by polling: log groups as scopes, each read by the shared loop, within the quota of its account and Region. */

import type { Clock, Host, Pulls, Scope } from "../../src/contract/connector.ts";
import type { Batch } from "../../src/contract/record.ts";
import { createAttempt } from "../../src/pull/attempts.ts";
import type { Bucket } from "../../src/pull/bucket.ts";
import { pull } from "../../src/pull/pull.ts";
import { createShared } from "../../src/pull/shared.ts";
import type { PullRequest } from "../../src/pull/state.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import type { Client } from "./client.ts";
import { countEvents } from "./count.ts";
import { createList } from "./poll.ts";
import { callsOf, quotaName, quotaOf } from "./quota.ts";
import { logGroupArn, scopes } from "./scopes.ts";
import type { Settings } from "./settings.ts";

export interface PullsOptions {
	readonly clock: Clock;
	connect(settings: Settings): Promise<Client>;
	/** The loop. */
	readonly read?: (request: PullRequest) => AsyncIterable<Batch>;
	readonly pageEventsMax?: number;
}

export function createPulls({ clock, connect, read = pull, pageEventsMax }: PullsOptions): Pulls<Settings> {
	const shared = createShared(clock, connect);

	/** How a log group is asked. */
	async function groupOf(settings: Settings, scope: Scope, host: Host, bucket: Bucket) {
		const arn = logGroupArn(settings, scope);
		const client = await shared.clientOf(settings);
		return { client, attempt: createAttempt(host, bucket), scope, ...(arn === undefined ? {} : { logGroupArn: arn }) };
	}

	return {
		async scopes(settings, host) {
			// Which account it is becomes known only by asking; settings stand for it until then.
			const bucket = shared.bucketOf(`look up ${settings.roleArn ?? ""}`, { perSecond: 0.4 * quotaOf("").describeLogGroups, burst: 4 });
			const { signal, log } = host;
			return scopes(settings, { client: await shared.clientOf(settings), attempt: createAttempt(host, bucket), signal, log });
		},
		async *read({ settings, ...request }) {
			const { scope, host } = request;
			const bucket = shared.bucketOf(quotaName(scope), callsOf(settings, scope.origin.region ?? ""));
			const group = await groupOf(settings, scope, host, bucket);
			const list = createList({ ...group, ...(pageEventsMax === undefined ? {} : { pageEventsMax }) });
			yield* read({ ...request, list, timing: { ...DEFAULT_TIMING, ...request.timing }, signal: host.signal });
		},
		async count({ settings, scope, host, ...stretch }) {
			const perSecond = settings.quota.share * quotaOf(scope.origin.region ?? "").insights;
			const bucket = shared.bucketOf(`insights ${quotaName(scope)}`, { perSecond, burst: Math.max(1, Math.floor(perSecond)) });
			return countEvents({ ...(await groupOf(settings, scope, host, bucket)), clock }, stretch, host.signal);
		},
		close: shared.close,
	};
}

/** What the readers of one process share: a client for each settings object, and a bucket for each quota. */

import type { Clock } from "../contract/connector.ts";
import { type Bucket, type BucketLimits, createBucket } from "./bucket.ts";

export interface Shared<Settings, Client> {
	clientOf(settings: Settings): Promise<Client>;
	/** The limits of the first who asks hold. */
	bucketOf(quota: string, limits: BucketLimits): Bucket;
	close(): Promise<void>;
}

/** `connect` is called once for each settings object, and again if it failed. */
export function createShared<Settings extends object, Client extends Partial<AsyncDisposable>>(
	clock: Clock,
	connect: (settings: Settings) => Promise<Client>,
): Shared<Settings, Client> {
	const clients = new Map<Settings, Promise<Client>>();
	const buckets = new Map<string, Bucket>();
	return {
		clientOf(settings) {
			const known = clients.get(settings);
			if (known !== undefined) return known;
			const made = connect(settings);
			clients.set(settings, made);
			made.catch(() => clients.delete(settings));
			return made;
		},
		bucketOf(quota, limits) {
			const bucket = buckets.get(quota) ?? createBucket(clock, limits);
			buckets.set(quota, bucket);
			return bucket;
		},
		async close() {
			for (const client of clients.values()) await (await client.catch(() => undefined))?.[Symbol.asyncDispose]?.();
			clients.clear();
		},
	};
}

/** The smallest service that can be pulled: a log with pages and tokens, and no wire. It examines the loop, and the kit itself. */

import { kubernetes } from "../../connectors/kubernetes/index.ts";
import type { Pulls, ReadRequest } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Batch } from "../../src/contract/record.ts";
import { createAttempt } from "../../src/pull/attempts.ts";
import { createBucket } from "../../src/pull/bucket.ts";
import type { List, Listed, ListedRecord } from "../../src/pull/listing.ts";
import { pull } from "../../src/pull/pull.ts";
import type { PullRequest } from "../../src/pull/state.ts";
import { DEFAULT_TIMING } from "../../src/pull/timing.ts";
import { createStoredLog, type Place, type StoredLog } from "../../src/simulation/stored-log.ts";
import type { Subject, Surroundings } from "./subject.ts";

const PAGE_RECORDS = 7;
/** A listing that would be longer is refused, as by services that do not page. */
const LISTING_RECORDS_MAX = 400;
const EMPTY_RATE = 0.2;

/** `read` stands in for the loop, so that a faulty one can be planted. */
export function plainSubject(read: (request: PullRequest) => AsyncIterable<Batch> = pull): Subject {
	return {
		connector: kubernetes,
		create(surroundings) {
			const log = createStoredLog<ListedRecord>();
			return {
				plant({ serial, text, timeMs, takenInMs, visibleAtMs }) {
					const entry = { id: serial, body: Buffer.from(text), timeMs, loggedTimeMs: takenInMs };
					log.put({ entry, timeMs, order: serial, visibleAtMs });
				},
				pulls: () => plainPulls(log, surroundings, read),
				settings: {},
			};
		},
	};
}

function plainPulls(
	log: StoredLog<ListedRecord>,
	surroundings: Surroundings,
	read: (request: PullRequest) => AsyncIterable<Batch>,
): Pulls<never> {
	return {
		scopes: async () => [{ name: "plain", origin: kubernetes.resolve({ connector: "kubernetes", clusterName: "plain" }) }],
		read(request: ReadRequest<never>) {
			const { host } = request;
			const attempt = createAttempt(host, createBucket(host.clock, { perSecond: 100, burst: 10 }));
			const list: List = async function* (window, signal) {
				const isTooMuch = [...log.list(window.fromMs, window.toMs, surroundings.clock.now())].length > LISTING_RECORDS_MAX;
				if (isTooMuch) return yield { kind: "too-much" };
				for (let after: Place | undefined | "end"; after !== "end"; ) {
					const from: Place | undefined = after;
					const page = await attempt(() => ask(surroundings, () => pageAfter(log, window, from, surroundings)), signal);
					yield page.listed;
					if (page.listed.kind === "restart") return;
					after = page.next;
				}
			};
			return read({ ...request, list, timing: DEFAULT_TIMING, signal: host.signal });
		},
	};
}

interface AnsweredPage {
	readonly listed: Listed;
	readonly next: Place | "end";
}

function pageAfter(
	log: StoredLog<ListedRecord>,
	window: { readonly fromMs: number; readonly toMs: number },
	after: Place | undefined,
	{ clock, random }: Surroundings,
): AnsweredPage {
	const nowMs = clock.now();
	const servedAtMs = Math.floor(nowMs / 1000) * 1000;
	const isEmpty = random() < EMPTY_RATE;
	const stored = [...log.list(window.fromMs, window.toMs, nowMs, after)].slice(0, PAGE_RECORDS + 1);
	const taken = isEmpty ? [] : stored.slice(0, PAGE_RECORDS);
	const last = taken.at(-1) ?? after ?? { timeMs: window.fromMs, order: "" };
	return {
		listed: { kind: "page", records: taken.map(({ entry }) => entry), servedAtMs },
		next: stored.length > taken.length ? last : "end",
	};
}

async function ask({ faults, clock }: Surroundings, answer: () => AnsweredPage): Promise<AnsweredPage> {
	const fault = faults("list");
	if (fault === undefined) return answer();
	if (fault === "bad-token") return { listed: { kind: "restart" }, next: "end" };
	if (fault === "throttle") throw new CollectorError("SOURCE_THROTTLED", "slow down", { retryAfterMs: 1_000 });
	if (fault === "denied") throw new CollectorError("ACCESS_DENIED", "not you");
	if (fault === "timeout") await clock.wait(10_000);
	throw new CollectorError("SOURCE_UNAVAILABLE", fault);
}

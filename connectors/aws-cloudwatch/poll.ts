/** Lists the audit events of a log group, page by page, for the loop that reads windows of time again and again. */

import type { Scope } from "../../src/contract/connector.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import type { Origin } from "../../src/contract/record.ts";
import { DEFAULT_LIMITS } from "../../src/framing/limits.ts";
import { rememberTexts } from "../../src/json/remember.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import type { List, Window } from "../../src/pull/listing.ts";
import { type Page, readEventPage } from "./answer.ts";
import type { Client, LogEvent } from "./client.ts";
import { isTokenRefused, toCollectorError } from "./client-error.ts";
import { AUDIT_STREAM } from "./decode.ts";
import { liveRecord } from "./live-record.ts";
import { groupAddress } from "./origin.ts";

export interface Listing {
	readonly client: Client;
	readonly attempt: Attempt;
	/** One that `scopes` gave. */
	readonly scope: Scope;
	/** A log group's ARN where the name does not do: in a linked account. */
	readonly logGroupArn?: string;
	/** A larger event goes to quarantine. */
	readonly recordBytesMax?: number;
	/** Events of a page; absent: as many as the service gives, 10,000 or 1 MB. */
	readonly pageEventsMax?: number;
}

interface EventPage extends Page<LogEvent> {
	readonly servedAtMs: number | undefined;
}

/** Streams of one log group: one an API server, and new ones as they grow. */
const STREAMS_MAX = 256;

/** A listing of the scope's audit streams. The ids of its records are the service's event ids. */
export function createList(listing: Listing): List {
	const { client, attempt, scope, recordBytesMax = DEFAULT_LIMITS.recordBytesMax, pageEventsMax } = listing;
	const { region, logName } = scope.origin;
	if (region === undefined || logName === undefined)
		throw new CollectorError("CONFIG_INVALID", `${scope.name} is no scope of aws-cloudwatch`);
	const asked = { permission: "logs:FilterLogEvents", on: groupAddress(scope.origin) };
	// The group goes along: without it decoding would judge by the stream alone whether this is EKS.
	const originOf = rememberTexts((logSource): Partial<Origin> => ({ logName, logSource }), STREAMS_MAX);

	async function ask({ fromMs, toMs }: Window, nextToken: string | undefined, signal: AbortSignal): Promise<EventPage | "refused"> {
		const request = {
			region: region as string,
			logGroup: listing.logGroupArn ?? (logName as string),
			logStreamNamePrefix: AUDIT_STREAM,
			startTime: Math.max(0, Math.floor(fromMs)),
			endTime: Math.max(0, Math.ceil(toMs)),
			...(pageEventsMax === undefined ? {} : { limit: pageEventsMax }),
			...(nextToken === undefined ? {} : { nextToken }),
		};
		try {
			const answer = await client.filterLogEvents(request, signal);
			return { ...readEventPage(answer), servedAtMs: answer.servedAtMs };
		} catch (error) {
			signal.throwIfAborted();
			if (nextToken !== undefined && isTokenRefused(error)) return "refused";
			throw toCollectorError(error, asked);
		}
	}

	return async function* list(window, signal) {
		let token: string | undefined;
		for (;;) {
			const page = await attempt(() => ask(window, token, signal), signal);
			if (page === "refused") {
				yield { kind: "restart" };
				return;
			}
			const records = page.items.map((event) => liveRecord(event, originOf(event.logStreamName), recordBytesMax));
			yield { kind: "page", records, ...(page.servedAtMs === undefined ? {} : { servedAtMs: page.servedAtMs }) };
			if (page.nextToken === undefined) return;
			if (page.nextToken === token)
				throw new CollectorError("SOURCE_UNAVAILABLE", `${asked.on}: the same page token came twice; the listing would not end`);
			token = page.nextToken;
		}
	};
}

/** Lists what arrived in a window, page by page, for the loop that all sources share. */

import { CollectorError } from "../../src/contract/errors.ts";
import { isObject } from "../../src/json/value.ts";
import type { Attempt } from "../../src/pull/attempts.ts";
import type { List } from "../../src/pull/listing.ts";
import type { Client, EntriesPage, ListRequest } from "./client.ts";
import { collectorErrorOf, isRefusedToken, isTooLarge } from "./client-error.ts";
import { listRequest } from "./query.ts";
import type { Settings } from "./settings.ts";

export interface ListOptions {
	readonly client: Pick<Client, "listEntries">;
	readonly attempt: Attempt;
	/** A scope's name: "projects/example". */
	readonly resource: string;
	readonly settings: Pick<Settings, "clusters" | "locations" | "filter" | "lookbackHours" | "pageEntriesMax">;
}

/**
 * The listing of one resource. It ends where the service gives no token; empty pages with one go on. A refused token and an
 * answer that is too large end it with "restart"; in the latter case smaller pages are asked for until a listing came through.
 */
export function createList({ client, attempt, resource, settings }: ListOptions): List {
	let pageSize = settings.pageEntriesMax;
	return async function* (window, signal) {
		const request = listRequest(resource, window, settings, pageSize);
		let pageToken: string | undefined;
		do {
			const turn: ListRequest = pageToken === undefined ? request : { ...request, pageToken };
			const answer = await attempt(() => ask(client, turn, signal), signal);
			if (answer === "too-large") pageSize = Math.max(1, pageSize >> 1);
			if (answer === "too-large" || answer === "refused") {
				yield { kind: "restart" };
				return;
			}
			const { entries, nextPageToken, servedAtMs } = answer;
			yield { kind: "page", records: entries, ...(servedAtMs === undefined ? {} : { servedAtMs }) };
			pageToken = nextPageToken;
		} while (pageToken !== undefined);
		pageSize = Math.min(settings.pageEntriesMax, pageSize * 2);
	};
}

async function ask(
	client: ListOptions["client"],
	request: ListRequest,
	signal: AbortSignal,
): Promise<EntriesPage | "refused" | "too-large"> {
	const [resource = ""] = request.resourceNames;
	const page = await client.listEntries(request, signal).catch((error: unknown) => {
		signal.throwIfAborted();
		if (request.pageToken !== undefined && isRefusedToken(error)) return "refused";
		if (isTooLarge(error) && request.pageSize > 1) return "too-large";
		throw collectorErrorOf(error, resource);
	});
	if (page === "refused" || page === "too-large" || isPage(page)) return page;
	throw new CollectorError(
		"SOURCE_UNAVAILABLE",
		`cloud logging answered for ${resource} with something that is no page of entries: will ask again`,
	);
}

/** What the types promise, a service need not keep. */
function isPage(page: unknown): page is EntriesPage {
	if (!isObject(page) || !Array.isArray(page["entries"])) return false;
	const token = page["nextPageToken"];
	return token === undefined || (typeof token === "string" && token !== "");
}

/** Makes the pages of a listing in the model: what the service refuses, how far a page goes, and what its token says. */

import { createHash } from "node:crypto";
import { isObject, parseOrNone } from "../../src/json/value.ts";
import type { ListedRecord } from "../../src/pull/listing.ts";
import type { EntriesPage, ListRequest } from "./client.ts";
import { type LoggingQuery, parseQuery } from "./logging-query.ts";
import { type EntryIndex, type Place, placeOf, type Selection } from "./model-index.ts";
import { type Refusal, refusal } from "./model-refusal.ts";

export interface PageLimits {
	/** Entries of a page at most, also if more are asked for. */
	readonly pageEntriesMax?: number;
	/** How often a page is empty, or not full, although there is more. */
	readonly emptyPageRate?: number;
	readonly partPageRate?: number;
	readonly tokenLifeMs?: number;
	readonly retentionMs?: number;
	/** Resources that exist. Absent: all. */
	readonly resources?: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;
export const RETENTION_MS = 30 * DAY_MS;
const PAGE_ENTRIES_MAX = 1_000;
const PAGE_ENTRIES_DEFAULT = 50;
const RESOURCES_MAX = 100;
const FILTER_CHARACTERS_MAX = 20_000;
const ORDERS: ReadonlySet<string> = new Set(["", "timestamp asc"]);
const QUERIES_KEPT_MAX = 100;

interface Token {
	/** A hash of the other parameters. */
	readonly asked: string;
	readonly issuedAtMs: number;
	readonly place?: Place;
}

/** Gives the pages of an index. */
export function createPages(
	index: EntryIndex,
	random: () => number,
	limits: PageLimits,
): (request: ListRequest, nowMs: number) => EntriesPage | Refusal {
	const queries = new Map<string, LoggingQuery | undefined>();

	function queryOf(filter: string): LoggingQuery | undefined {
		const known = queries.get(filter);
		if (known !== undefined) return known;
		if (queries.size >= QUERIES_KEPT_MAX) queries.clear();
		const query = parseQuery(filter);
		queries.set(filter, query);
		return query;
	}

	function sizeOf(request: ListRequest): number {
		const wanted = Math.min(request.pageSize || PAGE_ENTRIES_DEFAULT, limits.pageEntriesMax ?? PAGE_ENTRIES_MAX);
		// source-semantics 2.1: "an empty page may carry a token (search not finished)"
		if (random() < (limits.emptyPageRate ?? 0)) return 0;
		return random() < (limits.partPageRate ?? 0) ? 1 + Math.floor(random() * wanted) : wanted;
	}

	return (request, nowMs) => {
		const query = queryOf(request.filter);
		if (query === undefined) return refusal("invalid", "Unparseable filter");
		const objection = objectionTo(request, limits);
		if (objection !== undefined) return objection;
		const asked = parametersOf(request);
		const token = tokenOf(request, asked, nowMs, limits.tokenLifeMs ?? DAY_MS);
		if (token === "refused") return refusal("invalid", "page_token doesn't match arguments from the request");
		const size = sizeOf(request);
		const selection = { resources: request.resourceNames, filter: request.filter, query };
		const oldestMs = nowMs - (limits.retentionMs ?? RETENTION_MS);
		const { entries, place } = take(index, selection, size, { nowMs, oldestMs, after: token?.place });
		// A token is a position: what becomes visible behind it is not returned.
		const next: Token = { asked, issuedAtMs: nowMs, ...(place === undefined ? {} : { place }) };
		return {
			entries,
			servedAtMs: Math.floor(nowMs / 1000) * 1000,
			...(entries.length === size ? { nextPageToken: textOfToken(next) } : {}),
		};
	};
}

interface Reach {
	readonly nowMs: number;
	readonly oldestMs: number;
	readonly after: Place | undefined;
}

function take(index: EntryIndex, selection: Selection, size: number, { nowMs, oldestMs, after }: Reach) {
	const entries: ListedRecord[] = [];
	let place = after;
	if (size === 0) return { entries, place };
	for (const entry of index.list(selection, nowMs, after)) {
		if (entry.timestamp.ms < oldestMs) continue;
		entries.push(entry.record);
		place = placeOf(entry);
		if (entries.length === size) break;
	}
	return { entries, place };
}

/** source-semantics 2.1: "page_size max 1,000; 100 resource names; filter 20,000 chars" */
function objectionTo({ resourceNames, filter, orderBy, pageSize }: ListRequest, { resources }: PageLimits): Refusal | undefined {
	if (resourceNames.length === 0 || resourceNames.length > RESOURCES_MAX)
		return refusal("invalid", "resource_names must name 1 to 100 resources");
	if (pageSize < 0 || pageSize > PAGE_ENTRIES_MAX) return refusal("invalid", "page_size is out of range");
	if (filter.length > FILTER_CHARACTERS_MAX) return refusal("invalid", "filter is too long");
	if (!ORDERS.has(orderBy)) return refusal("invalid", "order_by is not one of those that this model has");
	const unknown = resources === undefined ? undefined : resourceNames.find((name) => !resources.has(name));
	return unknown === undefined ? undefined : refusal("unknown-resource", `Resource not found: ${unknown}`);
}

/** source-semantics 2.1: "parameters must stay identical across pages. Page tokens live 24 h" */
function tokenOf({ pageToken }: ListRequest, asked: string, nowMs: number, lifeMs: number): Token | "refused" | undefined {
	if (pageToken === undefined || pageToken === "") return undefined;
	const token = parseOrNone(Buffer.from(pageToken, "base64url"));
	if (!isObject(token)) return "refused";
	const said = token as unknown as Token;
	return said.asked === asked && nowMs - said.issuedAtMs < lifeMs ? said : "refused";
}

function textOfToken(token: Token): string {
	return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function parametersOf({ resourceNames, filter, orderBy, pageSize }: ListRequest): string {
	return createHash("sha256")
		.update(JSON.stringify([resourceNames, filter, orderBy, pageSize]))
		.digest("base64url")
		.slice(0, 16);
}

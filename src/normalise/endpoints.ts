/** From where and to where: the caller's addresses and the API server. */

import { isIP } from "node:net";
import type { AuditEvent, ResponseStatus } from "../contract/audit-event.ts";
import type { JsonObject } from "../contract/json.ts";
import type { OcsfEndpoint, OcsfEvent, OcsfObservable } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { members, objectAt, type Piece, tree } from "../json/pieces.ts";
import { rememberEach, rememberTexts } from "../json/remember.ts";
import { addressObservables } from "./observables.ts";
import { sparse } from "./sparse.ts";

/** OCSF's ip_t bounds the text; its pattern would also take masked addresses that are none. */
const IP_CHARS_MAX = 40;

/** What the addresses that a request came from give to the event. */
export interface Source {
	readonly endpoint: OcsfEndpoint;
	readonly piece: Piece<{ readonly src_endpoint: OcsfEndpoint }>;
	/** The list as it is, if any of it is no address. */
	readonly leftovers: Piece<JsonObject>;
	readonly observables: Piece<readonly OcsfObservable[]> | undefined;
}

export function sourceOf({ sourceIPs }: AuditEvent): Source {
	return sourceIPs === undefined ? NOWHERE : sourceByList(sourceIPs);
}

const sourceByList = rememberEach(sourceFrom);

/** Order kept: the first is what the client claims, only the last is trustworthy. */
function sourceFrom(sourceIPs: readonly string[]): Source {
	const [first = "", ...others] = sourceIPs;
	const isFirst = isAddress(first);
	const addresses = others.filter(isAddress);
	const endpoint = sparse<OcsfEndpoint>({
		name: isFirst ? undefined : first || "unknown",
		ip: isFirst ? first : undefined,
		intermediate_ips: addresses.length === 0 ? undefined : addresses,
	});
	const isAll = isFirst && addresses.length === others.length;
	return {
		endpoint,
		piece: members({ src_endpoint: endpoint }),
		leftovers: tree(isAll ? {} : { sourceIPs }),
		observables: addressObservables(endpoint),
	};
}

/** Of an event that says nothing of where it came from. */
const NOWHERE: Source = { ...sourceFrom([]), leftovers: tree({}) };

function isAddress(text: string): boolean {
	return text.length <= IP_CHARS_MAX && isIP(text) !== 0;
}

/** The API server is the destination; of a cluster that is not known there is none. */
export const dstEndpoint = rememberEach(({ clusterId, clusterName }: Origin): Piece<Pick<OcsfEvent, "dst_endpoint">> => {
	if (clusterId === undefined && clusterName === undefined) return members({});
	return members({ dst_endpoint: sparse<OcsfEndpoint>({ name: clusterName, uid: clusterId, svc_name: "kube-apiserver" }) });
});

const METHODS = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]);

type HttpRequest = NonNullable<OcsfEvent["http_request"]>;

/** The method only of requests for no resource: of others GET and HEAD cannot be told apart. */
export function httpRequest({ objectRef, requestURI, userAgent, verb }: AuditEvent): Piece<Pick<OcsfEvent, "http_request">> | undefined {
	if (requestURI === undefined && userAgent === undefined) return undefined;
	return objectAt(
		"http_request",
		objectRef === undefined && requestURI !== undefined ? methodOf(verb) : undefined,
		requestURI === undefined ? undefined : urlOf(requestURI),
		userAgent === undefined ? undefined : agentOf(userAgent),
	);
}

function methodOf(verb: string | undefined): Piece<Pick<HttpRequest, "http_method">> | undefined {
	const method = verb?.toUpperCase();
	return method !== undefined && METHODS.has(method) ? members({ http_method: method }) : undefined;
}

/** Split at the first question mark; a query that is empty but there stays. */
const urlOf = rememberTexts((requestURI): Piece<Pick<HttpRequest, "url">> => {
	const mark = requestURI.indexOf("?");
	const url = mark < 0 ? { path: requestURI } : { path: requestURI.slice(0, mark), query_string: requestURI.slice(mark + 1) };
	return members({ url });
});

const agentOf = rememberTexts((user_agent): Piece<Pick<HttpRequest, "user_agent">> => members({ user_agent }));

export const httpResponse = rememberEach(
	({ code }: ResponseStatus): Piece<Pick<OcsfEvent, "http_response">> => members(code === undefined ? {} : { http_response: { code } }),
);

/** From where and to where: the caller's addresses and the API server. */

import { isIP } from "node:net";
import type { AuditEvent } from "../contract/audit-event.ts";
import type { OcsfEndpoint, OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { sparse } from "./sparse.ts";
import { keep, type Leftovers } from "./unmapped.ts";

/** OCSF's ip_t bounds the text; its pattern would also take masked addresses that are none. */
const IP_CHARS_MAX = 40;

/** Order kept: the first is what the client claims, only the last is trustworthy. */
export function srcEndpoint(sourceIPs: readonly string[] | undefined, leftovers: Leftovers): OcsfEndpoint {
	const [first = "", ...others] = sourceIPs ?? [];
	const isFirst = isAddress(first);
	const addresses = others.filter(isAddress);
	if (sourceIPs !== undefined && !(isFirst && addresses.length === others.length)) keep(leftovers, ["sourceIPs"], sourceIPs);
	return sparse<OcsfEndpoint>({
		name: isFirst ? undefined : first || "unknown",
		ip: isFirst ? first : undefined,
		intermediate_ips: addresses.length === 0 ? undefined : addresses,
	});
}

function isAddress(text: string): boolean {
	return text.length <= IP_CHARS_MAX && isIP(text) !== 0;
}

/** The API server is the destination; undefined if the cluster is not known. */
export function dstEndpoint({ clusterId, clusterName }: Origin): OcsfEndpoint | undefined {
	if (clusterId === undefined && clusterName === undefined) return undefined;
	return sparse<OcsfEndpoint>({ name: clusterName, uid: clusterId, svc_name: "kube-apiserver" });
}

const METHODS = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]);

type HttpRequest = NonNullable<OcsfEvent["http_request"]>;

/** The method only of requests for no resource: of others GET and HEAD cannot be told apart. */
export function httpRequest({ objectRef, requestURI, userAgent, verb }: AuditEvent): HttpRequest | undefined {
	if (requestURI === undefined && userAgent === undefined) return undefined;
	return sparse<HttpRequest>({
		http_method: objectRef === undefined && requestURI !== undefined ? methodOf(verb) : undefined,
		url: requestURI === undefined ? undefined : urlOf(requestURI),
		user_agent: userAgent,
	});
}

function methodOf(verb: string | undefined): string | undefined {
	const method = verb?.toUpperCase();
	return method !== undefined && METHODS.has(method) ? method : undefined;
}

/** Split at the first question mark; a query that is empty but there stays. */
function urlOf(requestURI: string): HttpRequest["url"] {
	const mark = requestURI.indexOf("?");
	return mark < 0 ? { path: requestURI } : { path: requestURI.slice(0, mark), query_string: requestURI.slice(mark + 1) };
}

export function httpResponse({ responseStatus }: AuditEvent): OcsfEvent["http_response"] {
	const code = responseStatus?.code;
	return code === undefined ? undefined : { code };
}

/** From where and to where: the caller's addresses and the API server. */

import { isIP } from "node:net";
import type { AuditEvent } from "../contract/audit-event.ts";
import type { OcsfEndpoint, OcsfEvent } from "../contract/ocsf-event.ts";
import type { Origin } from "../contract/record.ts";
import { keep, type Leftovers } from "./unmapped.ts";

/** OCSF's ip_t bounds the text; its pattern would also take masked addresses that are none. */
const IP_CHARS_MAX = 40;

/** Order kept: the first is what the client claims, only the last is trustworthy. */
export function srcEndpoint(sourceIPs: readonly string[] | undefined, leftovers: Leftovers): OcsfEndpoint {
	const [first, ...others] = sourceIPs ?? [];
	if (first !== undefined && isAddress(first) && others.every(isAddress)) {
		return { ip: first, ...(others.length === 0 ? {} : { intermediate_ips: others }) };
	}
	if (sourceIPs !== undefined) keep(leftovers, ["sourceIPs"], sourceIPs);
	const addresses = others.filter(isAddress);
	return {
		...(first !== undefined && isAddress(first) ? { ip: first } : { name: first || "unknown" }),
		...(addresses.length === 0 ? {} : { intermediate_ips: addresses }),
	};
}

function isAddress(text: string): boolean {
	return text.length <= IP_CHARS_MAX && isIP(text) !== 0;
}

/** The API server is the destination; undefined if the cluster is not known. */
export function dstEndpoint({ clusterId, clusterName }: Origin): OcsfEndpoint | undefined {
	if (clusterId === undefined && clusterName === undefined) return undefined;
	return {
		...(clusterName === undefined ? {} : { name: clusterName }),
		...(clusterId === undefined ? {} : { uid: clusterId }),
		svc_name: "kube-apiserver",
	};
}

const METHODS = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]);

type HttpAttributes = Pick<OcsfEvent, "http_request" | "http_response">;

/** The method only of requests for no resource: of others GET and HEAD cannot be told apart. */
export function httpAttributes(event: AuditEvent): HttpAttributes {
	const { requestURI, userAgent, verb } = event;
	const method = event.objectRef === undefined && requestURI !== undefined ? verb?.toUpperCase() : undefined;
	const request = {
		...(method !== undefined && METHODS.has(method) ? { http_method: method } : {}),
		...(requestURI === undefined ? {} : { url: urlOf(requestURI) }),
		...(userAgent === undefined ? {} : { user_agent: userAgent }),
	};
	const code = event.responseStatus?.code;
	return {
		...(Object.keys(request).length === 0 ? {} : { http_request: request }),
		...(code === undefined ? {} : { http_response: { code } }),
	};
}

function urlOf(requestURI: string): { path: string; query_string?: string } {
	const mark = requestURI.indexOf("?");
	return mark < 0 ? { path: requestURI } : { path: requestURI.slice(0, mark), query_string: requestURI.slice(mark + 1) };
}

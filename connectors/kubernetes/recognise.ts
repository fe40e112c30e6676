/** Tells by the first members of some JSON whether it is a native audit event, whole or cut and in any order of keys. */

import type { Sniff } from "../../src/contract/connector.ts";
import { sniff } from "../../src/framing/sniff.ts";
import { parseOrNone } from "../../src/json/value.ts";
import { criPrefixLength } from "./cri.ts";

const GROUP = "audit.k8s.io/";
const WHAT = ["verb", "requestURI", "stage", "level"];
/** Data lakes store events of clouds anew, with keys of their own or with times that no API server writes. */
const isStoredAnew = ({ first, keys }: Pick<Sniff, "first" | "keys">): boolean =>
	keys.has("p_log_type") || String(first?.["stageTimestamp"]).includes(" ");

/** Whether the first object is an event of audit.k8s.io. Items of a list have neither kind nor apiVersion. */
export function looksLikeEvent(seen: Pick<Sniff, "first" | "keys">): boolean {
	const { first, keys } = seen;
	const { kind, apiVersion } = first ?? {};
	if (kind !== undefined && kind !== "Event") return false;
	if (apiVersion !== undefined && !(typeof apiVersion === "string" && apiVersion.startsWith(GROUP))) return false;
	return keys.has("auditID") && !isStoredAnew(seen) && WHAT.some((key) => keys.has(key));
}

const NODE_NAME = /^[a-z0-9][-a-z0-9.]{0,252} (?=\{)/;

/** Whether a line holds an event, once the prefixes of container runtime and node, or a shipper's envelope, are off. */
export function looksLikeEventOnLine(line: string): boolean {
	const content = line.slice(criPrefixLength(line) ?? 0).replace(NODE_NAME, "");
	if (!/^\ufeff?\s*\{/.test(content)) return false;
	const seen = sniff(Buffer.from(content));
	if (looksLikeEvent(seen) || isListOnLine(seen)) return true;
	const log = seen.keys.has("log") ? (seen.first?.["log"] ?? cutLog(content)) : undefined;
	return typeof log === "string" && looksLikeEvent(sniff(Buffer.from(log)));
}

function isListOnLine({ first }: Sniff): boolean {
	return first?.["kind"] === "EventList" && String(first["apiVersion"]).startsWith(GROUP);
}

/** Of a line longer than what is looked at: enough of the string in `log` to see the event's first members. */
function cutLog(content: string): string | undefined {
	const inside = /"log"\s*:\s*"((?:[^"\\]|\\.){1,4096})/.exec(content)?.[1];
	return inside === undefined ? undefined : (parseOrNone(`"${inside}"`) as string | undefined);
}

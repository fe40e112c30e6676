/** Opens the envelope that a log shipper puts around a line: `{"@timestamp":1764730101.93,"cluster_name":"shop","log":"..."}`. */

import type { Envelope } from "../../src/contract/decode.ts";
import type { Origin } from "../../src/contract/record.ts";
import { QUOTE } from "../../src/json/bytes.ts";
import { type Unquoted, unquote } from "../../src/json/quoted.ts";
import { restOf } from "../../src/json/rest.ts";
import { type Member, readString, scanObject, textOf, trimJson } from "../../src/json/scan.ts";

export interface Shipped {
	/** The line, and its JSON string in the envelope. */
	readonly line: Unquoted;
	readonly quoted: Uint8Array;
	readonly envelope: Envelope;
	readonly origin: Partial<Origin>;
}

/** In the order of preference; `time` is Docker's. */
const TIMES = ["@timestamp", "time"];
const IDENTITY: ReadonlyMap<string, "clusterId" | "clusterName"> = new Map([
	["cluster_uuid", "clusterId"],
	["cluster_name", "clusterName"],
]);

/** What the envelope holds; undefined if the text is no object with the line as a string in `log`. It may be cut. */
export function openShipped(original: Uint8Array): Shipped | undefined {
	const body = trimJson(original);
	const { members, state } = scanObject(body);
	const log = members.find(({ key, start }) => key === "log" && body[start] === QUOTE);
	if (log === undefined || state === "deep") return undefined;
	const quoted = body.subarray(log.start, log.end < 0 ? body.length : log.end);
	const line = unquote(quoted);
	if (line === undefined) return undefined;
	const time = readTime(body, members);
	const origin = readOrigin(body, members);
	const rest = restOf(body, members, (key) => key === "log" || key === time?.key || origin.taken.has(key));
	return {
		line,
		quoted,
		envelope: { ...(time === undefined ? {} : { loggedTime: time.value }), ...(rest === undefined ? {} : { rest }) },
		origin: origin.known,
	};
}

function readOrigin(body: Uint8Array, members: readonly Member[]): { known: Partial<Origin>; taken: ReadonlySet<string> } {
	const known: { clusterId?: string; clusterName?: string } = {};
	const taken = new Set<string>();
	for (const { key, start, end } of members) {
		const part = IDENTITY.get(key);
		const value = end < 0 || body[start] !== QUOTE ? undefined : readString(body, start, end);
		if (part === undefined || value === undefined || value === "") continue;
		known[part] = value.toWellFormed();
		taken.add(key);
	}
	return { known, taken };
}

function readTime(body: Uint8Array, members: readonly Member[]): { key: string; value: string } | undefined {
	for (const key of TIMES) {
		const member = members.find((one) => one.key === key && one.end >= 0);
		const text = member === undefined ? "" : textOf(body.subarray(member.start, member.end));
		const value = rfc3339(text);
		if (value !== undefined) return { key, value };
	}
	return undefined;
}

const RFC_3339 = /^"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))"$/;
const SECONDS = /^(\d{1,10})(?:\.(\d{1,9}))?$/;

/** Epoch seconds keep the digits that they were written with. */
function rfc3339(json: string): string | undefined {
	const asText = RFC_3339.exec(json)?.[1];
	if (asText !== undefined) return asText;
	const [, seconds, fraction] = SECONDS.exec(json) ?? [];
	if (seconds === undefined) return undefined;
	const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, "2026-11-23T15:19:25".length);
	return `${whole}${fraction === undefined ? "" : `.${fraction}`}Z`;
}

/** What of a LogEntry has no place in an audit event, and would be lost: `rebuild.ts` puts both together again. */

import type { JsonObject, JsonValue } from "../../src/contract/json.ts";
import { restOf } from "../../src/json/rest.ts";
import { isObject, isStringMap } from "../../src/json/value.ts";
import { TYPE_KEY } from "./body.ts";
import { type EntryText, type Part, partOf } from "./entry-text.ts";

type Members = Readonly<Record<string, unknown>>;

/** What the way in says around the entry (a Pub/Sub message, a CloudEvent). */
export const DELIVERY_KEY = "delivery";
/** Said by the event or the envelope if they are strings. */
const STRINGS: ReadonlySet<string> = new Set(["insertId", "logName", "receiveTimestamp", "timestamp"]);
const BODIES = ["request", "response"];

/** Which members of an object of the payload the audit event says. */
const SAID: Readonly<Record<string, (value: Members, key: string) => boolean>> = {
	authenticationInfo: isSaidOfCaller,
	requestMetadata: (value, key) => isSaidOfRequest(value, key),
	status: ({ message }, key) => key === "message" && typeof message === "string",
};

/** The entry without what the event and the envelope's own fields say; the `@type` of a body stays in the body's place. */
export function envelopeRest(text: EntryText, delivery: JsonObject | undefined): JsonObject {
	const { bytes, entry, payload } = text;
	const rest = restOf(bytes, entry.members, (key) => isSaidOfEntry(entry.value, key) || (key === "protoPayload" && payload !== undefined));
	return {
		...(delivery === undefined ? {} : { [DELIVERY_KEY]: delivery }),
		...rest,
		...(payload === undefined ? {} : { protoPayload: payloadRest(bytes, payload) }),
	};
}

function payloadRest(bytes: Uint8Array, payload: Part): JsonObject {
	const inner: [string, JsonValue][] = [];
	for (const [key, said] of Object.entries(SAID)) {
		const part = partOf(bytes, payload, key);
		if (part !== undefined) inner.push([key, restOf(bytes, part.members, (name) => said(part.value, name)) ?? {}]);
	}
	const taken = new Set([...BODIES, ...inner.map(([key]) => key)]);
	for (const key of BODIES) {
		const type = typeOf(bytes, payload, key);
		if (type !== undefined) inner.push([key, type]);
	}
	return { ...restOf(bytes, payload.members, (key) => taken.has(key)), ...Object.fromEntries(inner) };
}

/** Looked for in the body's text only if it is no string, which nobody has seen yet. */
function typeOf(bytes: Uint8Array, payload: Part, key: string): JsonObject | undefined {
	const body = payload.value[key];
	if (!isObject(body) || !Object.hasOwn(body, TYPE_KEY)) return undefined;
	const type = body[TYPE_KEY];
	if (typeof type === "string") return { [TYPE_KEY]: type };
	return restOf(bytes, partOf(bytes, payload, key)?.members ?? [], (name) => name !== TYPE_KEY);
}

function isSaidOfEntry(entry: Members, key: string): boolean {
	return STRINGS.has(key) ? typeof entry[key] === "string" : key === "labels" && isStringMap(entry[key]);
}

/** An e-mail that is the subject too stays, or nobody could tell afterwards that there were both. */
function isSaidOfCaller({ principalEmail, principalSubject, authoritySelector }: Members, key: string): boolean {
	if (key === "principalEmail") return typeof principalEmail === "string" && principalEmail !== "" && principalEmail !== principalSubject;
	return key === "authoritySelector" && typeof authoritySelector === "string" && authoritySelector !== "";
}

function isSaidOfRequest({ callerIp, callerIP, callerSuppliedUserAgent }: Members, key: string): boolean {
	if (key === "callerIp") return typeof callerIp === "string" && callerIP === undefined;
	return key === "callerSuppliedUserAgent" && typeof callerSuppliedUserAgent === "string";
}

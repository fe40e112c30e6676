/** The way back: the LogEntry out of the audit event and the envelope, which shows that nothing was lost. */

import { isObject } from "../../src/json/value.ts";
import { DELIVERY_KEY } from "./rest.ts";

type Plain = Readonly<Record<string, unknown>>;

/** What is known of an entry beside its audit event; `rest` is the envelope's, as plain JSON. */
export interface EntryAround {
	/** insertId. */
	readonly recordId?: string | undefined;
	/** receiveTimestamp. */
	readonly loggedTime?: string | undefined;
	readonly logName?: string | undefined;
	readonly rest?: Plain | undefined;
}

/**
 * The LogEntry as parsed JSON, equal to the one that was decoded (of a BigQuery row: to the entry as the row tells it).
 * `audit` is a plain audit.k8s.io event. What the decoder inferred is not put in, and of a truncated entry
 * only what was salvaged comes back.
 */
export function rebuildLogEntry(audit: Plain, { recordId, loggedTime, logName, rest = {} }: EntryAround): Plain {
	const { [DELIVERY_KEY]: delivery, protoPayload, ...others } = rest;
	return members({
		insertId: recordId,
		logName,
		timestamp: audit["stageTimestamp"],
		receiveTimestamp: loggedTime,
		labels: audit["annotations"],
		...others,
		...(delivery === undefined || isDelivery(delivery) ? {} : { [DELIVERY_KEY]: delivery }),
		protoPayload: isObject(protoPayload) ? rebuildPayload(audit, protoPayload) : protoPayload,
	});
}

function rebuildPayload(audit: Plain, rest: Plain): Plain {
	return members({
		...rest,
		authenticationInfo: rebuildIf(rest["authenticationInfo"], (info) => rebuildCaller(audit, info)),
		requestMetadata: rebuildIf(rest["requestMetadata"], (metadata) => rebuildRequest(audit, metadata)),
		status: rebuildIf(rest["status"], (status) => members({ message: inside(audit["responseStatus"], "message"), ...status })),
		request: withType(audit["requestObject"], rest["request"]),
		response: withType(audit["responseObject"], rest["response"]),
	});
}

/** The decoder keeps an e-mail in the rest if it is the subject too; so a subject that is the user's name stood alone. */
function rebuildCaller(audit: Plain, info: Plain): Plain {
	const username = inside(audit["user"], "username");
	return members({
		principalEmail: username === info["principalSubject"] ? undefined : username,
		authoritySelector: inside(audit["impersonatedUser"], "username"),
		...info,
	});
}

function rebuildRequest(audit: Plain, metadata: Plain): Plain {
	const [address]: readonly unknown[] = Array.isArray(audit["sourceIPs"]) ? audit["sourceIPs"] : [];
	return members({
		callerIp: metadata["callerIP"] === undefined ? address : undefined,
		callerSuppliedUserAgent: audit["userAgent"],
		...metadata,
	});
}

function rebuildIf(value: unknown, rebuild: (value: Plain) => Plain): unknown {
	return isObject(value) ? rebuild(value) : value;
}

function withType(body: unknown, type: unknown): unknown {
	if (isObject(body) && isObject(type)) return { ...type, ...body };
	return body === undefined ? type : body;
}

/** Nothing but what framing adds. */
function isDelivery(value: unknown): boolean {
	if (!isObject(value)) return false;
	const keys = Object.keys(value);
	return keys.length === 1 && (keys[0] === "pubsub" || keys[0] === "cloudEvent");
}

function inside(value: unknown, key: string): unknown {
	return isObject(value) ? value[key] : undefined;
}

function members(value: Plain): Plain {
	return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

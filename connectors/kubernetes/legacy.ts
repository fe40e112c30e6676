/** Reads `--audit-log-format=legacy`, the text of an audit event on one line: a small part of what JSON would say. */

import type { AuditEvent, AuditUser } from "../../src/contract/audit-event.ts";
import type { Decoded, Repair, Truncation } from "../../src/contract/decode.ts";
import { CollectorError } from "../../src/contract/errors.ts";
import { QUOTE, SPACE } from "../../src/json/bytes.ts";
import { skipString, textOf, trimJson } from "../../src/json/scan.ts";
import { unquoteGo, unquoteGoList } from "./go-quote.ts";

/** The time is requestReceivedTimestamp at every stage: apiserver pkg/audit/format.go. */
const HEAD = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) AUDIT: /;
const HEAD_BYTES_MAX = 48;

/** The format's fields in their order, and the members of the event that they are. */
const FIELDS = {
	id: "auditID",
	stage: "stage",
	ip: "sourceIPs",
	method: "verb",
	user: "user",
	groups: "user",
	as: "impersonatedUser",
	asgroups: "impersonatedUser",
	"user-agent": "userAgent",
	namespace: "objectRef",
	uri: "requestURI",
	response: "responseStatus",
} as const satisfies Record<string, keyof AuditEvent>;

type Field = keyof typeof FIELDS;
const LAST: Field = "response";

/** What the server writes for "the event does not say". */
const ABSENT: ReadonlyMap<Field, string> = new Map([
	["ip", "<unknown>"],
	["user", "<none>"],
	["groups", "<none>"],
	["as", "<self>"],
	["asgroups", "<lookup>"],
	["user-agent", ""],
	["namespace", "<none>"],
	["response", "<deferred>"],
]);

/** The time that a line of this format begins with; undefined for other lines. */
export function legacyTime(line: Uint8Array): string | undefined {
	return HEAD.exec(textOf(line.subarray(0, HEAD_BYTES_MAX)))?.[1];
}

/** Decodes a line that `legacyTime` knows. One that was cut gives what it says before the cut, if that includes id and method. */
export function decodeLegacy(original: Uint8Array): Decoded {
	const line = trimJson(original);
	const time = legacyTime(line);
	const read = time === undefined ? undefined : readFields(line, HEAD.exec(textOf(line.subarray(0, HEAD_BYTES_MAX)))?.[0].length ?? 0);
	if (time === undefined || read === undefined) return bad("its fields are not those of the format");
	const event = buildEvent(time, read.fields);
	if (event === undefined) return bad("a list of groups or the response is malformed");
	if (event.auditID === undefined || event.verb === undefined) return bad("cut before it says who did what");
	return {
		kind: "event",
		event,
		envelope: {},
		identity: line,
		inferred: [],
		...(read.truncated === undefined ? {} : { truncated: read.truncated }),
		...(read.what.size === 0 ? {} : { repaired: { what: [...read.what], original: line } }),
	};
}

interface Fields {
	/** Without those that say nothing. */
	readonly fields: ReadonlyMap<Field, string>;
	readonly truncated?: Truncation;
	readonly what: ReadonlySet<Repair["what"][number]>;
}

function readFields(line: Uint8Array, from: number): Fields | undefined {
	const fields = new Map<Field, string>();
	const what = new Set<Repair["what"][number]>();
	const cutIn = (key: Field | undefined): Fields => ({
		fields,
		what,
		truncated: { sizeBytes: line.length, ...(key === undefined ? {} : { cutIn: FIELDS[key] }) },
	});
	let at = from;
	for (const key of Object.keys(FIELDS) as Field[]) {
		const name = `${key}=`;
		const found = textOf(line.subarray(at, at + name.length));
		if (found !== name) return at + found.length >= line.length && name.startsWith(found.trimEnd()) ? cutIn(undefined) : undefined;
		at += name.length;
		if (at >= line.length) return cutIn(key);
		if (line[at] !== QUOTE) return undefined;
		const end = skipString(line, at);
		if (end < 0 || end > line.length) return cutIn(key);
		const value = unquoteGo(line.subarray(at + 1, end - 1));
		for (const fault of value.what) what.add(fault);
		if (value.text !== ABSENT.get(key)) fields.set(key, value.text);
		at = end;
		if (key !== LAST && at < line.length && line[at] !== SPACE) return undefined;
		at++;
	}
	return at > line.length ? { fields, what } : undefined;
}

function buildEvent(requestReceivedTimestamp: string, fields: ReadonlyMap<Field, string>): AuditEvent | undefined {
	const user = buildUser(fields.get("user"), fields.get("groups"));
	const impersonated = fields.has("as") || fields.has("asgroups") ? buildUser(fields.get("as"), fields.get("asgroups")) : undefined;
	const response = fields.get("response");
	if (user === undefined || (impersonated === undefined && fields.has("as"))) return undefined;
	if (response !== undefined && !/^-?\d{1,9}$/.test(response)) return undefined;
	const said = <K extends string>(key: K, field: Field): { [key in K]?: string } => {
		const value = fields.get(field);
		return value === undefined ? {} : ({ [key]: value } as { [key in K]?: string });
	};
	const ip = fields.get("ip");
	const namespace = fields.get("namespace");
	return {
		...said("auditID", "id"),
		...said("stage", "stage"),
		...said("requestURI", "uri"),
		...said("verb", "method"),
		user,
		...(impersonated === undefined ? {} : { impersonatedUser: impersonated }),
		...(ip === undefined ? {} : { sourceIPs: [ip] }),
		...said("userAgent", "user-agent"),
		...(namespace === undefined ? {} : { objectRef: { namespace } }),
		...(response === undefined ? {} : { responseStatus: { code: Number(response) } }),
		requestReceivedTimestamp,
	};
}

function buildUser(username: string | undefined, list: string | undefined): AuditUser | undefined {
	const groups = list === undefined ? undefined : unquoteGoList(list);
	if (list !== undefined && groups === undefined) return undefined;
	return { ...(username === undefined || username === "" ? {} : { username }), ...(groups === undefined ? {} : { groups }) };
}

function bad(what: string): Decoded {
	return { kind: "bad", error: new CollectorError("RECORD_MALFORMED", `cannot read the line of a legacy audit log: ${what}`) };
}

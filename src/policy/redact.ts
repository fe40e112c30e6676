/** Redaction of a decoded event: nothing that the rules name leaves the house. */

import type { AuditEvent, AuditUser } from "../contract/audit-event.ts";
import type { DecodedEvent, Envelope } from "../contract/decode.ts";
import type { RawJson } from "../contract/json.ts";
import { latin1Of } from "../json/walk.ts";
import { compileRules, type Pass, verdictOf } from "./pass.ts";
import { type Profile, profileOfEvent } from "./profiles.ts";
import { redactAt, redactMember, redactMembers, redactRaw, replaceRaw } from "./redact-member.ts";
import { sameOrEntries, sameOrMapped } from "./same.ts";
import type { RedactionSettings } from "./settings.ts";
import { isSuspicious } from "./trigger.ts";

export interface Redaction {
	readonly decoded: DecodedEvent;
	/** Rule -> how many values it replaced. */
	readonly redacted: ReadonlyMap<string, number>;
}

/** A pure function of a decoded event; the same object comes back if there is nothing to replace. */
export type Redactor = (decoded: DecodedEvent) => Redaction;

/**
 * Compiles settings. Once something is replaced, the original bytes of a repaired text are dropped, too.
 * Throws CONFIG_INVALID for a path that has no meaning.
 */
export function createRedactor(settings: RedactionSettings): Redactor {
	const rules = compileRules(settings);
	if (!settings.enabled) return (decoded) => ({ decoded, redacted: new Map() });
	return (decoded) => redact({ rules, counts: new Map() }, decoded);
}

function redact(pass: Pass, decoded: DecodedEvent): Redaction {
	const special = profileOfEvent(decoded.event);
	const profile = special !== undefined && pass.rules.on[special.preset] ? special : undefined;
	// Of a record that was cut before it named its resource, nobody can tell whether a body is a Secret's.
	const isBlind = decoded.truncated !== undefined && decoded.event.objectRef?.resource === undefined && special === undefined;
	const event = redactEvent(pass, decoded.event, profile, isBlind);
	const envelope = redactEnvelope(pass, decoded.envelope, profile);
	const { repaired } = decoded;
	const hides = repaired?.original !== undefined && (pass.counts.size > 0 || hidesMore(repaired.what, repaired.original, profile));
	if (event === decoded.event && envelope === decoded.envelope && !hides) return { decoded, redacted: pass.counts };
	return { decoded: { ...decoded, event, envelope, ...(hides ? { repaired: { what: repaired.what } } : {}) }, redacted: pass.counts };
}

/** Of a repeated key the event has one value; the original has them all, and no rule has seen the others. */
function hidesMore(what: readonly string[], original: Uint8Array, profile: Profile | undefined): boolean {
	return what.includes("repeated-key") && (profile !== undefined || isSuspicious(latin1Of(original)));
}

/** The members that policy may change. */
interface Changes {
	requestURI?: string;
	userAgent?: string;
	annotations?: Readonly<Record<string, string>>;
	responseStatus?: NonNullable<AuditEvent["responseStatus"]>;
	user?: AuditUser;
	impersonatedUser?: AuditUser;
	requestObject?: RawJson;
	responseObject?: RawJson;
	extras?: NonNullable<AuditEvent["extras"]>;
}

function redactEvent(pass: Pass, event: AuditEvent, profile: Profile | undefined, isBlind: boolean): AuditEvent {
	const changes: Changes = {};
	redactTexts(pass, event, profile, changes);
	for (const name of ["user", "impersonatedUser"] as const) {
		const user = redactUser(pass, name, event[name]);
		if (user !== undefined && user !== event[name]) changes[name] = user;
	}
	for (const name of ["requestObject", "responseObject"] as const) {
		const body = event[name] && redactRawBody(pass, event[name], name, profile, isBlind);
		if (body !== undefined && body !== event[name]) changes[name] = body;
	}
	const extras =
		event.extras &&
		sameOrMapped(event.extras, (extra) => {
			const value = redactRaw(pass, extra.value, extra.path, profile);
			return value === extra.value ? extra : { ...extra, value };
		});
	if (extras !== undefined && extras !== event.extras) changes.extras = extras;
	return Object.keys(changes).length === 0 ? event : { ...event, ...changes };
}

function redactTexts(pass: Pass, event: AuditEvent, profile: Profile | undefined, changes: Changes): void {
	for (const name of ["requestURI", "userAgent"] as const) {
		const text = event[name];
		const redacted = text === undefined ? undefined : redactAt(pass, text, [name], undefined);
		if (redacted !== undefined && redacted !== text) changes[name] = redacted;
	}
	const { annotations, responseStatus } = event;
	if (annotations !== undefined) {
		const redacted = sameOrEntries(annotations, (value, key) => redactMember(pass, value, ["annotations", key], profile));
		if (redacted !== annotations) changes.annotations = redacted;
	}
	if (responseStatus?.message !== undefined) {
		const message = redactAt(pass, responseStatus.message, ["responseStatus", "message"], profile);
		if (message !== responseStatus.message) changes.responseStatus = { ...responseStatus, message };
	}
}

function redactUser(pass: Pass, name: "user" | "impersonatedUser", user: AuditUser | undefined): AuditUser | undefined {
	if (user?.extra === undefined) return user;
	const extra = sameOrEntries(user.extra, (values, key) =>
		sameOrMapped(values, (value) => redactMember(pass, value, [name, "extra", key], undefined)),
	);
	return extra === user.extra ? user : { ...user, extra };
}

function redactRawBody(pass: Pass, body: RawJson, name: string, profile: Profile | undefined, isBlind: boolean): RawJson {
	if (isBlind && pass.rules.readsBodies && verdictOf(pass, [name]) !== "keep") return replaceRaw(pass, "unreadable", body);
	return redactRaw(pass, body, [name], profile, true);
}

function redactEnvelope(pass: Pass, envelope: Envelope, profile: Profile | undefined): Envelope {
	if (envelope.rest === undefined) return envelope;
	const rest = redactMembers(pass, envelope.rest, ["envelope"], profile);
	return rest === envelope.rest ? envelope : { ...envelope, rest };
}
